import { type EntryNamespace, objectStore } from '../../docs/examples/worker/stores.ts';

/** The store of the example, by requests: the name of a function and what it is given go in, its answer comes out. */

export { Entry } from '../../docs/examples/worker/entry.ts';

interface Asked {
  readonly name: 'get' | 'set' | 'delete' | 'setIfAbsent';
  readonly given: readonly [key: string, value: string, ttlMilliseconds?: number];
}

export default {
  async fetch(request: Request, { STATE }: { readonly STATE: EntryNamespace }): Promise<Response> {
    const { name, given } = (await request.json()) as Asked;
    const answer: unknown = await objectStore(STATE)[name](...given);
    return Response.json({ answer });
  },
};
