import { equalBytes } from '../../../../src/core/bytes.ts';
import { derCursor, enter, readContent, readOid, SEQUENCE, SET } from '../../../../src/core/der.ts';
import { decode, includes, REFERENCE } from '../reference.ts';
import { Refusal } from '../protocol.ts';
import type { Certificates, Steps } from '../steps.ts';
import { weaknesses } from './weakness.ts';

const always = (): boolean => true;
const DAY_MILLISECONDS = 86_400_000;

/** From the certificate that nobody else was issued by, up. */
const sorted: Steps['arrange'] = (chain, anchors) => {
  const isIssuer = (candidate: Certificates[number]): boolean =>
    chain.some((other) => other !== candidate && equalBytes(other.issuer.der, candidate.subject.der));
  const path = chain.filter((certificate) => !isIssuer(certificate)).slice(0, 1);
  for (let next = path[0]; next !== undefined;) {
    const { issuer } = next;
    next = chain.find((candidate) => !path.includes(candidate) && equalBytes(candidate.subject.der, issuer.der));
    if (next !== undefined) path.push(next);
  }
  return REFERENCE.arrange(path.length === chain.length ? path : chain, anchors);
};

/** Up to the first that an anchor is the issuer of. */
const asFarAsNeeded: Steps['arrange'] = (chain, anchors) => {
  const top = chain.findIndex(({ issuer }) => anchors.some(({ subject }) => equalBytes(issuer.der, subject.der)));
  return chain.slice(0, top + 1 || chain.length);
};

const isSelfIssued = ({ issuer, subject }: Certificates[number]): boolean => equalBytes(issuer.der, subject.der);

/** The values of a name, whatever their string types. */
function valuesOf(name: Uint8Array): string {
  const cursor = derCursor(name);
  const values: string[] = [];
  enter(cursor, SEQUENCE);
  const { end } = cursor;
  while (cursor.offset < end) {
    enter(cursor, SET);
    enter(cursor, SEQUENCE);
    const oid = Buffer.from(readOid(cursor)).toString('hex');
    values.push(`${oid}=${Buffer.from(readContent(cursor, cursor.bytes[cursor.offset]!)).toString()}`);
    cursor.end = end;
  }
  return values.join();
}

