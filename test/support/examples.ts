/** Runs the examples of a page as a reader would: every block of shell in its order, on a real server. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningServer, runServer } from "./in-process.ts";
import { type Block, blocksOf, read } from "./markdown.ts";
import { processEnv } from "./process-env.ts";
import { until } from "./until.ts";
import { type WebhookReceiver, webhookReceiver } from "./webhooks.ts";

/** What the pages say, so that their examples can be copied from one to the next. */
const told = {
  SIGNALBOX_ADMIN_TOKEN: "change-me-please-1234",
  SIGNALBOX_S3_ACCESS_KEY_ID: "me",
  SIGNALBOX_S3_SECRET_ACCESS_KEY: "change-me-too",
};

export interface Examples extends AsyncDisposable {
  readonly server: RunningServer;
  readonly receiver: WebhookReceiver;
  /** What the receiver answers from now on. */
  answer: number;
  /**
   * Runs the blocks whose info is in `kinds` and holds what is answered and received against the JSON behind them. `before` is
   * called with each block that is about to be run.
   */
  run(page: string, options?: RunOptions): Promise<number>;
}

export interface RunOptions {
  readonly kinds?: readonly string[];
  readonly before?: (block: Block) => Promise<void>;
}

/** @param over settings beside those, and what else the blocks may name. */
export async function examples(
  over: Readonly<Record<string, string>> = {},
  variables: Readonly<Record<string, string>> = {},
): Promise<Examples> {
  await using opened = new AsyncDisposableStack();
  const state = { answer: 200 };
  const receiver = opened.use(await webhookReceiver(() => state.answer));
  const server = opened.use(await runServer({ ...told, ...over }));
  const folder = await mkdtemp(join(tmpdir(), "signalbox-docs-"));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const owned = opened.move();

  const here = (text: string): string =>
    text
      .replaceAll("http://127.0.0.1:8080", server.url)
      .replaceAll("http://127.0.0.1:9000", server.s3Url)
      .replaceAll("http://127.0.0.1:3000", receiver.url)
      .replaceAll("https://hooks.example.com", receiver.url);

  const run = async (page: string, { kinds = ["sh", "sh fails"], before }: RunOptions = {}): Promise<number> => {
    const session = new Session(folder, {
      SIGNALBOX_URL: server.url,
      SIGNALBOX_TOKEN: server.token,
      AWS_DEFAULT_REGION: "us-east-1",
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_PAGER: "",
      ...variables,
    });
    let ran = 0;
    let last: Block | undefined;
    for (const block of blocksOf(read(page)).map((one) => ({ ...one, text: here(one.text) }))) {
      const where = `${page}:${block.line}`;
      if (kinds.includes(block.info)) {
        await before?.(block);
        await session.run(block, where);
        ran += 1;
        last = block;
      } else if (block.info === "json payload") {
        const { events } = JSON.parse(block.text) as { readonly events: readonly { object: { key: string } }[] };
        const key = events[0]?.object.key;
        const heard = () => receiver.received.find((one) => one.events[0]?.object.key === key);
        await until(`${where}: a webhook about ${key}`, () => heard() !== undefined);
        assertLike(JSON.parse(heard()?.body ?? ""), JSON.parse(block.text), where);
      } else if (block.info.startsWith("json received ")) {
        const path = block.info.replace("json received ", "");
        const got = () => receiver.received.findLast((one) => one.path === path);
        await until(`${where}: a webhook to ${path}`, () => got() !== undefined);
        assertLike(JSON.parse(got()?.body ?? ""), JSON.parse(block.text), where);
      } else if (block.info === "json" && last !== undefined) {
        await session.holdAgainst(last, block, where);
      }
    }
    return ran;
  };
  return {
    server,
    receiver,
    get answer() {
      return state.answer;
    },
    set answer(status) {
      state.answer = status;
    },
    run,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Names that a page introduces with "below, `$RULE` is that `id`". */
const namedAnswers: readonly (readonly [name: string, of: (data: Data) => string | undefined])[] = [
  ["RULE", (data) => (data.signing_secret === undefined ? undefined : data.id)],
  ["DELIVERY", (data) => data.deliveries?.[0]?.id],
  ["REDRIVE", (data) => (data.state === undefined ? undefined : data.id)],
  ["FILE", (data) => data.files?.[0]?.uuid],
  ["WATCH", (data) => (data.signingSecret === undefined ? undefined : data.id)],
  ["FUNCTION", (data) => (data.hash === undefined ? undefined : String(data.id))],
];
interface Data {
  readonly id?: string;
  readonly signing_secret?: string;
  readonly signingSecret?: string;
  readonly files?: readonly { readonly uuid: string }[];
  readonly state?: string;
  /** Of a function. */
  readonly hash?: string;
  readonly deliveries?: readonly { readonly id: string }[];
}

class Session {
  readonly #folder: string;
  readonly #env: Record<string, string | undefined>;
  /** What the blocks so far defined: each is a shell of its own, so that its failure has a name. */
  #definitions = "";
  #output = "";

  constructor(folder: string, env: Readonly<Record<string, string>>) {
    this.#folder = folder;
    // The system's own programs before others of the same name, which may be shims of something else.
    this.#env = { ...processEnv, PATH: `/usr/bin:/bin:${processEnv["PATH"] ?? ""}`, HOME: folder, ...env };
  }

  async run(block: Block, where: string): Promise<void> {
    const { code, out, err } = await shell(`${this.#definitions}\n${block.text}`, this.#folder, this.#env);
    assert.equal(code !== 0, block.info === "sh fails", `${where} ended with ${code}: ${err}${out}`);
    this.#definitions += definitionsIn(block.text);
    this.#output = out;
    const data = dataOf(out);
    for (const [name, of] of namedAnswers) {
      const value = of(data);
      if (value !== undefined) this.#env[name] = value;
    }
  }

  /** What only looks is asked again, as what it should show may be about to come. */
  async holdAgainst(asked: Block, wanted: Block, where: string): Promise<void> {
    const looks = /^(api GET|curl [^\n]*(healthz|readyz|metrics))/.test(asked.text);
    const hold = (): void => assertLike(JSON.parse(this.#output), JSON.parse(wanted.text), where);
    const fits = async (): Promise<boolean> => {
      try {
        hold();
        return true;
      } catch {
        await this.run(asked, where);
        return false;
      }
    };
    if (looks) await until(where, fits, 10_000).catch(() => {});
    hold();
  }
}

/** Exports and functions. */
function definitionsIn(text: string): string {
  const found = text.match(/^export .*$|^[A-Z]+=.*$|^\w+\(\) \{\n[\s\S]*?^\}$/gm) ?? [];
  return found.map((one) => `${one}\n`).join("");
}

function dataOf(out: string): Data {
  try {
    const { data, result } = JSON.parse(out) as { readonly data?: Data; readonly result?: Data };
    return data ?? result ?? {};
  } catch {
    return {};
  }
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

async function shell(text: string, cwd: string, env: Readonly<Record<string, string | undefined>>): Promise<Ended> {
  const child = spawn("bash", ["-euo", "pipefail", "-c", text], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (out += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (err += chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { code, out, err };
}

/** Of these only the kind is told: they differ from run to run. */
const varying = new Set(["duration_ms", "bytes", "first_byte_ms", "connection_reused"]);
/** A time, if it came to that: whether a connection was kept hangs on how long the page took. */
const perhaps = new Set(["connect_ms"]);

const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** `…` in a text stands for anything, an instant for any other; everything else is as written, and nothing is left out. */
export function assertLike(found: unknown, wanted: unknown, where: string): void {
  if (Array.isArray(wanted) && Array.isArray(found)) {
    assert.equal(found.length, wanted.length, `${where}: ${JSON.stringify(found)}`);
    for (const [index, one] of wanted.entries()) assertLike(found[index], one, `${where}[${index}]`);
  } else if (typeof wanted === "object" && wanted !== null && typeof found === "object" && found !== null) {
    assert.deepEqual(Object.keys(found).toSorted(), Object.keys(wanted).toSorted(), where);
    for (const [name, one] of Object.entries(wanted)) {
      const value: unknown = (found as Readonly<Record<string, unknown>>)[name];
      if (varying.has(name)) assert.equal(typeof value, typeof one, `${where}.${name}`);
      else if (perhaps.has(name)) assert.ok(value === null || typeof value === "number", `${where}.${name}`);
      else assertLike(value, one, `${where}.${name}`);
    }
  } else if (typeof wanted === "string" && instant.test(wanted)) {
    assert.match(String(found), instant, where);
  } else if (typeof wanted === "string" && wanted.includes("…")) {
    const literal = wanted.split("…").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
    assert.match(String(found), new RegExp(`^${literal.join("[\\s\\S]+")}$`), where);
  } else {
    assert.deepEqual(found, wanted, where);
  }
}
