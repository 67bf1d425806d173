/** A request that is answered with a status and a problem document (RFC 9457). */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.status = status;
    this.headers = headers;
  }
}

export function problem({ status, message, headers }: Refusal): Response {
  return Response.json(
    { status, detail: message },
    { status, headers: { ...headers, 'content-type': 'application/problem+json', 'cache-control': 'no-store' } },
  );
}

const MIN_SECRET_CHARACTERS = 32;

/** Lets those in who show the secret. */
export async function requireBearer(request: Request, secret: string): Promise<void> {
  if (typeof secret !== 'string' || secret.length < MIN_SECRET_CHARACTERS)
    throw new Error(`a secret must have ${MIN_SECRET_CHARACTERS} characters at least`);
  const [given, wanted] = await Promise.all([
    digest(request.headers.get('authorization') ?? ''),
    digest(`Bearer ${secret}`),
  ]);
  // Of the digests, the time tells nothing that helps to find the secret.
  if (!given.every((byte, index) => byte === wanted[index]))
    throw new Refusal(401, 'the secret is missing or another one', { 'www-authenticate': 'Bearer' });
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
}

/** The largest attestation object, in base64url, and what is around it. */
const MAX_BODY_BYTES = 131_072;

/** The members of a JSON object. Reads no more than the limit, whatever the headers say. */
export async function readMembers(request: Request): Promise<Readonly<Record<string, unknown>>> {
  const bytes = await readBytes(request);
  let members: unknown;
  try {
    members = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new Refusal(400, 'the body is not JSON');
  }
  if (typeof members !== 'object' || members === null) throw new Refusal(400, 'the body is not an object');
  return members as Readonly<Record<string, unknown>>;
}

async function readBytes({ body }: Request): Promise<Uint8Array> {
  const bytes = new Uint8Array(MAX_BODY_BYTES);
  let length = 0;
  const reader = body?.getReader();
  for (;;) {
    const chunk = await reader?.read();
    if (chunk?.value === undefined) return bytes.subarray(0, length);
    if (length + chunk.value.length > MAX_BODY_BYTES) {
      await reader?.cancel();
      throw new Refusal(413, `the body has more than ${MAX_BODY_BYTES} bytes`);
    }
    bytes.set(chunk.value, length);
    length += chunk.value.length;
  }
}

/** A text of a form. */
export function requireText(members: Readonly<Record<string, unknown>>, name: string, form: RegExp): string {
  const value = members[name];
  if (typeof value !== 'string' || !form.test(value)) throw new Refusal(400, `${name} is missing or malformed`);
  return value;
}
