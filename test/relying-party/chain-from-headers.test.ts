import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { toBase64 } from '../../src/index.ts';
import {
  chainFromHeaders,
  type ChainFromHeadersOptions,
  type ForwardedForm,
  type RequestHeaders,
} from '../../src/relying-party/index.ts';
import { mintChain } from '../support/mint.ts';
import { outcomeOf, refusalOf } from '../support/refusal.ts';
import { byteSequence, envoyPem, escapedPem, sha256Hex } from './forwarded.ts';

let leaf: Uint8Array;
let issuer: Uint8Array;
let other: Uint8Array;

beforeAll(async () => {
  const { x5c, root } = await mintChain();
  [leaf, issuer, other] = [x5c[0], x5c[1], root];
});

const TRUSTED = { authenticated: true } as const;
const SECRET = 'known to the proxy alone';
const RFC9440 = { form: 'rfc9440' } as const;
const NGINX = { form: 'nginx', certificateHeader: 'X-Client-Cert' } as const;
const ENVOY = { form: 'envoy' } as const;
const CLOUDFLARE = { form: 'cloudflare' } as const;
const XFCC = 'x-forwarded-client-cert';

const read = (forwarded: ForwardedForm, headers: RequestHeaders, more: Partial<ChainFromHeadersOptions> = {}) =>
  chainFromHeaders(headers, { forwarded, proxy: TRUSTED, ...more });
const bytes = (chain: readonly Uint8Array[]) => chain.map((der) => toBase64(der));

/** The code, and the header that it is about. */
const faultOf = (forwarded: ForwardedForm, headers: RequestHeaders, more: Partial<ChainFromHeadersOptions> = {}) => {
  const { code, field } = refusalOf(() => read(forwarded, headers, more));
  return [code, field];
};

describe('what each proxy writes', () => {
  it('is read, from the headers of the web and of Node', () => {
    const cases: readonly (readonly [ForwardedForm, Record<string, string>, number])[] = [
      [RFC9440, { 'client-cert': byteSequence(leaf) }, 1],
      [RFC9440, { 'client-cert': byteSequence(leaf), 'client-cert-chain': byteSequence(issuer) }, 2],
      [RFC9440, { 'client-cert': byteSequence(leaf), 'client-cert-chain': '' }, 1],
      [NGINX, { 'x-client-cert': escapedPem(leaf) }, 1],
      [ENVOY, { [XFCC]: `Hash=${sha256Hex(leaf)};Cert="${envoyPem(leaf)}"` }, 1],
      [ENVOY, { [XFCC]: `By=spiffe://a/b?c=d;Hash=${sha256Hex(leaf)};Chain="${envoyPem(leaf, issuer)}";URI=` }, 2],
      [CLOUDFLARE, { 'cf-client-cert-der-base64': toBase64(leaf) }, 1],
    ];
    for (const [forwarded, headers, count] of cases) {
      const expected = bytes([leaf, issuer].slice(0, count));
      expect(bytes(read(forwarded, headers))).toEqual(expected);
      expect(bytes(read(forwarded, new Headers(headers)))).toEqual(expected);
      const arrays = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
      expect(bytes(read(forwarded, arrays))).toEqual(expected);
    }
  });

  it('is a fresh copy each time', () => {
    const headers = { 'client-cert': byteSequence(leaf) };
    read(RFC9440, headers)[0]!.fill(0);
    expect(bytes(read(RFC9440, headers, { issuers: [issuer] }))).toEqual(bytes([leaf, issuer]));
  });

  it('gets the issuers where the leaf came alone, and nowhere else', () => {
    const alone = { 'client-cert': byteSequence(leaf) };
    expect(bytes(read(RFC9440, alone, { issuers: [issuer] }))).toEqual(bytes([leaf, issuer]));
    const chain = { ...alone, 'client-cert-chain': byteSequence(issuer) };
    expect(bytes(read(RFC9440, chain, { issuers: [other] }))).toEqual(bytes([leaf, issuer]));
  });

  it('has the leaf of the connection, where there is one', () => {
    const headers = { 'client-cert': byteSequence(leaf) };
    expect(bytes(read(RFC9440, headers, { connectionChain: [leaf, issuer] }))).toEqual(bytes([leaf]));
    expect(faultOf(RFC9440, headers, { connectionChain: [issuer] })).toEqual([
      'ERR_MDA_HEADER_MISMATCH',
      'client-cert',
    ]);
  });
});

