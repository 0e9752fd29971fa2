import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { atLeast, type Figure, say } from "./support/figure.ts";
import { loadOf } from "./support/load.ts";
import { forked, type Served, servedSignalbox } from "./support/processes.ts";
import { median } from "./support/quantiles.ts";
import { Receiver } from "./support/receiver.ts";
import { accessKey } from "./support/server.ts";
import { type Asked, Signer } from "./support/signer.ts";

/**
 * What the S3 endpoint costs: objects of 1 KiB read (GET), asked about (HEAD) and written (PUT), and a list of 100 of them, against a plain Node
 * file server (support/plain-files.ts says what that does); and PUTs into a bucket with one rule, whose webhooks are delivered meanwhile, against
 * a bucket without any (`rule`). In turn, in one run; medians of the rates, and of the ratios of the rounds.
 *
 * Signalbox is a `signalbox serve` of its own, and so is the plain server. One client process asks either over as many kept connections, each
 * with one request under way; both get the same requests. The client signs each when it sends it, with SigV4 in headers (host, x-amz-date,
 * x-amz-content-sha256, that of a PUT being the hash of its body), and reads the answer: Signalbox verifies the signature, the plain server does
 * not look. With `--prepared` requests are signed beforehand: then the client costs next to nothing. The same 960 objects are read again and
 * again, so that neither server waits for the disk.
 *
 *   npm run bench:s3 -- [rounds] [--only get,head,put,list,rule] [--prepared]
 */

const { values: options, positionals } = parseArgs({
  options: { only: { type: "string" }, prepared: { type: "boolean", default: false } },
  allowPositionals: true,
});
const rounds = Number(positionals[0] ?? 7);
const only = options.only?.split(",");
const roundMs = 1_000;
const ruleRoundMs = 2_000;
const connections = 32;
const keysPerConnection = 30;
const listedKeys = 100;

const body = Buffer.alloc(1_024, "s");
const bodyHash = createHash("sha256").update(body).digest("hex");
const emptyHash = createHash("sha256").update("").digest("hex");

const folder = await mkdtemp(join(tmpdir(), "signalbox-bench-"));
await using _folder = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
for (const bucket of ["bare", "list"]) await mkdir(join(folder, "plain", bucket), { recursive: true });
using receiver = await Receiver.start();
await using signalbox = await servedSignalbox(join(folder, "data"));
await using plain = await forked(new URL("support/plain-files.ts", import.meta.url), join(folder, "plain"));

/** Each connection has objects of its own. */
function objects(method: Asked["method"], bucket: string): (connection: number) => Asked[] {
  const content = method === "PUT" ? { body, bodyHash } : { bodyHash: emptyHash };
  return (connection) =>
    Array.from({ length: keysPerConnection }, (_, count) => {
      return { method, path: `/${bucket}/client-${connection}-object-${count}`, ...content };
    });
}

const list = (): Asked[] => [{ method: "GET", path: "/list", query: "list-type=2", bodyHash: emptyHash }];

interface Measured {
  readonly answers: number;
  readonly perSecond: number;
  /** Microseconds of processors for each answer, all threads of the server together. */
  readonly cpu: number;
}

async function measured(server: Served, asked: (connection: number) => Asked[], ms = roundMs): Promise<Measured> {
  const lists = Array.from({ length: connections }, (_, connection) => asked(connection));
  const { port } = server;
  const signer = new Signer(port, accessKey);
  const written = (one: Asked): Buffer => signer.written(one);
  const prepared = options.prepared ? lists.map((list) => list.map(written)) : undefined;
  const before = server.cpuSeconds();
  const { answers, seconds } =
    prepared === undefined
      ? await loadOf(lists, { port, ms, written })
      : await loadOf(prepared, { port, ms, written: (request) => request });
  return { answers, perSecond: answers / seconds, cpu: ((server.cpuSeconds() - before) * 1e6) / answers };
}

/** What is still to be delivered afterwards is waited for, so that it costs no one else. */
async function ruledPuts(): Promise<Measured> {
  const before = receiver.answered;
  const result = await measured(signalbox, objects("PUT", "ruled"), ruleRoundMs);
  while (receiver.answered - before < result.answers) await receiver.news();
  return result;
}

/** The rate of `one` is told as a part of that of `other`. */
interface Comparison {
  readonly name: string;
  readonly goal?: NonNullable<Figure["goal"]>;
  readonly one: () => Promise<Measured>;
  readonly other: () => Promise<Measured>;
}

const against = (asked: (connection: number) => Asked[]): Pick<Comparison, "one" | "other"> => ({
  one: () => measured(signalbox, asked),
  other: () => measured(plain, asked),
});

const comparisons: readonly Comparison[] = [
  { name: "GET", goal: atLeast(0.7), ...against(objects("GET", "bare")) },
  { name: "HEAD", goal: atLeast(0.8), ...against(objects("HEAD", "bare")) },
  { name: "PUT", ...against(objects("PUT", "bare")) },
  { name: "list", ...against(list) },
  {
    name: "rule",
    goal: atLeast(0.97),
    one: ruledPuts,
    other: () => measured(signalbox, objects("PUT", "bare"), ruleRoundMs),
  },
];

/** Each once, over one connection for each list. */
async function each({ port }: Served, lists: readonly (readonly Asked[])[]): Promise<void> {
  const signer = new Signer(port, accessKey);
  await loadOf(lists, { port, written: (one) => signer.written(one) });
}

const puts = (path: string): Asked => ({ method: "PUT", path, body, bodyHash });
const none = { body: Buffer.alloc(0), bodyHash: emptyHash };
await each(signalbox, [
  ["bare", "ruled", "list"].map((bucket): Asked => ({ method: "PUT", path: `/${bucket}`, ...none })),
]);
const rule = { url: `http://127.0.0.1:${receiver.port}/hook` };
await signalbox.api("POST", "/api/cloud/buckets/ruled/notifications/", rule);
const listed = Array.from({ length: listedKeys }, (_, count) => puts(`/list/${count}`));
const bare = Array.from({ length: connections }, (_, connection) => objects("PUT", "bare")(connection));
for (const server of [signalbox, plain]) await each(server, [listed, ...bare]);

const chosen = comparisons.filter(({ name }) => only?.includes(name.toLowerCase()) ?? true);
for (const { one, other } of chosen) {
  await one();
  await other();
}
const results = new Map(chosen.map((comparison) => [comparison, [] as { one: Measured; other: Measured }[]]));
for (let round = 1; round <= rounds; round += 1) {
  for (const [{ name, one, other }, all] of results) {
    // In every second round the other comes first.
    const early = round % 2 === 0 ? await other() : undefined;
    const result = { one: await one(), other: early ?? (await other()) };
    all.push(result);
    console.log(
      `round ${round}: ${name} ${result.one.perSecond.toFixed(0)}/s of ${result.other.perSecond.toFixed(0)}/s`,
    );
  }
}

const figures = [...results].map(([{ name, goal }, all]): Figure => {
  const told = (which: "one" | "other"): string => {
    const of = (what: "perSecond" | "cpu"): string => median(all.map((result) => result[which][what])).toFixed(0);
    return `${of("perSecond")}/s (${of("cpu")} µs of processors each)`;
  };
  const value = median(all.map(({ one, other }) => one.perSecond / other.perSecond));
  return {
    name: `s3 ${name}`,
    value,
    ...(goal === undefined ? {} : { goal }),
    of: `${told("one")} of ${told("other")}`,
  };
});
say(...figures);
