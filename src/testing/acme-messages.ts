/** A problem document (RFC 7807) as the server sent it. */
export interface AcmeProblem {
  /** `urn:ietf:params:acme:error:…` if it is one of RFC 8555. */
  readonly type: string;
  readonly detail: string | undefined;
  /** The HTTP status that came with it, or the one inside of a challenge or order. */
  readonly status: number | undefined;
  /** The members that the server sent. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** RFC 8555, 7.1.1: the parts of a directory that a device needs. */
export interface AcmeDirectory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  readonly termsOfService: boolean;
}

/** RFC 8555, 7.1.3. */
export interface AcmeOrder {
  readonly status: string;
  readonly authorizations: readonly string[];
  readonly finalize: string;
  readonly certificate: string | undefined;
  readonly error: AcmeProblem | undefined;
}

/** RFC 8555, 7.1.4, with its one challenge that a device answers. */
export interface AcmeAuthorization {
  readonly status: string;
  readonly challenge: AcmeChallenge | undefined;
}

export interface AcmeChallenge {
  readonly status: string;
  readonly url: string;
  readonly token: string;
  readonly error: AcmeProblem | undefined;
}

type Members = Readonly<Record<string, unknown>>;

/** The members of a JSON object; undefined for anything else. */
export function readObject(text: string): Members | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

const asObject = (value: unknown): Members | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : undefined;

// RFC 8555, 6.1: HTTPS everywhere.
export const isUrl = (value: unknown): value is string => typeof value === 'string' && value.startsWith('https://');

export function readDirectory({ newNonce, newAccount, newOrder, meta }: Members): AcmeDirectory | undefined {
  if (!isUrl(newNonce) || !isUrl(newAccount) || !isUrl(newOrder)) return undefined;
  return { newNonce, newAccount, newOrder, termsOfService: asObject(meta)?.['termsOfService'] !== undefined };
}

export function readOrder({ status, authorizations, finalize, certificate, error }: Members): AcmeOrder | undefined {
  if (typeof status !== 'string' || !Array.isArray(authorizations) || !authorizations.every(isUrl)) return undefined;
  if (!isUrl(finalize) || !(certificate === undefined || isUrl(certificate))) return undefined;
  return { status, authorizations, finalize, certificate, error: readProblem(error) };
}

export function readAuthorization({ status, challenges }: Members): AcmeAuthorization | undefined {
  if (typeof status !== 'string' || !Array.isArray(challenges)) return undefined;
  const challenge = challenges.map(asObject).find((one) => one?.['type'] === 'device-attest-01');
  if (challenge === undefined) return { status, challenge: undefined };
  const read = readChallenge(challenge);
  return read && { status, challenge: read };
}

function readChallenge({ status, url, token, error }: Members): AcmeChallenge | undefined {
  // RFC 8555, 8.3: base64url.
  if (typeof status !== 'string' || !isUrl(url) || typeof token !== 'string' || !/^[\w-]+$/.test(token))
    return undefined;
  return { status, url, token, error: readProblem(error) };
}

/** A problem document; undefined for anything else. */
export function readProblem(value: unknown, httpStatus?: number): AcmeProblem | undefined {
  const document = asObject(value);
  const { type, detail, status } = document ?? {};
  if (document === undefined || typeof type !== 'string') return undefined;
  return {
    type,
    detail: typeof detail === 'string' ? detail : undefined,
    status: httpStatus ?? (typeof status === 'number' ? status : undefined),
    document,
  };
}
