/**
 * A webhook receiver that does what every receiver of Signalbox's webhooks should:
 *
 * 1. it believes only what is signed with its secret, lately (Standard Webhooks);
 * 2. it drops what it has seen: delivery is at least once, and a repeat has the same `webhook-id`;
 * 3. it ignores what is older than what it knows: deliveries run concurrently and retries come late, but of two events of one
 *    object the later has the greater `x-signalbox-sequence`;
 * 4. it answers 200 only when the work is done. Whatever else it answers, the event comes again.
 */
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
// In a program of your own: import { verify } from "signalbox";
import { verify } from "../../src/index.ts";

/** One of a payload's `events`. */
export interface ObjectEvent {
  readonly eventName: "OBJECT_CREATED_PUT" | "OBJECT_DELETED";
  readonly eventTime: string;
  readonly bucket: string;
  readonly object: { readonly key: string; readonly size: number; readonly eTag: string };
  /** Only in what `POST …/test/` sends. */
  readonly test?: true;
}

export interface Delivery {
  /** `webhook-id`: the same on every attempt. */
  readonly id: string;
  /** `x-signalbox-sequence`: 16 hex digits, to be compared as text. */
  readonly sequence: string;
}

export type Outcome = "applied" | "duplicate" | "stale" | "test";

export interface ReceiverOptions {
  /** `whsec_…`: the rule's signing secret; while it is being replaced, the old one and the new one. */
  readonly secrets: readonly string[];
  /** Does the work. When it throws, the answer is 500 and the event comes again. */
  readonly apply: (event: ObjectEvent, delivery: Delivery) => void | Promise<void>;
  /** Told what became of each delivery. */
  readonly told?: (outcome: Outcome, event: ObjectEvent, delivery: Delivery) => void;
  /** Told why the answer is 500. */
  readonly failed?: (why: unknown) => void;
}

const mostBytes = 1024 * 1024;
const dayMs = 24 * 60 * 60 * 1000;

/**
 * What was seen. It is kept in memory to keep the example short; keep yours in the database that `apply` writes to, in the same
 * transaction, so that a crash loses both or neither.
 */
class Memory {
  readonly #seen = new Map<string, number>();
  readonly #latest = new Map<string, string>();

  judge(key: string, { id, sequence }: Delivery): "new" | "duplicate" | "stale" {
    if (this.#seen.has(id)) return "duplicate";
    return sequence < (this.#latest.get(key) ?? "") ? "stale" : "new";
  }

  remember(key: string, { id, sequence }: Delivery, nowMs: number): void {
    this.#seen.set(id, nowMs);
    this.#latest.set(key, sequence);
    // A Map is in the order of insertion: the oldest come first.
    for (const [old, seenMs] of this.#seen) {
      if (nowMs - seenMs < dayMs) break;
      this.#seen.delete(old);
    }
  }
}

/** Handles the requests to one rule's URL. */
export function receiver({ secrets, apply, told = () => {}, failed = () => {} }: ReceiverOptions): RequestListener {
  const memory = new Memory();
  // One at a time: between judging and remembering no other delivery of the same object may come.
  let before: Promise<unknown> = Promise.resolve();

  const take = async (event: ObjectEvent, delivery: Delivery): Promise<Outcome> => {
    if (event.test === true) return "test";
    const key = `${event.bucket}/${event.object.key}`;
    const judged = memory.judge(key, delivery);
    if (judged !== "new") return judged;
    await apply(event, delivery);
    memory.remember(key, delivery, Date.now());
    return "applied";
  };

  const answer = async (request: IncomingMessage): Promise<number> => {
    const body = await read(request);
    if (body === undefined) return 413;
    const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature } = request.headers;
    const signed = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature };
    // Over the bytes as they came: parsing and printing again would change them.
    if (verify(secrets, signed, body, { nowMs: Date.now() }).kind === "refused") return 401;
    const delivery = { id: String(id), sequence: String(request.headers["x-signalbox-sequence"]) };
    const { events } = JSON.parse(body.toString("utf8")) as { readonly events: readonly ObjectEvent[] };
    for (const event of events) {
      const turn = before.then(() => take(event, delivery));
      before = turn.catch(() => {});
      told(await turn, event, delivery);
    }
    return 200;
  };

  return (request, response) => {
    answer(request).then(
      (status) => response.writeHead(status).end(),
      (why: unknown) => {
        failed(why);
        response.writeHead(500).end();
      },
    );
  };
}

/** The whole body; `undefined` when it is longer than any that Signalbox sends. */
async function read(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

if (import.meta.main) {
  const { WEBHOOK_SECRET = "", PORT = "3000" } = process.env;
  const secrets = WEBHOOK_SECRET.split(/[\s,]+/).filter((secret) => secret !== "");
  if (secrets.length === 0) throw new Error("set WEBHOOK_SECRET to the signing_secret that the rule was created with");
  const server = createServer(
    receiver({
      secrets,
      apply: () => {
        // Your work: refresh a cache, start a job, write a row.
      },
      told: (outcome, { eventName, bucket, object }, { sequence }) =>
        console.log(`${outcome} ${eventName} ${bucket}/${object.key} ${sequence}`),
      failed: (why) => console.error("a delivery failed and will come again:", why),
    }),
  );
  server.listen(Number(PORT), "127.0.0.1", () => {
    const address = server.address();
    console.log(`listening on http://127.0.0.1:${typeof address === "object" ? address?.port : PORT}`);
  });
}
