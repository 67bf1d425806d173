import type { IncomingMessage } from 'node:http';
import { chainFromHeaders } from '../../../src/relying-party/index.ts';
import { CERTIFICATE_HEADER, SECRET_HEADER, VERIFY_HEADER } from './nginx.ts';

/** Where the certificate of the device is behind the nginx of `nginx.ts`: the leaf alone, in a header that is believed from it. */
export const chainFromNginx =
  (options: { readonly secret: string; readonly issuers: readonly Uint8Array[] }) =>
  ({ headers }: IncomingMessage): readonly Uint8Array[] =>
    chainFromHeaders(headers, {
      forwarded: { form: 'nginx', certificateHeader: CERTIFICATE_HEADER, verifyHeader: VERIFY_HEADER },
      proxy: { secretHeader: SECRET_HEADER, secret: options.secret },
      issuers: options.issuers,
    });
