/** The closed list of the flags of a vector, each with its meaning. */
export const VECTOR_FLAGS = {
  path: 'the rules of RFC 5280 that bind one certificate to the next',
  time: 'validity and the forms of time',
  signature: 'ECDSA signatures and their form',
  key: 'public keys and their form',
  der: 'DER where BER would allow more',
  cbor: 'deterministic CBOR',
  limits: 'sizes, counts, depth',
  text: 'character sets and invisible characters',
  freshness: 'the freshness code',
  property: 'the form and meaning of an attested property',
  undetermined: 'absent or blank, which is never good',
  identity: 'who the device is, compared with who was expected',
  'user-enrollment': 'what a User Enrollment leaves out',
  'real-world': 'what real devices send',
  future: 'what Apple may send one day, to be let in',
  'known-mistake': 'an existing verifier gets it wrong',
  profile: 'stricter than RFC 5280 on purpose, in the profile of an attestation',
} as const satisfies Readonly<Record<string, string>>;

/** A flag of a vector; `VECTOR_FLAGS` says what each means. */
export type VectorFlag = keyof typeof VECTOR_FLAGS;
