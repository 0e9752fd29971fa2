/**
 * `npm run demo:cluster`: three nodes on one PostgreSQL, of which one is killed while what it has accepted still waits. Ends with exit code 1
 * when anything did not happen as it is printed.
 */
import { randomBytes } from "node:crypto";
import type { RequestListener } from "node:http";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { type Listening, listening } from "../examples/demo/listening.ts";
import { type Server, type ServerOptions, startServer } from "../examples/demo/server.ts";
import { bad, chapter, column, dim, name, say, strong, warm } from "../examples/demo/story.ts";
import { telling } from "../examples/demo/telling.ts";
import { type ObjectEvent, receiver } from "../examples/receiver/receiver.ts";
import { ownPostgres } from "./postgres.ts";

const bucket = "photos";
const bytes = "bytes";
const perNode = 10;
const names = ["ada", "ben", "cleo"] as const;
type Name = (typeof names)[number];
const victim: Name = "ben";

const { check, until, tell } = telling(60_000);

interface Node {
  readonly name: Name;
  readonly server: Server;
  readonly s3: S3Client;
}

interface Ears extends Listening {
  /** Keys of objects, as they were acknowledged. */
  readonly heard: ReadonlySet<string>;
  /** Keys that were answered with 500. */
  readonly failed: ReadonlySet<string>;
  /** From now on takes what is signed with this secret. */
  listen(secret: string): void;
  /** From now on what begins with this is answered with 500; with `undefined` nothing. */
  failAt(prefix: string | undefined): void;
}

async function openEars(): Promise<Ears> {
  const heard = new Set<string>();
  const failed = new Set<string>();
  let failing: string | undefined;
  let handle: RequestListener = (_request, response) => response.writeHead(404).end();
  const server = await listening((request, response) => handle(request, response));
  const apply = ({ object: { key } }: ObjectEvent): void => {
    if (failing === undefined || !key.startsWith(failing)) return void heard.add(key);
    failed.add(key);
    throw new Error(`told to fail at ${key}`);
  };
  return {
    ...server,
    heard,
    failed,
    listen: (secret) => {
      handle = receiver({ secrets: [secret], apply });
    },
    failAt: (prefix) => {
      failing = prefix;
    },
  };
}

interface Shown {
  readonly nodes: readonly { readonly address: string; readonly shards: number }[];
}

/** How many parts of the log each holds, by its name. */
async function sharesOf(nodes: readonly Node[]): Promise<ReadonlyMap<Name, number>> {
  const [first] = nodes;
  const { nodes: shown } = (await first?.server.api<Shown>("GET", "/api/cloud/nodes/")) ?? { nodes: [] };
  const nameAt = new Map(nodes.map(({ name: called, server }) => [new URL(server.url).port, called]));
  return new Map(
    shown.flatMap(({ address, shards }) => {
      const called = nameAt.get(new URL(address).port);
      return called === undefined ? [] : [[called, shards] as const];
    }),
  );
}

async function tellShares(nodes: readonly Node[]): Promise<void> {
  await until("each to hold its share", async () => {
    const held = [...(await sharesOf(nodes)).values()];
    const most = Math.ceil(64 / nodes.length);
    return (
      held.length === nodes.length && held.every((shards) => shards <= most) && held.reduce((a, b) => a + b) === 64
    );
  });
  for (const [called, shards] of await sharesOf(nodes)) {
    say(`${column(called, 6, name)} holds ${strong(String(shards))} of 64 parts of the log of events`);
  }
}

