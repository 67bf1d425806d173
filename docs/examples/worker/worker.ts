import { authorizeDevice, deauthorizeDevice } from './authorize-device.ts';
import type { Environment, Handler, WorkerRequest } from './environment.ts';
import { problem, Refusal } from './requests.ts';
import { issueTicket, validateChallenge } from './validate-challenge.ts';

export { Entry } from './entry.ts';

const ROUTES = new Map<string, readonly [method: string, handle: Handler]>([
  ['/challenges', ['POST', validateChallenge]],
  ['/client-identifiers', ['POST', issueTicket]],
  ['/wiki', ['GET', authorizeDevice]],
  ['/deauthorizations', ['POST', deauthorizeDevice]],
]);

export default {
  async fetch(request: WorkerRequest, environment: Environment): Promise<Response> {
    try {
      const [method, handle] = ROUTES.get(new URL(request.url).pathname) ?? [];
      if (method === undefined || handle === undefined) throw new Refusal(404, 'there is nothing here');
      if (request.method !== method) throw new Refusal(405, `the method is ${method}`, { allow: method });
      return await handle(request, environment);
    } catch (error) {
      if (error instanceof Refusal) return problem(error);
      // A store that is away, or a mistake in the configuration: for the log, and nothing for the client.
      console.error(error);
      return problem(new Refusal(500, 'this did not work'));
    }
  },
};
