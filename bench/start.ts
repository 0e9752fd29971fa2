import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { newUuid, parseConfig, start } from "../src/index.ts";
import { putEvent } from "./support/events.ts";
import { atMost, say } from "./support/figure.ts";
import { median } from "./support/quantiles.ts";
import { benchSettings, benchToken } from "./support/server.ts";
import { commandMs, fromSource, installed, type Program, serving, startOf } from "./support/started.ts";

/**
 * How long a server takes from its spawn to the first 200 of `/healthz`, and what it takes of memory and processors when nothing is asked of it: from
 * the sources and from the package as `npm pack` makes it, with compiled code that an earlier start has kept and without any, on an empty folder and
 * on one with many events. And from spawn to end, commands. In turn, in one run; medians.
 *
 *   npm run bench:start -- [rounds] [--events 200000] [--idle 20]    seconds of idling, once for each; Linux only
 */

const { values, positionals } = parseArgs({
  options: { events: { type: "string" }, idle: { type: "string" } },
  allowPositionals: true,
});
const rounds = Number(positionals[0] ?? 7);
const events = Number(values.events ?? 200_000);
const idleMs = 1_000 * Number(values.idle ?? 20);

const folder = mkdtempSync(join(tmpdir(), "signalbox-start-"));
using _folder = { [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
using package_ = installed();
const cache = { XDG_CACHE_HOME: join(folder, "cache") };
const none = { NODE_DISABLE_COMPILE_CACHE: "1" };
mkdirSync(cache.XDG_CACHE_HOME, { mode: 0o700 });
const programs = {
  package: { bin: package_.bin, env: cache },
  "package, nothing kept": { bin: package_.bin, env: none },
  source: { bin: fromSource, env: cache },
  "source, nothing kept": { bin: fromSource, env: none },
} as const satisfies Readonly<Record<string, Program>>;

let folders = 0;
const emptyFolder = (): string => join(folder, `empty-${folders++}`);
const fullFolder = join(folder, "full");
await fill(fullFolder);

const ready = new Map<string, number[]>();
const note = (name: string, ms: number): void => void ready.set(name, [...(ready.get(name) ?? []), ms]);
const shown: Record<string, Record<string, number>> = {};
const idling = new Map<string, Awaited<ReturnType<typeof startOf>>>();

// The first of each is what the others find kept, and long enough for that.
for (const [name, program] of Object.entries(programs)) {
  for (const [kind, data] of Object.entries({ empty: emptyFolder(), full: fullFolder })) {
    const begun = await startOf(program, data, idleMs);
    idling.set(`${name}, ${kind}`, begun);
  }
}
for (let round = 0; round < rounds; round++) {
  for (const [name, program] of Object.entries(programs)) {
    for (const [kind, data] of Object.entries({ empty: emptyFolder(), full: fullFolder })) {
      await using server = await serving(program, data);
      note(`${name}, ${kind}`, server.readyMs);
      note(`${name}, ${kind}: cpu`, server.readyCpuMs);
    }
  }
}
const of = (name: string): number => median(ready.get(name) ?? []);
for (const [name, { idleMb, idleCpuMs }] of idling) {
  shown[name] = {
    "ready ms": Math.round(of(name)),
    "CPU ms until then": Math.round(of(`${name}: cpu`)),
    "idle MB": Math.round(idleMb),
    "idle CPU ms a minute": Math.round(idleCpuMs),
  };
}
console.table(shown);

{
  await using server = await serving(programs.package, emptyFolder());
  for (let round = 0; round <= rounds; round++) {
    for (const name of ["package", "source"] as const) {
      const { bin, env } = programs[name];
      const asking = { bin, env: { ...env, SIGNALBOX_URL: server.url, SIGNALBOX_TOKEN: benchToken } };
      const helpMs = await commandMs(asking, ["--help"]);
      const listMs = await commandMs(asking, ["event", "list"]);
      // The first keeps what is compiled.
      if (round === 0) continue;
      note(`help ${name}`, helpMs);
      note(`list ${name}`, listMs);
    }
  }
}

const memory = (name: string): number => idling.get(`${name}, empty`)?.idleMb ?? Number.NaN;
const ofIdle = ({ idleCpuMs }: { readonly idleCpuMs: number } = { idleCpuMs: Number.NaN }): string =>
  `${idleCpuMs.toFixed(0)} ms of a processor in each minute without work`;
say(
  {
    name: "start package",
    value: of("package, empty"),
    unit: "ms",
    goal: atMost(350),
    of: `${of("package, full").toFixed(0)} ms with ${events} events; with nothing kept ${of("package, nothing kept, empty").toFixed(0)} ms`,
  },
  {
    name: "start idle",
    value: memory("package"),
    unit: "MB",
    goal: atMost(120),
    of: `from source ${memory("source").toFixed(0)} MB; ${ofIdle(idling.get("package, empty"))}`,
  },
  {
    name: "start source",
    value: of("source, empty"),
    unit: "ms",
    goal: atMost(700),
    of: `${of("source, full").toFixed(0)} ms with ${events} events; with nothing kept ${of("source, nothing kept, empty").toFixed(0)} ms`,
  },
  {
    name: "start command",
    value: of("list package"),
    unit: "ms",
    of: `event list; --help ${of("help package").toFixed(0)} ms; from source ${of("list source").toFixed(0)} and ${of("help source").toFixed(0)} ms`,
  },
);

/** Makes a folder with events that are done. */
async function fill(data: string): Promise<void> {
  await using signalbox = await start(parseConfig(benchSettings(data), []));
  const bucket = { name: "bench", uuid: newUuid("bucket", { nowMs: Date.now(), bytes: Buffer.alloc(10) }) };
  for (let made = 0; made < events; made += 1_000) {
    await Promise.all(
      Array.from({ length: Math.min(1_000, events - made) }, (_, index) =>
        signalbox.publish(putEvent(bucket, `k${made + index}`)),
      ),
    );
  }
}
