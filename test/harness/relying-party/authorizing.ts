import type { IncomingMessage } from 'node:http';
import { type Authorizer, authorizeRequest, chainFromTlsSocket } from '../../../src/relying-party/index.ts';
import type { Gate } from './gate.ts';

/** Deployment model 3: rules of one's own for each resource. */
export function gateByAuthorizer(options: {
  readonly authorizer: Authorizer;
  readonly clock: () => Date;
  /** Where the certificates of a request are; unless given, in its connection. */
  readonly chain?: (request: IncomingMessage) => readonly Uint8Array[];
}): Gate {
  const { authorizer, clock, chain = (request: IncomingMessage) => chainFromTlsSocket(request.socket) } = options;
  return async (request, resource) => {
    const authorization = await authorizeRequest(request, { authorizer, chain, at: clock(), resource });
    if (!authorization.allowed) return authorization;
    const { device, cached, stale } = authorization;
    return { allowed: true, device, cached, stale };
  };
}
