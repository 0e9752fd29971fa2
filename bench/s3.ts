import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { head } from "../test/support/sign.ts";
import { atLeast, type Figure, say } from "./support/figure.ts";
import { loadOf } from "./support/load.ts";
import { forked, type Served, servedSignalbox } from "./support/processes.ts";
import { Receiver } from "./support/receiver.ts";
import { accessKey, median } from "./support/server.ts";

/**
 * What the S3 endpoint costs: objects of 1 KiB read (GET), asked about (HEAD) and written (PUT), and a list of 100 of them, against a plain Node
 * file server (support/plain-files.ts says what that does); and PUTs into a bucket with one rule, whose webhooks are delivered meanwhile, against
 * a bucket without any. In turn, in one run; medians of the rates, and of the ratios of the rounds.
 *
 * Signalbox is a `signalbox serve` of its own, and so is the plain server. One client process asks either over as many kept connections, each
 * with one request under way; both get the same requests. They are signed with SigV4 in their headers (host, x-amz-date, x-amz-content-sha256,
 * that of a PUT being the hash of its body) before the time begins: Signalbox verifies them, the plain server does not look.
 * `rule` is PUT with the rule held against PUT without; the others are held against the plain server.
 *
 *   npm run bench:s3 -- [rounds] [--only get,head,put,list,rule]
 */

const { values: options, positionals } = parseArgs({
  options: { only: { type: "string" } },
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

interface Asked {
  readonly method: "GET" | "HEAD" | "PUT";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** As it goes on the wire. */
function signed({ port }: Served, { body = Buffer.alloc(0), ...asked }: Asked): Buffer {
  const payload = body.length === 0 ? emptyHash : bodyHash;
  const headers = asked.method === "PUT" ? { "content-length": String(body.length) } : {};
  return Buffer.concat([Buffer.from(head(port, accessKey, { ...asked, headers, payload })), body]);
}

/** Each connection has objects of its own. */
function objects(method: Asked["method"], bucket: string): (connection: number) => Asked[] {
  const content = method === "PUT" ? { body } : {};
  return (connection) =>
    Array.from({ length: keysPerConnection }, (_, count) => {
      return { method, path: `/${bucket}/client-${connection}-object-${count}`, ...content };
    });
}

const list = (): Asked[] => [{ method: "GET", path: "/list", query: { "list-type": "2" } }];

interface Measured {
  readonly answers: number;
  readonly perSecond: number;
  /** Microseconds of processors for each answer, all threads of the server together. */
  readonly cpu: number;
}

async function measured(server: Served, asked: (connection: number) => Asked[], ms = roundMs): Promise<Measured> {
  const requests = Array.from({ length: connections }, (_, connection) =>
    asked(connection).map((one) => signed(server, one)),
  );
  const before = server.cpuSeconds();
  const { answers, seconds } = await loadOf(requests, { port: server.port, ms });
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
async function each(server: Served, asked: readonly (readonly Asked[])[]): Promise<void> {
  const requests = asked.map((list) => list.map((one) => signed(server, one)));
  await loadOf(requests, { port: server.port });
}

const buckets = ["bare", "ruled", "list"].map((bucket): Asked => ({ method: "PUT", path: `/${bucket}` }));
await each(signalbox, [buckets]);
const rule = { url: `http://127.0.0.1:${receiver.port}/hook` };
await signalbox.api("POST", "/api/cloud/buckets/ruled/notifications/", rule);
const listed = Array.from(
  { length: listedKeys },
  (_, count): Asked => ({ method: "PUT", path: `/list/${count}`, body }),
);
const puts = Array.from({ length: connections }, (_, connection) => objects("PUT", "bare")(connection));
for (const server of [signalbox, plain]) await each(server, [listed, ...puts]);

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
