/** The engine and its context as `wire.ts` makes them, out of what a test brings and of ports that do nothing. */
import { type Config, parseConfig } from "../../src/config/config.ts";
import type { Context } from "../../src/context.ts";
import { type Engine, type EngineOptions, engineOf } from "../../src/engine.ts";
import { type Bounds, ClientConnections, defaultBounds } from "../../src/faces/http/front/connections.ts";
import { silentLog } from "../../src/log.ts";
import { prometheusMeter } from "../../src/metrics/meter.ts";
import { offload } from "../../src/offload/offload.ts";
import { Slices } from "../../src/pace/slices.ts";
import type { Ports } from "../../src/ports.ts";
import { aesVault } from "../../src/secrets/vault.ts";
import { singleNode } from "../../src/store/cluster.ts";
import { wakeInProcess } from "../../src/store/wake.ts";
import { preparedBy } from "../../src/subscriptions/target-kinds/target-kinds.ts";

/**
 * The default settings, but that a tenant may make any number of events: a clock that stands still lets no rate recover. Nor does it in other
 * threads, so none of them sends.
 */
export function testConfig(over: Partial<Config> = {}): Config {
  return { ...parseConfig({}, []), senders: 0, quotaEventsPerSecond: Number.MAX_SAFE_INTEGER, ...over };
}

/** What is to wait for its rate would wait for a clock that stands still. */
export function testConnections(clock: Ports["clock"], over: Partial<Bounds> = {}): ClientConnections {
  return new ClientConnections(clock, { ...defaultBounds, anonymousPerSecond: 0, documentRate: 0, ...over });
}

export type GivenPorts = Pick<Ports, "store" | "feed" | "clock"> & Partial<Ports>;

function unused(name: string): never {
  throw new TypeError(`this test brought no ${name}`);
}

/** Those that are given, and ones that do nothing. */
export function testPorts(given: GivenPorts): Ports {
  const { clock, log = silentLog } = given;
  return {
    blobs: absent("blobs"),
    sweepBytes: async () => {},
    sandbox: absent("sandbox"),
    vault: aesVault(new Uint8Array(32)),
    mailer: { send: () => unused("mailer"), [Symbol.asyncDispose]: async () => {} },
    keptMails: undefined,
    inbox: undefined,
    cluster: singleNode("test", () => clock.now()),
    hints: wakeInProcess(),
    marks: { found: [], put: () => () => {}, [Symbol.dispose]: () => {} },
    log,
    meter: prometheusMeter(() => clock.now()),
    slices: new Slices(),
    // Its threads start when they are needed, and hold no process.
    offload: offload({ clock, log }),
    ...given,
  };
}

/** Fails when anything of it is used. */
function absent(name: "blobs" | "sandbox"): Ports["blobs"] & Ports["sandbox"] {
  return new Proxy({} as Ports["blobs"] & Ports["sandbox"], { get: () => unused(name) });
}

export function testEngine(given: GivenPorts, options: Partial<EngineOptions> = {}): Promise<Engine> {
  return engineOf(testPorts(given), {
    config: testConfig(),
    callPlatform: async () => ({ status: 404, headers: {}, body: "" }),
    publicUrl: () => "http://signalbox.example",
    host: {},
    prepare: preparedBy,
    ...options,
  });
}

/** Of an engine that is never started, with what the test has instead. */
export async function testContext(given: GivenPorts, over: Partial<Context> = {}): Promise<Context> {
  const { context } = await testEngine(given);
  return { ...context, ...over };
}
