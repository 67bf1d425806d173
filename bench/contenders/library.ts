import {
  parseAttestationChain,
  parseCertificate,
  type Property,
  type VerifiedAttestation,
  verifyAttestation,
} from 'managed-device-attestation';
import type { Contender, Facts } from './contender.ts';

/** This library, as built. Whether the issuer is remembered depends on the evidence that it is fed. */
export const library: Contender = {
  name: 'managed-device-attestation',
  prepare({ root, expectedFreshnessCode, at }) {
    const trustAnchors = [parseCertificate(root)];
    return async ({ leaf, subCa }) => {
      const chain = parseAttestationChain([leaf, subCa]);
      const { properties } = await verifyAttestation(chain, { at, expectedFreshnessCode, trustAnchors });
      return factsOf(properties);
    };
  },
};

export function factsOf(properties: VerifiedAttestation['properties']): Facts {
  return {
    serialNumber: attested(properties.serialNumber),
    udid: attested(properties.udid),
    softwareUpdateDeviceId: attested(properties.softwareUpdateDeviceId),
    osVersion: attested(properties.osVersion),
    sepOsVersion: attested(properties.sepOsVersion),
    llbVersion: attested(properties.llbVersion),
    freshnessCode: attested(properties.freshnessCode),
    systemIntegrityProtection: attested(properties.systemIntegrityProtection),
    secureBoot: attested(properties.secureBoot),
    thirdPartyKernelExtensions: attested(properties.thirdPartyKernelExtensions),
  };
}

function attested<Value>(property: Property<Value>): Value {
  if (property.status !== 'attested') throw new Error(property.status);
  return property.value;
}