async function demo(): Promise<void> {
  const startedMs = performance.now();
  await using made = new AsyncDisposableStack();
  const ears = made.use(await openEars());
  const postgres = made.use(await ownPostgres());
  const store = made.use(await startServer());
  const s3Of = ({ s3Url: endpoint, credentials }: Server): S3Client => {
    const client = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials });
    made.defer(() => client.destroy());
    return client;
  };
  await s3Of(store).send(new CreateBucketCommand({ Bucket: bytes }));
  const options: ServerOptions = {
    token: store.token,
    credentials: store.credentials,
    env: {
      SIGNALBOX_STORE: await postgres.database(),
      // Of all of them; none is asked by it here.
      SIGNALBOX_PUBLIC_URL: "http://events.example",
      // One PostgreSQL, without a standby: what it has is gone with its disk.
      SIGNALBOX_STORE_ASYNC: "accept-loss",
      SIGNALBOX_SECRET_KEY: randomBytes(32).toString("base64"),
      SIGNALBOX_BLOBS: `s3://${bytes}?endpoint=${store.s3Url}`,
      SIGNALBOX_BLOBS_ACCESS_KEY_ID: store.credentials.accessKeyId,
      SIGNALBOX_BLOBS_SECRET_ACCESS_KEY: store.credentials.secretAccessKey,
    },
  };

  chapter(1, "Three nodes on one PostgreSQL, with the bytes of objects in a bucket");
  const nodes: Node[] = [];
  for (const called of names) {
    const server = made.use(await startServer(options));
    nodes.push({ name: called, server, s3: s3Of(server) });
    say(`${column(called, 6, name)} ${server.url}, S3 at ${server.s3Url}`);
  }
  await tellShares(nodes);

  chapter(2, "What is written through each of them, with the AWS SDK");
  const [first] = nodes;
  if (first === undefined) throw new Error("there is no node");
  await first.s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const rule = await first.server.api<{ readonly signing_secret: string }>(
    "POST",
    `/api/cloud/buckets/${bucket}/notifications/`,
    { url: ears.url, max_retries: 100, backoff: { schedule_ms: [1_000], jitter: 0 } },
  );
  ears.listen(rule.signing_secret);
  ears.failAt(`${victim}/`);
  for (const { name: called, s3 } of nodes) {
    for (let number = 1; number <= perNode; number += 1) {
      await s3.send(
        new PutObjectCommand({ Bucket: bucket, Key: `${called}/${number}.jpg`, Body: `${called} ${number}` }),
      );
    }
    say(`PUT    ${column(`${called}/…`, 8)} ${perNode} objects, acknowledged by ${name(called)}`);
  }
  const heardOf = (called: Name): number => [...ears.heard].filter((key) => key.startsWith(`${called}/`)).length;
  const others = names.filter((called) => called !== victim);
  await until(
    "the others' events",
    () => others.every((called) => heardOf(called) === perNode) && ears.failed.size === perNode,
  );
  say(
    `${strong(String(perNode * others.length))} webhooks arrived; those of ${victim}/… were answered with ${bad("500")}, and wait for another attempt`,
  );

  chapter(3, `${victim} is killed, and its receiver is well again`);
  const fallen = nodes.find(({ name: called }) => called === victim);
  await fallen?.server.kill();
  const killedMs = performance.now();
  ears.failAt(undefined);
  say(`${column(victim, 6, name)} ${bad("kill -9")}`);
  await until(`what ${victim} had accepted`, () => heardOf(victim) === perNode);
  const tookMs = performance.now() - killedMs;
  say(
    `${strong(String(perNode))} webhooks of what ${name(victim)} had accepted came from the others, ${warm(`${(tookMs / 1000).toFixed(1)} s`)} later`,
  );
  const living = nodes.filter(({ name: called }) => called !== victim);
  await tellShares(living);

  chapter(4, "Totals");
  const { usage } = await first.server.api<{
    readonly usage: readonly Readonly<Record<"accepted" | "delivered" | "dead", number>>[];
  }>("GET", `/api/cloud/usage/?bucket=${bucket}`);
  const sum = (what: "accepted" | "delivered" | "dead"): number => usage.reduce((total, row) => total + row[what], 0);
  const all = names.length * perNode;
  say(`${strong(String(sum("accepted")))} events accepted, ${strong(String(ears.heard.size))} arrived, none lost`);
  check(sum("accepted") === all && ears.heard.size === all, `${all} were written`);
  say(dim(`in ${((performance.now() - startedMs) / 1000).toFixed(1)} s, all of it on this machine`));
}

await tell(demo);
