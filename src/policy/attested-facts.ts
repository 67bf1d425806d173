import type { AttestedProperties, Property } from '../core/properties.ts';
import type { AttestationFacts, AttestedFact, AttestedName, AttestedValue } from './facts.ts';

/**
 * The facts of the properties of one attestation, all of them with what says them. Spelled out, so that a property that is
 * added to the core is missed by the compiler.
 */
export function factsOfProperties(
  properties: AttestedProperties,
  said: Pick<AttestedValue<unknown>, 'attestedAt' | 'certificate'>,
): Pick<AttestationFacts, AttestedName> {
  const fact = <Value>(property: Property<Value>): AttestedFact<Value> =>
    property.status === 'attested'
      ? { status: 'known', value: property.value, source: 'attested', ...said }
      : { status: property.status };
  return {
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
