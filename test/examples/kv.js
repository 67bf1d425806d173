/**
 * What the binding of a Workers KV talks to: entries in the memory of one worker. A write takes as long as it is told,
 * and a read answers what was there some time ago, as one in another place may.
 */
const entries = new Map();

export default {
  async fetch(request, { WRITE_MILLISECONDS, LATE_MILLISECONDS }) {
    const key = decodeURIComponent(new URL(request.url).pathname.slice(1));
    const versions = entries.get(key) ?? [];
    if (request.method !== 'PUT') {
      const version = versions.findLast(({ at }) => at + LATE_MILLISECONDS <= Date.now());
      return new Response(version?.value, { status: version === undefined ? 404 : 200 });
    }
    const value = await request.text();
    await new Promise((resolve) => setTimeout(resolve, WRITE_MILLISECONDS));
    entries.set(key, [...versions, { value, at: Date.now() }]);
    return new Response();
  },
};
