import { type Order, perform } from '../tasks.ts';

/** A browser: the page asks for orders, one after another, for as long as there is somebody to ask. */
for (;;) {
  const order = (await (await fetch('/order')).json()) as Order;
  await fetch('/outcome', { method: 'POST', body: JSON.stringify(await perform(order)) });
}
