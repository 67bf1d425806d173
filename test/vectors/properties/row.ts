import type { VectorFlag } from '../../../src/conformance/flags.ts';
import type { JsonProperties, JsonProperty, PropertyName } from '../../../src/conformance/json-properties.ts';
import { toHex } from '../../../src/core/bytes.ts';
import type { AttestationErrorCode } from '../../../src/index.ts';
import { PROPERTY_ARCS } from '../../../src/testing/leaf.ts';
import { type CertificateSpec, type ExtensionSpec, property } from '../../support/mint.ts';
import type { Draft } from '../draft.ts';
import { chainWith, GENUINE_PROPERTIES, propertiesCase, withExtensions } from '../support.ts';

interface Common {
  readonly name: string;
  readonly title: string;
  readonly flags: readonly [VectorFlag, ...VectorFlag[]];
  readonly source: string;
}

interface Read extends Common {
  /** The genuine leaf with changes. */
  readonly leaf: Partial<CertificateSpec>;
  /** What it says in another way than the genuine one. */
  readonly says: Partial<JsonProperties>;
}

interface Refused extends Common {
  readonly code: AttestationErrorCode;
  readonly fault: string;
  /** The genuine leaf, made into what is refused. */
  readonly of: (leaf: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

/** A vector of the properties of a leaf: refused where it has a code, read otherwise. */
export type Row = Read | Refused;

export const SOURCES = {
  apple: 'Apple, Validating a Managed Device Attestation',
  form: 'profile of this project: vectors/README.md, What a property is made of',
  operation: 'profile of this project: docs/conformance.md, The protocol',
} as const;

export const attested = (value: string): JsonProperty => ({ status: 'attested', value });
export const malformed = (value: Uint8Array): JsonProperty => ({ status: 'malformed', bytes: toHex(value) });
export const ABSENT: JsonProperty = { status: 'absent' };
export const BLANK: JsonProperty = { status: 'blank' };

/** The genuine leaf with one property of these bytes. */
export function stating(name: PropertyName, value: Uint8Array): Partial<CertificateSpec> {
  return { extensions: withExtensions('leaf', property(PROPERTY_ARCS[name], value)) };
}

/** The genuine leaf with these extensions after its own. */
export function followedBy(...more: readonly ExtensionSpec[]): Partial<CertificateSpec> {
  return { extensions: [...withExtensions('leaf'), ...more] };
}

export async function draftOf({ name, title, flags, source, ...row }: Row): Promise<Draft> {
  const common = { name, title, flags, source };
  if ('code' in row) {
    const { code, fault, of } = row;
    const { leaf } = await chainWith();
    return {
      ...common,
      ...propertiesCase(await of(leaf)),
      result: 'reject',
      code,
      fault,
      undone: propertiesCase(leaf),
    };
  }
  const { leaf } = await chainWith({ leaf: row.leaf });
  const properties = { ...GENUINE_PROPERTIES, ...row.says };
  return { ...common, ...propertiesCase(leaf), result: 'accept', answer: { properties } };
}