describe('the proxy', () => {
  const headers = () => ({ 'client-cert': byteSequence(leaf), 'x-proxy': SECRET });
  const proxy = { secretHeader: 'X-Proxy', secret: SECRET };

  it('is known by what you say, or by a secret', () => {
    expect(read(RFC9440, headers())).toHaveLength(1);
    expect(read(RFC9440, headers(), { proxy })).toHaveLength(1);
  });

  it('is not believed otherwise, whatever the header says', () => {
    const untrusted = ['ERR_MDA_HEADER_UNTRUSTED', 'client-cert'];
    expect(faultOf(RFC9440, headers(), { proxy: { authenticated: false } })).toEqual(untrusted);
    expect(faultOf(RFC9440, {}, { proxy: { authenticated: false } })).toEqual(untrusted);
    for (const secret of [undefined, '', SECRET.slice(1), `${SECRET} `, `${SECRET}, ${SECRET}`])
      expect(faultOf(RFC9440, { ...headers(), 'x-proxy': secret }, { proxy })).toEqual(untrusted);
    expect(faultOf(RFC9440, { ...headers(), 'x-proxy': [SECRET, SECRET] }, { proxy })).toEqual([
      'ERR_MDA_HEADER_DOUBLED',
      'x-proxy',
    ]);
    // What an object inherits is no header.
    expect(faultOf(RFC9440, Object.create(headers()) as RequestHeaders, { proxy })).toEqual(untrusted);
  });
});

describe('a header that is not there', () => {
  it.each([
    [RFC9440, 'client-cert', {}],
    [RFC9440, 'client-cert', { 'client-cert': '' }],
    [RFC9440, 'client-cert', { 'client-cert': [] }],
    [RFC9440, 'client-cert', { 'Client-Cert': 'in another case than servers use' }],
    [NGINX, 'x-client-cert', {}],
    [ENVOY, XFCC, {}],
    [ENVOY, XFCC, { [XFCC]: 'By=spiffe://a/b;Subject="CN=x";DNS=a;DNS=b' }],
    [CLOUDFLARE, 'cf-client-cert-der-base64', {}],
  ] as const)('is missing: %j, %s', (forwarded, name, headers) => {
    expect(faultOf(forwarded, headers)).toEqual(['ERR_MDA_HEADER_MISSING', name]);
    expect(faultOf(forwarded, new Headers(headers as Record<string, string>))[0]).not.toBe('ERR_MDA_HEADER_TOO_LARGE');
  });

  it('leaves a chain without its leaf nothing', () => {
    expect(faultOf(RFC9440, { 'client-cert-chain': byteSequence(issuer) })).toEqual([
      'ERR_MDA_HEADER_MISSING',
      'client-cert',
    ]);
  });
});

