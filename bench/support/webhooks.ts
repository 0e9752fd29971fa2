import type { Signalbox } from "../../src/index.ts";
import { exampleETag, putEvent } from "./events.ts";
import type { Receiver } from "./receiver.ts";
import { type BenchServer, benchToken } from "./server.ts";

/** Events of a bucket of its own, each to one webhook of 1 KiB: how many a second are delivered. */
export interface Webhooks {
  /** What secures its webhooks, as `whsec_…`. */
  readonly secret: string;
  /** A payload, as it is sent. */
  readonly body: string;
  /**
   * Events a second from `publish` to acknowledged, while up to `window` are published and not yet acknowledged. Resolves when all that it
   * published are acknowledged and recorded.
   */
  rate(roundMs: number, window: number): Promise<number>;
}

interface Parts {
  readonly server: BenchServer;
  readonly receiver: Receiver;
}

export async function webhooks({ server, receiver }: Parts, bucketName = "bench"): Promise<Webhooks> {
  const { signalbox, api } = server;
  const bucket = await server.bucket(bucketName);
  const rule = await api<{ signing_secret: string }>("POST", `/api/cloud/buckets/${bucketName}/notifications/`, {
    url: `http://127.0.0.1:${receiver.port}/hook`,
  });
  const key = keyOfBytes(bucketName, 1_024);
  const publish = (count: number): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, () => signalbox.publish(putEvent(bucket, key))));
  let expected = await delivered(signalbox);
  return {
    secret: rule.signing_secret,
    body: payload(bucketName, key),
    rate: async (roundMs, window) => {
      const { rate, count } = await inWindow({ receiver, publish, roundMs, window });
      expected += count;
      while ((await delivered(signalbox)) < expected);
      return rate;
    },
  };
}

interface Round extends Pick<Parts, "receiver"> {
  /** Brings so many more on their way to the receiver. */
  readonly publish: (count: number) => Promise<unknown>;
  /** As few at once; one by default. */
  readonly together?: number;
  readonly roundMs: number;
  readonly window: number;
}

/** How many a second reach the receiver, while there are always as many as `window` on their way. Resolves when all have reached it. */
export async function inWindow({
  receiver,
  publish,
  together = 1,
  roundMs,
  window,
}: Round): Promise<{ rate: number; count: number }> {
  const before = receiver.answered;
  const started = performance.now();
  let count = 0;
  let failure: unknown;
  while (performance.now() - started < roundMs) {
    const room = window - (count - (receiver.answered - before));
    if (room >= together) {
      count += room;
      publish(room).catch((error: unknown) => {
        failure = error;
      });
    }
    await receiver.news();
    if (failure !== undefined) throw failure;
  }
  const rate = ((receiver.answered - before) / (performance.now() - started)) * 1_000;
  while (receiver.answered - before < count) await receiver.news();
  return { rate, count };
}

/** Deliveries that are recorded as acknowledged, since the server started. */
async function delivered({ url }: Signalbox): Promise<number> {
  const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${benchToken}` } });
  const found = /^signalbox_deliveries_delivered_total (\d+)$/m.exec(await response.text())?.[1];
  if (found === undefined) throw new Error(`the metrics do not say what was delivered: ${response.status}`);
  return Number(found);
}

/** A key that makes the payload exactly that long. */
export function keyOfBytes(bucket: string, bytes: number): string {
  const key = "k".repeat(bytes - payload(bucket, "").length);
  if (Buffer.byteLength(payload(bucket, key)) !== bytes) throw new Error("the payload has another length");
  return key;
}

function payload(bucket: string, key: string): string {
  return JSON.stringify({
    events: [
      {
        eventVersion: "1",
        eventSource: "signalbox",
        eventName: "OBJECT_CREATED_PUT",
        eventTime: new Date().toISOString(),
        bucket,
        object: { key, size: 1_024, eTag: exampleETag },
      },
    ],
  });
}
