import { createHash } from 'node:crypto';
import { type BaseBlock, Constructed, Enumerated, GeneralizedTime, Integer, OctetString, Primitive } from 'asn1js';
import {
  AuthorityKeyIdentifier,
  BasicOCSPResponse,
  Certificate,
  CertificateRevocationList,
  type CertID,
  Extension,
  Extensions,
  OCSPRequest,
  OCSPResponse,
  ResponseBytes,
  RevokedCertificate,
  SingleResponse,
  Time,
  TimeType,
} from 'pkijs';
import { toHex } from '../../../src/core/bytes.ts';

/** Lists and answers on what was revoked, as a certification authority signs them. Made by pkijs: the library only reads them. */

export interface RevocationSigner {
  /** DER of the authority. */
  readonly certificate: Uint8Array<ArrayBuffer>;
  readonly privateKey: CryptoKey;
}

export interface Revoked {
  /** Lower-case hexadecimal, as in the certificate. */
  readonly serialNumber: string;
  readonly at: Date;
  /** RFC 5280, 5.3.1. */
  readonly reason: number;
}

/** From when to when a document counts, in whole seconds. */
export interface Period {
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
}

export function periodFrom(at: Date, seconds: number): Period {
  const start = 1000 * Math.floor(at.getTime() / 1000);
  return { thisUpdate: new Date(start), nextUpdate: new Date(start + 1000 * seconds) };
}

/** RFC 5280, 5.3.1: an entry without a reason says the same. */
const UNSPECIFIED = 0;

const bufferOf = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;
const bytesOfHex = (text: string): ArrayBuffer => bufferOf(Buffer.from(text, 'hex'));
const timeOf = (value: Date): Time => new Time({ type: TimeType.UTCTime, value });
const extension = (extnID: string, value: { toBER: () => ArrayBuffer }): Extension =>
  new Extension({ extnID, critical: false, extnValue: value.toBER() });

/** A complete list of this authority (RFC 5280, 5). */
export async function writeRevocationList(
  signer: RevocationSigner,
  revoked: readonly Revoked[],
  { thisUpdate, nextUpdate }: Period,
): Promise<Uint8Array<ArrayBuffer>> {
  const authority = Certificate.fromBER(bufferOf(signer.certificate));
  const list = new CertificateRevocationList();
  list.version = 1;
  list.issuer = authority.subject;
  list.thisUpdate = timeOf(thisUpdate);
  list.nextUpdate = timeOf(nextUpdate);
  // An empty list of entries is left out.
  if (revoked.length > 0) list.revokedCertificates = revoked.map(entryOf);
  const keyIdentifier = new OctetString({ valueHex: keyIdentifierOf(authority) });
  list.crlExtensions = new Extensions({
    extensions: [
      extension('2.5.29.35', new AuthorityKeyIdentifier({ keyIdentifier }).toSchema()),
      // The number of a list only grows: here it is the time.
      extension('2.5.29.20', new Integer({ value: thisUpdate.getTime() / 1000 })),
    ],
  });
  await list.sign(signer.privateKey, 'SHA-256');
  return new Uint8Array((list.toSchema(true) as BaseBlock).toBER());
}

function entryOf({ serialNumber, at, reason }: Revoked): RevokedCertificate {
  return new RevokedCertificate({
    userCertificate: new Integer({ valueHex: bytesOfHex(serialNumber) }),
    revocationDate: timeOf(at),
    ...(reason === UNSPECIFIED
      ? {}
      : {
          crlEntryExtensions: new Extensions({
            extensions: [extension('2.5.29.21', new Enumerated({ value: reason }))],
          }),
        }),
  });
}

function keyIdentifierOf(authority: Certificate): ArrayBuffer {
  const { extnValue } = authority.extensions!.find(({ extnID }) => extnID === '2.5.29.14')!;
  // An OCTET STRING within the one of the extension, of fewer than 128 bytes.
  return bufferOf(extnValue.valueBlock.valueHexView.subarray(2));
}