export const PATH_WEAKNESSES = [
  ...weaknesses('accepts', {
    'path: pathLen is ignored': { isWithinPathLength: always },
    'path: pathLen is off by one': {
      isWithinPathLength: ({ basicConstraints }, below) => below <= (basicConstraints?.pathLength ?? Infinity) + 1,
    },
    'path: pathLen counts for the lowest authority alone': {
      isWithinPathLength: (issuer, below) => below > 1 || REFERENCE.isWithinPathLength(issuer, below),
    },
    'path: pathLen of 0 is read as none': {
      isWithinPathLength: ({ basicConstraints }, below) =>
        basicConstraints?.pathLength === 0 || below <= (basicConstraints?.pathLength ?? Infinity),
    },
    'path: names are not chained': { isNamed: always },
    'path: names are compared by their text': { isNamed: (issuer, subject) => issuer.text === subject.text },
    'path: names are compared by their values, whatever the string type': {
      isNamed: (issuer, subject) => valuesOf(issuer.der) === valuesOf(subject.der),
    },
    'path: names are compared in any case': {
      isNamed: (issuer, subject) => issuer.text.toLowerCase() === subject.text.toLowerCase(),
    },
    'path: names are compared by the common name': {
      isNamed: (issuer, subject) => /CN=[^,]*/.exec(issuer.text)?.[0] === /CN=[^,]*/.exec(subject.text)?.[0],
    },
    'path: an issuer without basicConstraints is an authority': {
      isAuthority: ({ basicConstraints }) => basicConstraints?.ca !== false,
    },
    'path: an issuer with basicConstraints is an authority, whatever they say': {
      isAuthority: ({ basicConstraints }) => basicConstraints !== undefined,
    },
    'path: whoever may sign certificates is an authority': {
      isAuthority: (issuer) => issuer.basicConstraints?.ca === true || issuer.keyUsage?.keyCertSign === true,
    },
    'path: a leaf is an issuer like any other': {
      isAuthority: always,
      maySignCertificates: always,
      isWithinPathLength: always,
    },
    'path: the anchor need be no authority': {
      isAuthority: (issuer) => isSelfIssued(issuer) || REFERENCE.isAuthority(issuer),
    },
    'path: keyCertSign of an issuer is ignored': { maySignCertificates: always },
    'path: keyCertSign of the anchor is ignored': {
      maySignCertificates: (issuer) => isSelfIssued(issuer) || REFERENCE.maySignCertificates(issuer),
    },
    'path: the leaf may be an authority': { isEndEntity: always },
    'path: the leaf may be an authority that signs certificates, such as the Sub CA': {
      isEndEntity: always,
      isLeafUsage: always,
    },
    'path: keyUsage of the leaf is ignored': { isLeafUsage: always },
    'path: the leaf may sign certificates': {
      isLeafUsage: ({ keyUsage }) => keyUsage?.digitalSignature !== false,
    },
    'path: a leaf that may not sign may commit to content': {
      isLeafUsage: (leaf) => {
        const usage = leaf.extensions.find(({ oid }) => oid === '2.5.29.15')?.value[3] ?? 0xff;
        return leaf.keyUsage?.keyCertSign !== true && (usage & 0xc0) !== 0;
      },
    },
    'path: the leaf need not sign': { isLeafUsage: ({ keyUsage }) => keyUsage?.keyCertSign !== true },
    'path: unknown critical extensions are ignored': { isCriticalKnown: always },
    'path: unknown critical extensions of authorities are ignored': {
      isCriticalKnown: (oid, place) => place !== 'leaf' || REFERENCE.isCriticalKnown(oid, place),
    },
    'path: unknown critical extensions of the leaf are ignored': {
      isCriticalKnown: (oid, place) => place === 'leaf' || REFERENCE.isCriticalKnown(oid, place),
    },
    'path: unknown critical extensions of the anchor are ignored': {
      isCriticalKnown: (oid, place) => place === 'anchor' || REFERENCE.isCriticalKnown(oid, place),
    },
    'path: every critical extension of RFC 5280 is taken for processed': {
      isCriticalKnown: (oid, place) => oid.startsWith('2.5.29.') || REFERENCE.isCriticalKnown(oid, place),
    },
    'path: critical extensions of Apple are taken for processed': {
      isCriticalKnown: (oid, place) => oid.startsWith('1.2.840.113635.') || REFERENCE.isCriticalKnown(oid, place),
    },
    'path: key identifiers are not compared': { isIdentified: always },
    'path: key identifiers are compared for the leaf alone': {
      isIdentified: (certificate, issuer) =>
        certificate.basicConstraints?.ca === true || REFERENCE.isIdentified(certificate, issuer),
    },
    'path: certificates are put in order first': { arrange: sorted },
    'path: certificates above the anchor’s child are ignored': { arrange: asFarAsNeeded },
    'path: a certificate may come twice': {
      isDistinct: always,
      arrange: (chain, anchors) =>
        REFERENCE.arrange(
          chain.filter((one, index) => !includes(chain.slice(0, index), one)),
          anchors,
        ),
    },
    'path: what has the name of an anchor is taken for it at the end of x5c, and dropped': {
      arrange: (chain, anchors) => {
        const top = chain.at(-1);
        const isAnchor = top !== undefined && anchors.some(({ subject }) => equalBytes(subject.der, top.subject.der));
        return chain.length > 1 && isAnchor ? chain.slice(0, -1) : chain;
      },
    },
    'path: any number of certificates is taken': { isCount: always },
    'path: the anchor is taken from the end of x5c': {
      anchorsFor: (_, anchors, chain) => {
        const last = chain.at(-1)!;
        return isSelfIssued(last) ? [last] : anchors;
      },
      arrange: (chain) => (isSelfIssued(chain.at(-1)!) ? chain.slice(0, -1) : chain),
    },
    'path: the anchor is known by its name alone, its key never used': {
      isSigned: (certificate, issuer, link) => link.isTop || REFERENCE.isSigned(certificate, issuer, link),
    },
    'path: the anchor is known by its key alone, its name never compared': {
      isNamed: (issuer, subject, link) => link.isTop || REFERENCE.isNamed(issuer, subject, link),
    },
    'path: names are compared with the anchor alone': {
      isNamed: (issuer, subject, link) => !link.isTop || REFERENCE.isNamed(issuer, subject, link),
    },
    'signature: only that of the leaf is verified': {
      isSigned: (certificate, issuer, link) => link.place !== 'leaf' || REFERENCE.isSigned(certificate, issuer, link),
    },
    'signature: that of the leaf is not verified': {
      isSigned: (certificate, issuer, link) => link.place === 'leaf' || REFERENCE.isSigned(certificate, issuer, link),
    },
    'signature: none is verified': { isSigned: always },
    'time: it is ignored': { isInTime: always },
    'time: that of the leaf alone is judged': {
      isInTime: (certificate, at, place) => place !== 'leaf' || REFERENCE.isInTime(certificate, at, place),
    },
    'time: that of the leaf is not judged': {
      isInTime: (certificate, at, place) => place === 'leaf' || REFERENCE.isInTime(certificate, at, place),
    },
    'time: that of the anchor is ignored': {
      isInTime: (certificate, at, place) => place === 'anchor' || REFERENCE.isInTime(certificate, at, place),
    },
    'time: notBefore is ignored': { isInTime: ({ notAfter }, at) => at <= Number(notAfter) },
    'time: notAfter is ignored': { isInTime: ({ notBefore }, at) => Number(notBefore) <= at },
    'time: a day of grace is given after notAfter': {
      isInTime: ({ notBefore, notAfter }, at) => Number(notBefore) <= at && at <= Number(notAfter) + DAY_MILLISECONDS,
    },
    'time: an hour of grace is given before notBefore': {
      isInTime: ({ notBefore, notAfter }, at) => Number(notBefore) <= at + 3_600_000 && at <= Number(notAfter),
    },
    'time: only the day is compared': {
      isInTime: ({ notBefore, notAfter }, at) =>
        Math.floor(Number(notBefore) / DAY_MILLISECONDS) <= Math.floor(at / DAY_MILLISECONDS) &&
        Math.floor(at / DAY_MILLISECONDS) <= Math.floor(Number(notAfter) / DAY_MILLISECONDS),
    },
    'form: base64 with anything between': {
      fromBase64: (text) => new Uint8Array(Buffer.from(text, 'base64')),
    },
    'form: base64url of x5c': {
      fromBase64: (text) => (/[-_]/.test(text) ? decode(text, 'base64url') : REFERENCE.fromBase64(text)),
    },
  }),
  ...weaknesses('refuses', {
    'path: the root in x5c is refused': {
      arrange: (chain, anchors) => {
        if (includes(anchors, chain.at(-1))) throw new Refusal('the root was sent');
        return chain;
      },
    },
    'path: exactly two certificates are expected': { isCount: (certificates) => certificates === 2 },
    'path: of several anchors the first alone is used': { anchorsFor: (_, anchors) => anchors.slice(0, 1) },
    'path: of several anchors with a name the first alone is used': {
      anchorsFor: (path, anchors) =>
        anchors.filter(({ subject }) => equalBytes(subject.der, path.at(-1)!.issuer.der)).slice(0, 1),
    },
    'path: one Sub CA is pinned': {
      isToTaste: ({ issuer }) => / 1(,|$)/.test(issuer.text),
    },
    'path: the leaf must name the key of its issuer': {
      isIdentified: ({ authorityKeyIdentifier }, issuer) =>
        authorityKeyIdentifier !== undefined || issuer.subjectKeyIdentifier === undefined,
    },
    'path: pathLen counts the leaf': {
      isWithinPathLength: ({ basicConstraints }, below) => below < (basicConstraints?.pathLength ?? Infinity),
    },
    'path: pathLen is read as one byte': {
      isWithinPathLength: ({ basicConstraints }, below) => below <= ((basicConstraints?.pathLength ?? 255) & 0xff),
    },
    'path: pathLen is read as one byte with a sign': {
      isWithinPathLength: ({ basicConstraints }, below) => below <= ((basicConstraints?.pathLength ?? 127) << 24) >> 24,
    },
    'path: keyUsage of the leaf must be critical': {
      isToTaste: ({ extensions }) => extensions.every(({ oid, critical }) => oid !== '2.5.29.15' || critical),
    },
    'path: basicConstraints of the leaf must be critical': {
      isToTaste: ({ extensions }) => extensions.every(({ oid, critical }) => oid !== '2.5.29.19' || critical),
    },
    'path: an authority must have keyUsage': { maySignCertificates: ({ keyUsage }) => keyUsage?.keyCertSign === true },
    'path: the leaf must have keyUsage': { isLeafUsage: ({ keyUsage }) => keyUsage?.digitalSignature === true },
    'path: the leaf must have basicConstraints': {
      isEndEntity: ({ basicConstraints }) => basicConstraints?.ca === false,
    },
    'leaf: an extended key usage is refused': {
      isToTaste: ({ extensions }) => !extensions.some(({ oid }) => oid === '2.5.29.37'),
    },
    'leaf: an extended key usage is required': {
      isToTaste: ({ extensions }) => extensions.some(({ oid }) => oid === '2.5.29.37'),
    },
    'leaf: a key on P-256 is refused': { isToTaste: ({ publicKey }) => publicKey.curve !== 'P-256' },
    'leaf: a key on P-384 is refused': { isToTaste: ({ publicKey }) => publicKey.curve !== 'P-384' },
    'leaf: a property that has no name is refused': {
      isToTaste: ({ extensions }) =>
        extensions.every(({ oid }) => !REFERENCE.isArc(oid) || /\.8\.(9\.[124]|10\.[123]|11\.1|13\.[123])$/.test(oid)),
    },
    'leaf: an unknown extension is refused, critical or not': {
      isToTaste: ({ extensions }) =>
        extensions.every(({ oid }) => REFERENCE.isArc(oid) || REFERENCE.isCriticalKnown(oid, 'leaf')),
    },
    'leaf: a User Enrollment, without serial number and UDID, is refused': {
      isToTaste: ({ extensions }) =>
        ['9.1', '9.2'].every((arcs) => extensions.some(({ oid }) => oid.endsWith(`.113635.100.8.${arcs}`))),
    },
    'leaf: a missing property is refused': {
      isToTaste: ({ extensions }) =>
        ['10.1', '10.2', '13.1', '13.2', '13.3'].every((arcs) =>
          extensions.some(({ oid }) => oid.endsWith(`.113635.100.8.${arcs}`)),
        ),
    },
    'leaf: a blank property is refused': {
      isToTaste: ({ extensions }) => extensions.every(({ oid, value }) => !REFERENCE.isArc(oid) || value.length > 0),
    },
    'leaf: a malformed property is refused': {
      isToTaste: ({ extensions }) =>
        Object.values(
          REFERENCE.propertiesOf(
            extensions.filter(({ oid }) => REFERENCE.isArc(oid)),
            REFERENCE,
          ),
        ).every((property) => !('status' in property) || property.status !== 'malformed'),
    },
    'time: notAfter is exclusive': {
      isInTime: ({ notBefore, notAfter }, at) => Number(notBefore) <= at && at < Number(notAfter),
    },
    'time: notBefore is exclusive': {
      isInTime: ({ notBefore, notAfter }, at) => Number(notBefore) < at && at <= Number(notAfter),
    },
    'time: a year of two digits is of this century up to 68': {
      isInTime: ({ notBefore, notAfter }, at) => {
        const year = notBefore.getUTCFullYear();
        const isLater = year >= 1950 && year <= 1968;
        return !isLater && Number(notBefore) <= at && at <= Number(notAfter);
      },
    },
    'time: it is counted in 32 bits': {
      isInTime: ({ notBefore, notAfter }, at) =>
        Number(notBefore) <= at && at <= ((Number(notAfter) / 1000) | 0) * 1000,
    },
    'time: it is counted in nanoseconds of 64 bits': {
      isInTime: ({ notBefore, notAfter }, at) =>
        Number(notBefore) <= at && BigInt(at) * 1_000_000n <= BigInt.asIntN(64, BigInt(Number(notAfter)) * 1_000_000n),
    },
    'time: authorities beyond 2049 are refused': {
      isInTime: (certificate, at, place) =>
        certificate.notAfter.getUTCFullYear() < 2050 && REFERENCE.isInTime(certificate, at, place),
    },
  }),
];
