/** Hands requests to the worker, and goes away from those that say after how long: then the platform ends them. */
export default {
  async fetch(request, { EXAMPLE }) {
    const milliseconds = request.headers.get('abandon-after');
    if (milliseconds === null) return EXAMPLE.fetch(request);
    try {
      return await EXAMPLE.fetch(request, { signal: AbortSignal.timeout(Number(milliseconds)) });
    } catch {
      return Response.json({ abandoned: true });
    }
  },
};
