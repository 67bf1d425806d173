// Verifies Managed Device Attestation with nothing but node:crypto, and speaks the protocol of docs/conformance.md.
import { createHash, createPublicKey, timingSafeEqual, verify, X509Certificate } from 'node:crypto';
import { createInterface } from 'node:readline';

// DER: enough of it to get at the extensions of a certificate and at the parts of a certificate request.

function readTlv(bytes, offset = 0) {
  let length = bytes[offset + 1];
  let start = offset + 2;
  if (length & 0x80) {
    const size = length & 0x7f;
    length = bytes.readUIntBE(start, size);
    start += size;
  }
  if (length === undefined || start + length > bytes.length) throw new Error('truncated DER');
  return {
    tag: bytes[offset],
    value: bytes.subarray(start, start + length),
    raw: bytes.subarray(offset, start + length),
    end: start + length,
  };
}

function children(value) {
  const list = [];
  for (let offset = 0; offset < value.length; offset = list.at(-1).end) list.push(readTlv(value, offset));
  return list;
}

function oidToString(bytes) {
  const arcs = [];
  let arc = 0;
  for (const byte of bytes) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [joint, ...rest] = arcs;
  const first = Math.min(Math.floor(joint / 40), 2);
  return [first, joint - first * 40, ...rest].join('.');
}

function extensionsOf(certificate) {
  const [tbs] = children(readTlv(certificate.raw).value);
  const wrapper = children(tbs.value).find(({ tag }) => tag === 0xa3);
  if (wrapper === undefined) return [];
  return children(readTlv(wrapper.value).value).map(({ value }) => {
    const parts = children(value);
    return {
      oid: oidToString(parts[0].value),
      critical: parts[1].tag === 0x01 && parts[1].value[0] !== 0,
      value: parts.at(-1).value,
    };
  });
}

// CBOR: what an attestation object is made of.

function decodeCbor(bytes) {
  let offset = 0;
  const read = () => {
    const initial = bytes[offset++];
    const major = initial >> 5;
    let length = initial & 0x1f;
    if (length >= 24) {
      const size = 1 << (length - 24);
      if (size > 4) throw new Error('unsupported CBOR');
      length = bytes.readUIntBE(offset, size);
      offset += size;
    }
    if (major === 0) return length;
    if (major === 2 || major === 3) {
      if (offset + length > bytes.length) throw new Error('truncated CBOR');
      const string = bytes.subarray(offset, (offset += length));
      return major === 2 ? string : string.toString('utf8');
    }
    if (major === 4) return Array.from({ length }, read);
    if (major === 5) return new Map(Array.from({ length }, () => [read(), read()]));
    throw new Error('unsupported CBOR');
  };
  return read();
}

// The chain.

const CRITICAL = new Set(['2.5.29.14', '2.5.29.15', '2.5.29.19', '2.5.29.35', '2.5.29.37']);

function pathLengthOf(extensions) {
  const constraints = extensions.find(({ oid }) => oid === '2.5.29.19');
  if (constraints === undefined) return Infinity;
  const length = children(readTlv(constraints.value).value).find(({ tag }) => tag === 0x02);
  return length === undefined ? Infinity : length.value.readUIntBE(0, length.value.length);
}

function mayDigitallySign(extensions) {
  const usage = extensions.find(({ oid }) => oid === '2.5.29.15');
  return usage === undefined || (readTlv(usage.value).value[1] & 0x80) !== 0;
}

function verifyChain(x5c, anchors, at) {
  if (x5c.length === 0) throw new Error('empty chain');
  const roots = anchors.map((der) => new X509Certificate(Buffer.from(der, 'base64')));
  const chain = x5c.map((der) => new X509Certificate(der));
  if (roots.some(({ raw }) => raw.equals(chain.at(-1).raw))) chain.pop();
  const root = roots.find((candidate) => chain.at(-1).checkIssued(candidate));
  if (root === undefined) throw new Error('no trust anchor');
  const path = [...chain, root];
  path.forEach((certificate, index) => {
    if (at < new Date(certificate.validFrom)) throw new Error('not valid yet');
    if (at > new Date(certificate.validTo)) throw new Error('expired');
    const extensions = extensionsOf(certificate);
    if (extensions.some(({ oid, critical }) => critical && !CRITICAL.has(oid))) throw new Error('critical extension');
    if (certificate.ca !== index > 0) throw new Error('wrong basicConstraints');
    if (index > 0 && pathLengthOf(extensions) < index - 1) throw new Error('pathLen');
    if (index === 0 && !mayDigitallySign(extensions)) throw new Error('wrong keyUsage');
    const issuer = path[index + 1];
    if (issuer === undefined) return;
    if (!certificate.checkIssued(issuer)) throw new Error('wrong issuer');
    if (!certificate.verify(issuer.publicKey)) throw new Error('bad signature');
  });
  const [leaf] = chain;
  if (leaf.publicKey.asymmetricKeyType !== 'ec') throw new Error('not an EC key');
  return leaf;
}

// The properties.

const ARC = '1.2.840.113635.100.8.';

const text = (value) => value.toString('utf8');

