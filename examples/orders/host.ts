import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
// In a program of your own: import { … } from "signalbox";
import { EventService, parseConfig, type Signalbox, start } from "../../src/index.ts";
import { type Orders, openOrders } from "./database.ts";
import { orderEvents } from "./events.ts";
import { orderService, resolveOrder } from "./service.ts";

export interface OrderHost extends AsyncDisposable {
  /** Of the orders. */
  readonly url: string;
  /** Of Signalbox' API, where functions are kept. */
  readonly signalbox: Signalbox;
}

export interface OrderHostOptions {
  /** Holds both databases. */
  readonly folder: string;
  /** 0: any free one. */
  readonly port: number;
  /** Settings of Signalbox. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Opens the database. */
  readonly open?: (file: string) => Orders;
}

/** The order service and, inside the same process, Signalbox. */
export async function orderHost({ folder, port, env, open = openOrders }: OrderHostOptions): Promise<OrderHost> {
  await using started = new AsyncDisposableStack();
  mkdirSync(folder, { recursive: true });
  const orders = started.use(open(join(folder, "orders.db")));
  const config = parseConfig({ ...env, SIGNALBOX_DATA: join(folder, "signalbox") }, []);
  const host = {
    events: orderEvents,
    resolve: (intent: Parameters<typeof resolveOrder>[1]) => resolveOrder(orders, intent),
  };
  const signalbox = started.use(await start(config, host));
  const server = createServer(orderService(orders, new EventService({ tenant: "default", signalbox })));
  await new Promise<void>((resolve) => void server.listen(port, "127.0.0.1", resolve));
  // First of all: orders under way may end before Signalbox stops.
  started.defer(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  const owned = started.move();
  const { port: listening } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${listening}`,
    signalbox,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
