import { type Order, perform } from '../tasks.ts';

/** workerd: an order is the body of a request. */
export default {
  fetch: async (request: Request): Promise<Response> => Response.json(await perform((await request.json()) as Order)),
};
