/** Runs until it is asked to stop; see the README beside it. */
import { orderHost } from "./host.ts";

const { ORDERS_DATA: folder = "./orders-data", ORDERS_PORT: port = "3001" } = process.env;
const host = await orderHost({ folder, port: Number(port), env: process.env });
const { url, signalbox } = host;
if (signalbox.madeToken !== undefined) console.log(`token=${signalbox.madeToken}`);
console.log(`ready orders=${url} signalbox=${signalbox.url}`);

const stop = (): void => {
  void host[Symbol.asyncDispose]().then(() => process.exit(0));
};
process.once("SIGTERM", stop).once("SIGINT", stop);
