/** A sandbox without walls, for tests of what stands around functions: code runs in this process, and must be well-behaved. */
import type { Json } from "../../src/domain/event.ts";
import { asError } from "../../src/errors.ts";
import type {
  Code,
  LoadProblem,
  LogLine,
  Sandbox,
  SandboxCall,
  SandboxFailure,
  SandboxResult,
} from "../../src/sandbox/sandbox.ts";

export interface FakeSandbox extends Sandbox {
  /** Calls that were begun. */
  readonly calls: readonly SandboxCall[];
  /** What calls come to instead of being run. */
  fails: SandboxFailure | undefined;
  /** What comes of every load. */
  loadProblem: LoadProblem | undefined;
}

type Log = (level: LogLine["level"], parts: readonly unknown[]) => void;
type Main = (event: Json, context: Readonly<Record<string, unknown>>) => unknown;

export function fakeSandbox(): FakeSandbox {
  const calls: SandboxCall[] = [];
  const modules = new Map<string, Promise<{ readonly default?: unknown }>>();
  const load = (code: Code): Promise<{ readonly default?: unknown }> => {
    const url = `data:text/javascript;base64,${Buffer.from(code.js).toString("base64")}#${encodeURIComponent(code.id)}`;
    const loaded = modules.get(url) ?? (import(url) as Promise<{ readonly default?: unknown }>);
    modules.set(url, loaded);
    return loaded;
  };
  const sandbox: FakeSandbox = {
    calls,
    fails: undefined,
    loadProblem: undefined,
    check: async (_, code) => {
      if (sandbox.loadProblem !== undefined) return sandbox.loadProblem;
      try {
        const fit = typeof (await load(code)).default === "function";
        return fit ? undefined : { message: "it has no function as its default export" };
      } catch (thrown) {
        return problem(asError(thrown));
      }
    },
    run: async (call, signal) => {
      calls.push(call);
      const logs: LogLine[] = [];
      const outcome =
        sandbox.fails === undefined
          ? await ending(call, signal, async () => {
              const main = (await load(call.code)).default as Main;
              return plain(await main(structuredClone(call.event), contextOf(call, logs)));
            })
          : failed(sandbox.fails, new Error("as the test wished"));
      return { outcome, logs, logsCut: false, times: { queueMs: 0, coldMs: 0, totalMs: 1 } };
    },
    warm: () => {},
    processes: () => [],
    [Symbol.asyncDispose]: async () => {},
  };
  return sandbox;
}

type Outcome = SandboxResult["outcome"];

function failed(reason: SandboxFailure, { name, message, stack = "" }: Error): Outcome {
  return { kind: "failed", reason, error: { name, message, stack: named(stack) } };
}

/** As the real one calls the module. */
function named(stack: string): string {
  return stack.replaceAll(/data:text\/javascript;base64,[^:)\s]*/g, "function.js");
}

function problem({ name, message, stack = "" }: Error): LoadProblem {
  const [, line, column = "1"] = /function\.js:(\d+)(?::(\d+))?/.exec(named(stack)) ?? [];
  const said = `${name}: ${message}`;
  return line === undefined ? { message: said } : { message: said, line: Number(line), column: Number(column) };
}

/** What JSON makes of it. */
function plain(value: unknown): Json {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as Json);
}

/** However the call ends first: by itself, by its time, by its caller. */
async function ending(call: SandboxCall, signal: AbortSignal | undefined, run: () => Promise<Json>): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const cancel = (): void => resolve(failed("cancelled", new Error("the call was cancelled")));
  const timer = setTimeout(() => resolve(failed("timeout", new Error("it took too long"))), call.timeoutMs);
  signal?.addEventListener("abort", cancel, { once: true });
  if (signal?.aborted === true) cancel();
  run().then(
    (value) => resolve({ kind: "ok", value }),
    (thrown: unknown) => resolve(failed("threw", asError(thrown))),
  );
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", cancel);
  }
}

function contextOf(call: SandboxCall, logs: LogLine[]): Readonly<Record<string, unknown>> {
  const told: Log = (level, parts) => void logs.push({ atMs: 0, level, message: parts.map(shown).join(" ") });
  const log = Object.assign((...parts: unknown[]) => told("info", parts), {
    debug: (...parts: unknown[]) => told("debug", parts),
    info: (...parts: unknown[]) => told("info", parts),
    warn: (...parts: unknown[]) => told("warn", parts),
    error: (...parts: unknown[]) => told("error", parts),
  });
  const api = async (path: string, init?: RequestInit): Promise<Response> => {
    if (call.api === undefined) throw new Error("this function was called without an api");
    const request = new Request(`http://api${path}`, init);
    const body = request.body === null ? {} : { body: await request.text() };
    const headers = Object.fromEntries(request.headers);
    const answer = await call.api({ method: request.method, path, headers, ...body }, new AbortController().signal);
    return new Response(answer.body, { status: answer.status, headers: { ...answer.headers } });
  };
  return { env: Object.freeze({ ...call.code.env }), log, api };
}

function shown(part: unknown): string {
  return typeof part === "string" ? part : (JSON.stringify(part) ?? String(part));
}
