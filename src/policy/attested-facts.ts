import type { AttestedProperties, Property } from '../core/properties.ts';
import type { AttestationFacts, AttestedFact, AttestedName } from './facts.ts';

/**
 * The facts of one attestation: what it says of itself, and its properties. Spelled out, so that a property that is added
 * to the core is missed by the compiler, and in one literal, which takes a tenth of the time that two take.
 */
export function attestationFactsOf(
  { certificate, attestedAt, notAfter, freshness, publicKey }: Omit<AttestationFacts, AttestedName>,
  properties: AttestedProperties,
): AttestationFacts {
  const fact = <Value>(property: Property<Value>): AttestedFact<Value> =>
    property.status === 'attested'
      ? { status: 'known', value: property.value, source: 'attested', attestedAt, certificate }
      : { status: property.status };
  return {
    certificate,
    attestedAt,
    notAfter,
    freshness,
    publicKey,
    serialNumber: fact(properties.serialNumber),
    udid: fact(properties.udid),
    softwareUpdateDeviceId: fact(properties.softwareUpdateDeviceId),
    osVersion: fact(properties.osVersion),
    sepOsVersion: fact(properties.sepOsVersion),
    llbVersion: fact(properties.llbVersion),
    systemIntegrityProtection: fact(properties.systemIntegrityProtection),
    secureBoot: fact(properties.secureBoot),
    thirdPartyKernelExtensions: fact(properties.thirdPartyKernelExtensions),
  };
}
