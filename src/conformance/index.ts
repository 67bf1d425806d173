/**
 * Run the test vectors against any verifier, this library included.
 *
 * The vectors and the protocol are described in docs/conformance.md. Nothing here starts a program or reads a
 * file: the verifier is a function, or whatever you connect.
 *
 * @module
 */
export type {
  AcceptAnswer,
  Answer,
  ErrorAnswer,
  Freshness,
  RejectAnswer,
  RequestId,
  UnsupportedAnswer,
} from './answer.ts';
export { answerRequest } from './answer-request.ts';
export type { Misbehaviour } from './ask-all.ts';
export { type OpenVerifier, type Reception, type VerifierConnection, verifierFromFunction } from './connection.ts';
export { VECTOR_FLAGS, type VectorFlag } from './flags.ts';
export type { JsonProperties, JsonProperty, PropertyName } from './json-properties.ts';
export type { FailureKind } from './judge.ts';
export { parseVector } from './parse-vector.ts';
export { renderJson } from './render-json.ts';
export { renderJUnit } from './render-junit.ts';
export { renderMarkdown } from './render-markdown.ts';
export { renderText } from './render-text.ts';
export type { CaseReport, ConformanceReport, Counts } from './report.ts';
export { runVectors, type RunVectorsOptions } from './run-vectors.ts';
export type {
  AcmeCase,
  ChainCase,
  CsrCase,
  DeviceInformationCase,
  Expectation,
  ExpectedAnswer,
  Operation,
  PathInput,
  PropertiesCase,
  Vector,
  VectorCase,
} from './vector.ts';