describe('a header that is there twice', () => {
  const doubled = (name: string, first: string, second: string): readonly RequestHeaders[] => [
    { [name]: [first, second] },
    { [name]: `${first}, ${second}` },
    new Headers([
      [name, first],
      [name, second],
    ]),
  ];

  it('is refused, kept apart or joined', () => {
    for (const headers of doubled('client-cert', byteSequence(leaf), byteSequence(other)))
      expect(faultOf(RFC9440, headers)).toEqual(['ERR_MDA_HEADER_DOUBLED', 'client-cert']);
    for (const headers of doubled('x-client-cert', escapedPem(leaf), escapedPem(other)))
      expect(faultOf(NGINX, headers)).toEqual(['ERR_MDA_HEADER_DOUBLED', 'x-client-cert']);
    for (const headers of doubled('cf-client-cert-der-base64', toBase64(leaf), toBase64(other)))
      expect(faultOf(CLOUDFLARE, headers)).toEqual(['ERR_MDA_HEADER_DOUBLED', 'cf-client-cert-der-base64']);
    const [apart, ...joined] = doubled(XFCC, `Cert="${envoyPem(leaf)}"`, `Cert="${envoyPem(other)}"`);
    expect(faultOf(ENVOY, apart!)).toEqual(['ERR_MDA_HEADER_DOUBLED', XFCC]);
    for (const headers of joined) expect(faultOf(ENVOY, headers)).toEqual(['ERR_MDA_HEADER_COUNT', XFCC]);
  });

  it('is refused as Node hands it out', async () => {
    const seen: string[][] = [];
    const server = createServer((request, response) => {
      for (const headers of [request.headers, request.headersDistinct])
        seen.push(faultOf(RFC9440, headers) as string[]);
      response.end();
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    await new Promise<void>((resolve) => {
      const headers = ['Host', 'a', 'Client-Cert', byteSequence(leaf), 'client-cert', byteSequence(other)];
      const { port } = server.address() as AddressInfo;
      send({ host: '127.0.0.1', port, headers }, (response) => response.resume().on('end', resolve)).end();
    });
    server.close();
    expect(seen).toEqual([
      ['ERR_MDA_HEADER_DOUBLED', 'client-cert'],
      ['ERR_MDA_HEADER_DOUBLED', 'client-cert'],
    ]);
  });
});

describe('RFC 9440', () => {
  it.each([
    ['no colons', (text: string) => text.slice(1, -1)],
    ['one colon', (text: string) => text.slice(1)],
    ['nothing between the colons', () => '::'],
    ['no padding', (text: string) => `:${text.slice(1, -1).replace(/=+$/, '')}A:`],
    ['stray bits', () => ':AR==:'],
    ['base64url', () => ':-_8=:'],
    ['white space within', (text: string) => `${text.slice(0, 9)} ${text.slice(9)}`],
    ['a parameter', (text: string) => `${text};a=1`],
    ['a string', (text: string) => `"${text}"`],
    ['something after it', (text: string) => `${text}x`],
  ])('has %s refused', (_, change) => {
    expect(faultOf(RFC9440, { 'client-cert': change(byteSequence(leaf)) })).toEqual([
      'ERR_MDA_HEADER_SYNTAX',
      'client-cert',
    ]);
    const chain = { 'client-cert': byteSequence(leaf), 'client-cert-chain': change(byteSequence(leaf)) };
    expect(faultOf(RFC9440, chain)).toEqual(['ERR_MDA_HEADER_SYNTAX', 'client-cert-chain']);
  });

  it('has a list with white space around its commas read, and an empty place in it refused', () => {
    const item = byteSequence(issuer);
    const list = (text: string) => ({ 'client-cert': byteSequence(leaf), 'client-cert-chain': text });
    expect(read(RFC9440, list(`${item} ,\t${item}`))).toHaveLength(3);
    for (const text of [`${item},`, `,${item}`, `${item},,${item}`, ' ', ','])
      expect(faultOf(RFC9440, list(text))).toEqual(['ERR_MDA_HEADER_SYNTAX', 'client-cert-chain']);
  });

  it('has as many certificates as a chain may have', () => {
    const list = (count: number) => ({
      'client-cert': byteSequence(leaf),
      'client-cert-chain': Array.from({ length: count }, () => ':AQID:').join(),
    });
    expect(read(RFC9440, list(7))).toHaveLength(8);
    expect(faultOf(RFC9440, list(8))).toEqual(['ERR_MDA_HEADER_COUNT', 'client-cert-chain']);
    expect(faultOf(RFC9440, list(20_000))).toEqual(['ERR_MDA_HEADER_COUNT', 'client-cert-chain']);
  });
});

describe('nginx', () => {
  const fault = (text: string) => faultOf(NGINX, { 'x-client-cert': text });
  const PEM = ['ERR_MDA_HEADER_SYNTAX', 'x-client-cert'];

  it('has to say SUCCESS where it is asked for its verdict', () => {
    const forwarded = { ...NGINX, verifyHeader: 'X-Client-Verify' };
    const headers = (verdict?: string) => ({ 'x-client-cert': escapedPem(leaf), 'x-client-verify': verdict });
    expect(read(forwarded, headers('SUCCESS'))).toHaveLength(1);
    for (const verdict of [undefined, '', 'NONE', 'success', 'SUCCESS, SUCCESS', 'FAILED:certificate has expired'])
      expect(faultOf(forwarded, headers(verdict))).toEqual(['ERR_MDA_HEADER_NOT_VERIFIED', 'x-client-verify']);
    const twice = { ...headers(), 'x-client-verify': ['SUCCESS', 'SUCCESS'] };
    expect(faultOf(forwarded, twice)).toEqual(['ERR_MDA_HEADER_DOUBLED', 'x-client-verify']);
  });

  it('has one certificate, and nothing beside it', () => {
    expect(fault(escapedPem(leaf, issuer))).toEqual(['ERR_MDA_HEADER_COUNT', 'x-client-cert']);
    expect(fault(escapedPem(...Array.from({ length: 9 }, () => leaf)))).toEqual([
      'ERR_MDA_HEADER_COUNT',
      'x-client-cert',
    ]);
    const pem = decodeURIComponent(escapedPem(leaf));
    for (const text of [
      `text before${pem}`,
      `${pem}text after`,
      `\n${pem}`,
      `${pem}\n`,
      pem.replaceAll('CERTIFICATE', 'PUBLIC KEY'),
      pem.replace('-----END CERTIFICATE-----', ''),
      pem.replace('BEGIN CERTIFICATE-----\n', 'BEGIN CERTIFICATE-----'),
      pem.replace(/\n([^-])/, '\n=$1'),
      `${pem.slice(0, 60)}\u00e9${pem.slice(60)}`,
      `${pem.slice(0, 60)}\0${pem.slice(60)}`,
      `${pem.slice(0, 60)} ${pem.slice(60)}`,
      '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n',
    ])
      expect(fault(encodeURIComponent(text)), text).toEqual(PEM);
  });

  it('has its line ends as the proxy writes them', () => {
    const pem = decodeURIComponent(escapedPem(leaf));
    for (const text of [pem.trimEnd(), pem.replaceAll('\n', '\r\n')])
      expect(read(NGINX, { 'x-client-cert': encodeURIComponent(text) })).toHaveLength(1);
  });

  it('has its percent-encoding read once, and a plus as a plus', () => {
    const escaped = escapedPem(leaf);
    const half = escaped.replaceAll('%2B', '+').replaceAll('%2F', '/').replaceAll('%3D', '=');
    expect(bytes(read(NGINX, { 'x-client-cert': half }))).toEqual(bytes([leaf]));
    expect(bytes(read(NGINX, { 'x-client-cert': escaped.replaceAll('%2B', '%2b') }))).toEqual(bytes([leaf]));
    for (const text of [
      encodeURIComponent(escaped),
      escaped.replaceAll('%20', '+'),
      escaped.replaceAll('%20', ' '),
      escaped.replaceAll('%0A', '\n\t'),
      escaped.replace('%0A', '%0'),
      escaped.replace('%0A', '%zz'),
      escaped.replace('%0A', '%c0%8a'),
      escaped.replace('%0A', '%ff'),
      escaped.replace('%0A', '%u000A'),
      `${escaped}%`,
    ])
      expect(fault(text), text).toEqual(PEM);
  });
});

describe('Envoy', () => {
  const fault = (text: string, elements?: number) =>
    faultOf(elements === undefined ? ENVOY : { ...ENVOY, elements }, { [XFCC]: text });
  const cert = () => `Cert="${envoyPem(leaf)}"`;

  it('has the element of the outermost proxy counted, of as many as there are proxies', () => {
    const header = `${cert()},By=spiffe://b;Hash=00, By=spiffe://c;Cert="${envoyPem(other)}"`;
    expect(bytes(read({ ...ENVOY, elements: 3 }, { [XFCC]: header }))).toEqual(bytes([leaf]));
    for (const elements of [undefined, 1, 2, 4])
      expect(fault(header, elements)).toEqual(['ERR_MDA_HEADER_COUNT', XFCC]);
  });

  it('has its keys read in any case, and others passed over', () => {
    for (const text of [`cert="${envoyPem(leaf)}"`, `CERT=${envoyPem(leaf)};Novelty="a;b,c=d"`])
      expect(bytes(read(ENVOY, { [XFCC]: text }))).toEqual(bytes([leaf]));
  });

  it('has quotes in quotes, and nothing that they can hide', () => {
    const subjects = [String.raw`/CN=a\"b`, String.raw`CN=a\\"\,Cert\=x`, 'CN=a;Cert=b,Cert=c', ''];
    for (const subject of subjects)
      expect(bytes(read(ENVOY, { [XFCC]: `Subject="${subject}";${cert()}` })), subject).toEqual(bytes([leaf]));
    // A name that ends with a backslash takes the quote with it: what follows is no longer of the form.
    expect(fault(String.raw`Subject="CN=a\";${cert()}`)).toEqual(['ERR_MDA_HEADER_SYNTAX', XFCC]);
    expect(fault(String.raw`Subject="CN=a\\";${cert()}`)).toEqual(['ERR_MDA_HEADER_SYNTAX', XFCC]);
  });

  it('has one value for each of what is read', () => {
    expect(fault(`${cert()};URI=x;Cert="${envoyPem(other)}"`)).toEqual(['ERR_MDA_HEADER_DOUBLED', XFCC]);
    expect(fault(`Hash=${sha256Hex(leaf)};${cert()};hash=00`)).toEqual(['ERR_MDA_HEADER_DOUBLED', XFCC]);
    expect(fault(`Chain="${envoyPem(leaf)}";${cert()};Chain="${envoyPem(leaf)}"`)).toEqual([
      'ERR_MDA_HEADER_DOUBLED',
      XFCC,
    ]);
    expect(fault(`Cert="${envoyPem(leaf, issuer)}"`)).toEqual(['ERR_MDA_HEADER_COUNT', XFCC]);
  });

  it('has values that agree', () => {
    const chain = `Chain="${envoyPem(leaf, issuer)}"`;
    expect(read(ENVOY, { [XFCC]: `Hash=${sha256Hex(leaf)};${cert()};${chain}` })).toHaveLength(2);
    expect(fault(`Cert="${envoyPem(other)}";${chain}`)).toEqual(['ERR_MDA_HEADER_MISMATCH', XFCC]);
    expect(fault(`Hash=${sha256Hex(other)};${chain}`)).toEqual(['ERR_MDA_HEADER_MISMATCH', XFCC]);
    expect(fault(`Hash=;${chain}`)).toEqual(['ERR_MDA_HEADER_MISMATCH', XFCC]);
  });

  it.each([
    ['x'],
    ['Cert'],
    ['="x"'],
    [','],
    [';'],
    ['Cert="x'],
    ['Cert="x"y'],
    ['Cert=x"y"'],
    ['Hash=1;'],
    ['Hash=1,'],
    ['Hash=1;;Hash=2'],
    ['Hash=1; Cert=2'],
    ['Ha sh=1'],
    ['Cert=x'],
    ['Cert='],
    [String.raw`Cert="\"`],
  ])('has %s refused', (text) => {
    expect(fault(text)).toEqual(['ERR_MDA_HEADER_SYNTAX', XFCC]);
  });
});

describe('Cloudflare', () => {
  it.each([['AR=='], ['AQI'], [':AQID:'], ['AQ ID'], ['-----BEGIN']])('has %s refused', (text) => {
    expect(faultOf(CLOUDFLARE, { 'cf-client-cert-der-base64': text })).toEqual([
      'ERR_MDA_HEADER_SYNTAX',
      'cf-client-cert-der-base64',
    ]);
  });
});

describe('size', () => {
  it('is looked at first', () => {
    const forms: readonly (readonly [ForwardedForm, string])[] = [
      [RFC9440, 'client-cert'],
      [NGINX, 'x-client-cert'],
      [ENVOY, XFCC],
      [CLOUDFLARE, 'cf-client-cert-der-base64'],
    ];
    for (const [forwarded, name] of forms) {
      expect(faultOf(forwarded, { [name]: 'A'.repeat(196_609) })).toEqual(['ERR_MDA_HEADER_TOO_LARGE', name]);
      expect(faultOf(forwarded, { [name]: '!'.repeat(196_608) })).toEqual(['ERR_MDA_HEADER_SYNTAX', name]);
    }
  });

  it('does not make reading slow', () => {
    const parts = ['%', ' ', '"', '\\"', ';', 'a=;', 'a="";', ':A:,', '-----BEGIN CERTIFICATE-----\n', '%0A', '=\\'];
    const start = performance.now();
    for (const part of parts)
      for (const text of [part, `Cert="${part}`, `:${part}`, `-----BEGIN CERTIFICATE-----%0A${part}`]) {
        const long = text + part.repeat((196_608 - text.length) / part.length);
        for (const [forwarded, name] of [
          [RFC9440, 'client-cert'],
          [NGINX, 'x-client-cert'],
          [ENVOY, XFCC],
        ] as const)
          expect(outcomeOf(() => read(forwarded, { [name]: long }))).toMatch(/^ERR_MDA_HEADER_/);
      }
    // Quadratic would be minutes.
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});

it('refuses what the caller got wrong', () => {
  const options = { forwarded: RFC9440, proxy: TRUSTED };
  const headers = { 'client-cert': byteSequence(leaf) };
  const wrong: readonly (readonly [unknown, unknown])[] = [
    [undefined, options],
    ['client-cert: x', options],
    [{ 'client-cert': 7 }, options],
    [{ 'client-cert': [7] }, options],
    [headers, undefined],
    [headers, { forwarded: RFC9440 }],
    [headers, { proxy: TRUSTED }],
    [headers, { ...options, misspelt: true }],
    [headers, { ...options, forwarded: 'rfc9440' }],
    [headers, { ...options, forwarded: { form: 'apache' } }],
    [headers, { ...options, forwarded: { form: 'nginx' } }],
    [headers, { ...options, forwarded: { ...NGINX, certificateHeader: 'a b' } }],
    [headers, { ...options, forwarded: { ...NGINX, verifyHeader: '' } }],
    // A check that is misspelt, or that a lookup found nothing for, is none that is left out.
    [headers, { ...options, forwarded: { ...NGINX, verifyheader: 'x-verify' } }],
    [headers, { ...options, forwarded: { ...NGINX, verifyHeader: undefined } }],
    [headers, { ...options, forwarded: { ...RFC9440, certificateHeader: 'x-client-cert' } }],
    [headers, { ...options, forwarded: { ...ENVOY, element: 2 } }],
    [headers, { ...options, forwarded: { form: 'cloudflare', verifyHeader: 'x-verify' } }],
    [headers, { ...options, connectionChain: undefined }],
    [headers, { ...options, proxy: { authenticated: true, secretHeader: 'x', secret: SECRET } }],
    [headers, { ...options, proxy: { authenticated: undefined, secretHeader: 'x', secret: SECRET } }],
    [headers, { ...options, proxy: { secretHeader: 'x', secret: SECRET, authentic: true } }],
    [headers, { ...options, forwarded: { ...ENVOY, elements: 0 } }],
    [headers, { ...options, forwarded: { ...ENVOY, elements: '1' } }],
    [headers, { ...options, proxy: true }],
    [headers, { ...options, proxy: {} }],
    [headers, { ...options, proxy: { authenticated: 1 } }],
    [headers, { ...options, proxy: { secretHeader: 'x', secret: 'fifteen letters' } }],
    [headers, { ...options, proxy: { secretHeader: '', secret: SECRET } }],
    [headers, { ...options, issuers: [] }],
    [headers, { ...options, issuers: ['x'] }],
    [headers, { ...options, connectionChain: [] }],
    [headers, { ...options, connectionChain: [undefined] }],
  ];
  for (const [evidence, judged] of wrong)
    expect(() => chainFromHeaders(evidence as never, judged as never), JSON.stringify(judged)).toThrow(TypeError);
});