/** What is known of a certificate; undefined if it was not issued here. */
export type StatusOf = (serialNumber: string) => Promise<{ readonly revoked: Revoked | undefined } | undefined>;

const MALFORMED_REQUEST = 1;

/** Answers a request (RFC 6960), signed by the authority itself. What is no request gets an answer without a signature. */
export async function answerOcspRequest(
  signer: RevocationSigner,
  request: Uint8Array,
  statusOf: StatusOf,
  period: Period,
): Promise<Uint8Array<ArrayBuffer>> {
  const ids = readRequest(request);
  if (ids === undefined)
    return encode(new OCSPResponse({ responseStatus: new Enumerated({ value: MALFORMED_REQUEST }) }));
  const authority = Certificate.fromBER(bufferOf(signer.certificate));
  const basic = new BasicOCSPResponse();
  basic.tbsResponseData.responderID = authority.subject;
  basic.tbsResponseData.producedAt = period.thisUpdate;
  basic.tbsResponseData.responses = await Promise.all(
    ids.map(async (certID) => {
      const isOurs = isIssuer(authority, certID);
      const known = isOurs ? await statusOf(toHex(certID.serialNumber.valueBlock.valueHexView)) : undefined;
      return new SingleResponse({ certID, certStatus: encodeStatus(known), ...period });
    }),
  );
  await basic.sign(signer.privateKey, 'SHA-256');
  return encode(
    new OCSPResponse({
      responseStatus: new Enumerated({ value: 0 }),
      responseBytes: new ResponseBytes({
        responseType: '1.3.6.1.5.5.7.48.1.1',
        response: new OctetString({ valueHex: basic.toSchema().toBER() }),
      }),
    }),
  );
}

const encode = (response: OCSPResponse): Uint8Array<ArrayBuffer> => new Uint8Array(response.toSchema().toBER());

const MAX_ASKED_CERTIFICATES = 8;

function readRequest(request: Uint8Array): readonly CertID[] | undefined {
  try {
    const { requestList } = OCSPRequest.fromBER(bufferOf(request)).tbsRequest;
    return requestList.length > MAX_ASKED_CERTIFICATES ? undefined : requestList.map(({ reqCert }) => reqCert);
  } catch {
    return undefined;
  }
}

const HASHES: Readonly<Record<string, string>> = { '1.3.14.3.2.26': 'sha1', '2.16.840.1.101.3.4.2.1': 'sha256' };

function isIssuer(authority: Certificate, { hashAlgorithm, issuerNameHash, issuerKeyHash }: CertID): boolean {
  const algorithm = HASHES[hashAlgorithm.algorithmId];
  if (algorithm === undefined) return false;
  const isHash = (hash: OctetString, data: ArrayBuffer): boolean =>
    createHash(algorithm).update(new Uint8Array(data)).digest('hex') === toHex(hash.valueBlock.valueHexView);
  return (
    isHash(issuerNameHash, authority.subject.toSchema().toBER()) &&
    isHash(issuerKeyHash, bufferOf(authority.subjectPublicKeyInfo.subjectPublicKey.valueBlock.valueHexView))
  );
}

/** CertStatus ::= CHOICE { good [0] NULL, revoked [1] RevokedInfo, unknown [2] NULL }, all implicit. */
function encodeStatus(known: Awaited<ReturnType<StatusOf>>): Primitive | Constructed {
  const tag = (tagNumber: number) => ({ idBlock: { tagClass: 3, tagNumber } });
  if (known === undefined) return new Primitive(tag(2));
  if (known.revoked === undefined) return new Primitive(tag(0));
  const { at, reason } = known.revoked;
  const reasons =
    reason === UNSPECIFIED
      ? []
      : [new Constructed({ idBlock: { tagClass: 3, tagNumber: 0 }, value: [new Enumerated({ value: reason })] })];
  return new Constructed({ ...tag(1), value: [new GeneralizedTime({ valueDate: at }), ...reasons] });
}
