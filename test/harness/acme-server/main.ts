import { createInterface } from 'node:readline';
import { type Configuration, optionsOf } from './configuration.ts';
import { connectRedis } from './redis-store.ts';
import { startAcmeServer } from './server.ts';

/**
 * One process of the server: reads a line of JSON (`Configuration`) from its input, writes a line of JSON for
 * whatever happens, and ends when its input does, so that it outlives nobody.
 */

const say = (event: object): void => void process.stdout.write(`${JSON.stringify(event)}\n`);
const complain = (error: unknown): void => void process.stderr.write(`${String(error)}\n`);

async function run(configuration: Configuration): Promise<() => Promise<void>> {
  const redis = await connectRedis({ path: configuration.redis, onError: complain });
  const server = await startAcmeServer({
    ...(await optionsOf(configuration, redis.store)),
    onIssued: ({ orderId, serialNumber }) => say({ event: 'issued', orderId, serialNumber }),
    onError: complain,
  });
  const { directoryUrl, caCertificatePem, port } = server;
  say({ event: 'listening', directoryUrl, caCertificatePem, port });
  return async () => {
    await server.stop();
    await redis.close();
  };
}

let stop: Promise<() => Promise<void>> | undefined;
createInterface({ input: process.stdin })
  .once('line', (line) => {
    stop = run(JSON.parse(line) as Configuration);
  })
  .once('close', () => void stop?.then((end) => end()));
