/**
 * Test without a device: an attestation authority that mints what Apple mints, a simulated device, and every
 * attack by name.
 *
 * Needs `@noble/curves` and `@noble/hashes`, and no API of Node.
 *
 * @module
 */
export { encodeAttestationObject, type EncodeAttestationObjectOptions } from './attestation-object.ts';
export { type AttestationAuthority, type AttestRequest, createAttestationAuthority } from './authority.ts';
export type { ChainFaultName } from './chain-faults.ts';
export {
  createSimulatedDevice,
  type DeviceState,
  type SimulatedAnswer,
  type SimulatedDevice,
  type SimulatedDeviceOptions,
} from './device.ts';
export type { EnclaveKey } from './enclave.ts';
export { type Fault, FAULTS } from './faults.ts';
export type { PropertyValues } from './leaf.ts';
export type { ObjectFaultName } from './object-faults.ts';
