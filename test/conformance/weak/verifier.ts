import type { Bytes } from '../../../src/core/bytes.ts';
import type { Certificate } from '../../../src/core/certificate.ts';
import { AttestationError } from '../../../src/core/errors.ts';
import { type Acceptance, demand, type Properties, Refusal, type Request, type Verifier } from './protocol.ts';
import type { Certificates, Place, Steps } from './steps.ts';

/** A verifier that takes these steps. It refuses for whatever reason; an error that is no refusal is a bug of it. */
export function verifier(steps: Steps): Verifier {
  return async (request) => {
    try {
      return { result: 'accept', ...(await answer(steps, request)) };
    } catch (error) {
      if (error instanceof Refusal) return { result: 'reject', why: error.message };
      if (error instanceof AttestationError) return { result: 'reject', why: error.code };
      throw error;
    }
  };
}

async function answer(steps: Steps, request: Request): Promise<Omit<Acceptance, 'result'>> {
  switch (request.op) {
    case 'chain':
      return facts(steps, await judgeChain(steps, request.x5c.map(steps.fromBase64), request));
    case 'properties':
      return { properties: propertiesOf(steps, steps.parse(steps.fromBase64(request.certificate))) };
    case 'acme': {
      const x5c = steps.readObject(steps.decodeCbor(steps.fromBase64Url(request.attObj)));
      const accepted = facts(steps, await judgeChain(steps, x5c, request));
      const { freshnessCode } = accepted.properties;
      const expected = await steps.codeOfToken(request.token);
      demand(steps.isFreshToken(freshnessCode, expected, steps.isSameCode), 'not the code of this challenge');
      const { identifier } = request;
      const isOrdered = identifier === undefined || steps.isIdentifier(identifier, accepted.properties);
      demand(isOrdered, 'another device than the one ordered');
      return accepted;
    }
    case 'device-information': {
      const accepted = facts(steps, await judgeChain(steps, request.x5c.map(steps.fromBase64), request));
      const nonce = request.nonce === null ? undefined : await codeOf(steps, request.nonce);
      const known = await Promise.all(request.knownNonces.map((earlier) => codeOf(steps, earlier)));
      return {
        ...accepted,
        freshness: steps.stateOf(accepted.properties.freshnessCode, nonce, known, steps.isSameCode),
      };
    }
    case 'csr': {
      const csr = steps.parseCsr(steps.fromBase64(request.csr));
      demand(await steps.isProven(csr), 'the signature of a certificate request does not verify');
      demand(steps.isAttestedKey(csr, steps.fromBase64(request.attestedKey)), 'another key than the attested one');
      return {};
    }
  }
}

function codeOf(steps: Steps, nonce: string): Promise<string> {
  return steps.codeOfNonce(steps.fromBase64(nonce));
}

function facts(steps: Steps, leaf: Certificate) {
  return {
    properties: propertiesOf(steps, leaf),
    publicKey: Buffer.from(leaf.publicKey.spki).toString('base64'),
  };
}

function propertiesOf(steps: Steps, { extensions }: Certificate): Properties {
  return steps.propertiesOf(
    extensions.filter(({ oid }) => steps.isArc(oid)),
    steps,
  );
}

async function judgeChain(
  steps: Steps,
  x5c: readonly Bytes[],
  request: { readonly trustAnchors: readonly string[]; readonly at: string },
): Promise<Certificate> {
  demand(steps.isCount(x5c.length), 'no certificate, or too many');
  const chain = x5c.map(steps.parse);
  demand(steps.isDistinct(chain), 'a certificate that occurs twice');
  const anchors = request.trustAnchors.map((anchor) => steps.parse(steps.fromBase64(anchor)));
  const path = steps.arrange(chain, anchors);
  const candidates = steps.anchorsFor(path, anchors, chain);
  let refusal = new Refusal('no trust anchor');
  for (const anchor of candidates) {
    try {
      return await judgePath(steps, path, anchor, Date.parse(request.at));
    } catch (error) {
      // Another anchor may fit.
      if (!(error instanceof Refusal) && !(error instanceof AttestationError)) throw error;
      refusal = error instanceof Refusal ? error : new Refusal(error.code);
    }
  }
  throw refusal;
}

/** RFC 5280, 6.1, for the profile of an attestation. Returns the leaf. */
async function judgePath(steps: Steps, path: Certificates, anchor: Certificate, at: number): Promise<Certificate> {
  const [leaf] = path;
  demand(leaf !== undefined, 'no leaf');
  for (const [index, certificate] of [...path, anchor].entries()) {
    const place: Place = index === path.length ? 'anchor' : index === 0 ? 'leaf' : 'authority';
    demand(steps.isInTime(certificate, at, place), `${place}: not in its validity`);
    for (const { oid, critical } of certificate.extensions)
      demand(!critical || steps.isCriticalKnown(oid, place), `${place}: a critical extension that is not known`);
    const issuer = index + 1 === path.length ? anchor : path[index + 1];
    if (place === 'anchor' || issuer === undefined) continue;
    const link = { place, isTop: issuer === anchor };
    demand(steps.isNamed(certificate.issuer, issuer.subject, link), `${place}: another issuer`);
    demand(steps.isAuthority(issuer), `${place}: its issuer is no authority`);
    demand(steps.isWithinPathLength(issuer, index), `${place}: its issuer may not stand so high`);
    demand(steps.maySignCertificates(issuer), `${place}: its issuer may not sign certificates`);
    demand(steps.isIdentified(certificate, issuer), `${place}: another key identifier`);
    demand(await steps.isSigned(certificate, issuer, link), `${place}: a signature that does not verify`);
  }
  demand(steps.isEndEntity(leaf), 'a leaf that is an authority');
  demand(steps.isLeafUsage(leaf), 'a leaf whose key is for something else');
  demand(steps.isToTaste(leaf), 'a leaf of a kind that is not wanted');
  return leaf;
}