function integer(value) {
  const { tag, value: digits } = readTlv(value);
  if (tag !== 0x02) throw new Error('not an INTEGER');
  return digits.readIntBE(0, digits.length);
}

const PROPERTIES = {
  serialNumber: ['9.1', text],
  udid: ['9.2', text],
  softwareUpdateDeviceId: ['9.4', text],
  osVersion: ['10.1', text],
  sepOsVersion: ['10.2', text],
  llbVersion: ['10.3', text],
  freshnessCode: ['11.1', (value) => value.toString('hex')],
  systemIntegrityProtection: ['13.1', (value) => ['enabled', 'disabled'][integer(value)]],
  secureBoot: [
    '13.2',
    (value) => ['Full Security', 'Reduced Security', 'Permissive Security'].find((level) => level === text(value)),
  ],
  thirdPartyKernelExtensions: ['13.3', (value) => (integer(value) === 0 ? 'not allowed' : 'allowed')],
};

function readProperty(extension, read) {
  if (extension === undefined) return { status: 'absent' };
  const { value } = extension;
  if (value.length === 0) return { status: 'blank' };
  try {
    const attested = read(value);
    if (attested !== undefined) return { status: 'attested', value: attested };
  } catch {
    // Malformed, as below.
  }
  return { status: 'malformed', bytes: value.toString('hex') };
}

function propertiesOf(certificate) {
  const extensions = extensionsOf(certificate).filter(({ oid }) => oid.startsWith(ARC));
  const named = Object.entries(PROPERTIES);
  return {
    ...Object.fromEntries(
      named.map(([name, [arcs, read]]) => [
        name,
        readProperty(
          extensions.find(({ oid }) => oid === ARC + arcs),
          read,
        ),
      ]),
    ),
    other: extensions
      .filter(({ oid }) => !named.some(([, [arcs]]) => oid === ARC + arcs))
      .map(({ oid, value }) => ({ oid, bytes: value.toString('hex') })),
  };
}

function accept(leaf) {
  const publicKey = leaf.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  return { result: 'accept', properties: propertiesOf(leaf), publicKey };
}

const isCode = ({ status, value }, expected) => {
  const code = Buffer.from(status === 'attested' ? value : '', 'hex');
  return code.length === expected.length && timingSafeEqual(code, expected);
};

// The operations.

const fromBase64 = (value) => Buffer.from(value, 'base64');

const OPERATIONS = {
  chain({ x5c, trustAnchors, at }) {
    return accept(verifyChain(x5c.map(fromBase64), trustAnchors, new Date(at)));
  },

  properties({ certificate }) {
    return { result: 'accept', properties: propertiesOf(new X509Certificate(fromBase64(certificate))) };
  },

  acme({ attObj, token, identifier, trustAnchors, at }) {
    const object = decodeCbor(Buffer.from(attObj, 'base64url'));
    if (object.get('fmt') !== 'apple') throw new Error('wrong format');
    const answer = accept(verifyChain(object.get('attStmt').get('x5c'), trustAnchors, new Date(at)));
    const { freshnessCode, serialNumber, udid } = answer.properties;
    if (!isCode(freshnessCode, createHash('sha256').update(token).digest())) throw new Error('not fresh');
    if (identifier !== undefined && identifier !== serialNumber.value && identifier !== udid.value)
      throw new Error('another device');
    return answer;
  },

  'device-information'({ x5c, nonce, knownNonces, trustAnchors, at }) {
    const answer = accept(verifyChain(x5c.map(fromBase64), trustAnchors, new Date(at)));
    if (nonce === null) return { ...answer, freshness: 'not-requested' };
    const { freshnessCode } = answer.properties;
    if (freshnessCode.status !== 'attested') throw new Error('no freshness code');
    if (isCode(freshnessCode, fromBase64(nonce))) return { ...answer, freshness: 'fresh' };
    const isKnown = knownNonces.some((known) => isCode(freshnessCode, fromBase64(known)));
    return { ...answer, freshness: isKnown ? 'cached' : 'unknown-nonce' };
  },

  csr({ csr, attestedKey }) {
    const [info, algorithm, signature] = children(readTlv(fromBase64(csr)).value);
    const spki = children(info.value)[2].raw;
    const hashes = {
      '1.2.840.10045.4.3.2': 'sha256',
      '1.2.840.10045.4.3.3': 'sha384',
      '1.2.840.10045.4.3.4': 'sha512',
    };
    const hash = hashes[oidToString(readTlv(algorithm.value).value)];
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    if (!verify(hash, info.raw, key, signature.value.subarray(1))) throw new Error('bad signature');
    if (!spki.equals(fromBase64(attestedKey))) throw new Error('another key');
    return { result: 'accept' };
  },
};

function answer({ id, op, ...request }) {
  const operation = OPERATIONS[op];
  if (operation === undefined) return { id, result: 'unsupported' };
  try {
    return { id, ...operation(request) };
  } catch {
    return { id, result: 'reject' };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  let request;
  try {
    request = JSON.parse(line);
  } catch {
    console.log(JSON.stringify({ id: null, result: 'error', message: 'not JSON' }));
    continue;
  }
  console.log(JSON.stringify(answer(request)));
}
