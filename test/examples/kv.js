/** What the binding of a Workers KV talks to: entries in the memory of one worker, written as late as it is told. */
const entries = new Map();

export default {
  async fetch(request, { DELAY_MILLISECONDS }) {
    const key = decodeURIComponent(new URL(request.url).pathname.slice(1));
    if (request.method !== 'PUT') return new Response(entries.get(key), { status: entries.has(key) ? 200 : 404 });
    const value = await request.text();
    await new Promise((resolve) => setTimeout(resolve, DELAY_MILLISECONDS));
    entries.set(key, value);
    return new Response();
  },
};
