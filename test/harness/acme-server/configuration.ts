import { AttestationError, fromBase64, fromPem, parseCertificate } from '../../../src/index.ts';
import {
  type ClientIdentifierSecret,
  firstIdentification,
  identifierIsSerialNumber,
  identifierIsTicket,
  identifierIsUdid,
  type Identify,
  readClientIdentifier,
  type Store,
} from '../../../src/acme/index.ts';
import { createCertificateAuthority } from './ca.ts';
import type { AcmeServerOptions, Limits } from './options.ts';

/** What a process of the server is told, as JSON. */
export interface Configuration {
  /** PEM, the roots of attestations. */
  readonly trustAnchors: string;
  /** The same in every process that is to be the same server. */
  readonly ca: { readonly seed: string; readonly at: string };
  /** Path of a Unix socket. */
  readonly redis: string;
  /** What an ordered identifier may be, any of them. */
  readonly identifiers: readonly ('serialNumber' | 'udid' | 'ticket')[];
  /** For tickets; `key` is base64. */
  readonly secrets?: readonly { readonly id: string; readonly key: string }[];
  /** MAC keys, base64, by their ids. */
  readonly externalAccounts?: Readonly<Record<string, string>>;
  readonly port?: number;
  readonly origin?: string;
  readonly tlsSeed?: string;
  readonly limits?: Partial<Limits>;
}

export async function optionsOf(configuration: Configuration, store: Store): Promise<AcmeServerOptions> {
  const { trustAnchors, ca, identifiers, externalAccounts, port, origin, tlsSeed, limits } = configuration;
  const secrets = (configuration.secrets ?? []).map(({ id, key }) => ({ id, key: fromBase64(key) }));
  const macKeys = Object.entries(externalAccounts ?? {}).map(([id, key]) => [id, fromBase64(key)] as const);
  return {
    trustAnchors: fromPem(trustAnchors).map(parseCertificate),
    ca: await createCertificateAuthority({ seed: ca.seed, at: new Date(ca.at) }),
    store,
    identify: firstIdentification(...identifiers.map((kind) => identifyBy(kind, secrets, store))),
    ...(identifiers.every((kind) => kind === 'ticket') ? { acceptIdentifier: acceptTickets(secrets) } : {}),
    ...(externalAccounts === undefined ? {} : { externalAccounts: new Map(macKeys) }),
    ...(port === undefined ? {} : { port }),
    ...(origin === undefined ? {} : { origin }),
    ...(tlsSeed === undefined ? {} : { tlsSeed }),
    ...(limits === undefined ? {} : { limits }),
  };
}

function identifyBy(
  kind: Configuration['identifiers'][number],
  secrets: readonly ClientIdentifierSecret[],
  store: Store,
): Identify {
  if (kind === 'ticket') return identifierIsTicket({ secrets, store });
  return kind === 'udid' ? identifierIsUdid : identifierIsSerialNumber;
}

/** What is forged, foreign or expired is refused when it is ordered; whether it was used is known when it is claimed. */
export function acceptTickets(
  secrets: readonly ClientIdentifierSecret[],
): NonNullable<AcmeServerOptions['acceptIdentifier']> {
  return async ({ value }, at) => {
    try {
      await readClientIdentifier(value, { secrets, at });
      return true;
    } catch (error) {
      if (error instanceof AttestationError) return false;
      throw error;
    }
  };
}
