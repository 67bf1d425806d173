import process from 'node:process';
import { text } from 'node:stream/consumers';
import { type Order, perform } from '../tasks.ts';

/** Node, Deno and Bun: the order comes in, the outcome goes out. */
const order = JSON.parse(await text(process.stdin)) as Order;
process.stdout.write(JSON.stringify(await perform(order)));
