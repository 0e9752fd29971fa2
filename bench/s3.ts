import { putter } from "./support/put.ts";
import { Receiver } from "./support/receiver.ts";
import { accessKey, benchServer, median } from "./support/server.ts";

/**
 * What a rule costs the writer: 1 KiB PUTs a second into a bucket with one rule (whose webhooks are delivered meanwhile), against
 * a bucket without any. Clients sign with SigV4 over kept connections. In turn, in one run; medians.
 */

const rounds = Number(process.argv[2] ?? 7);
const roundMs = 3_000;
const clients = 32;

using receiver = await Receiver.start();
await using server = await benchServer();
const { signalbox, api } = server;
await server.bucket("plain");
await server.bucket("ruled");
await api("POST", "/api/cloud/buckets/ruled/notifications/", { url: `http://127.0.0.1:${receiver.port}/hook` });

await using put = putter(signalbox.s3Url, { ...accessKey, connections: clients });

/** PUTs a second, each acknowledged, and so durable with its event. */
async function measure(bucket: string): Promise<number> {
  const started = performance.now();
  let done = 0;
  const client = async (number: number): Promise<void> => {
    for (let count = 0; performance.now() - started < roundMs; count += 1) {
      // A thousand keys for each client, so that there are new objects and overwritten ones.
      await put(bucket, `client-${number}/object-${count % 1_000}`);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  return (done / (performance.now() - started)) * 1_000;
}

await measure("plain");
await measure("ruled");
const results: { readonly plain: number; readonly ruled: number }[] = [];
for (let round = 1; round <= rounds; round += 1) {
  const result = { plain: await measure("plain"), ruled: await measure("ruled") };
  results.push(result);
  console.log(`round ${round}: no rule ${result.plain.toFixed(0)}/s, one rule ${result.ruled.toFixed(0)}/s`);
}
const plain = median(results.map((result) => result.plain));
const ruled = median(results.map((result) => result.ruled));
console.log(`median: no rule ${plain.toFixed(0)} PUT/s, one rule ${ruled.toFixed(0)} PUT/s`);
console.log(`ratio ${(ruled / plain).toFixed(2)}`);
