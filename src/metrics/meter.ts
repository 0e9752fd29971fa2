import { Counter, Gauge, Registry } from "prom-client";
import { type FailureReason, failureReasons } from "../domain/retry.ts";
import { type NodeFigures, nodeMetrics } from "./node-metrics.ts";
import { type FolderFigures, processMetrics } from "./process-metrics.ts";
import { observations, talliesBy, tally } from "./tallies.ts";

/** What the engine counts, where a human would ask "how many". */
export interface Meter {
  accepted(events: number): void;
  matched(deliveries: number): void;
  /** One attempt ended; `reason` is absent when it was acknowledged. */
  attempted(durationMs: number, reason?: FailureReason): void;
  /** `latencyMs`: from the event to its acknowledgement. */
  delivered(latencyMs: number): void;
  dead(reason: FailureReason): void;
  /** A first attempt that found no free slot, or was put behind those that wait. */
  parked(deliveries: number): void;
  /** An operation that had hooks was decided. */
  hook(outcome: "allowed" | "denied" | "failed", durationMs: number): void;
  /** An event found filters that take longer than a moment: it is matched apart from those of other tenants. */
  slowMatch?(): void;
  /** Events were set aside: until their tenant's share of matching lasts, or for good. */
  aside?(state: "waiting" | "poisoned", events: number): void;
  /** A hook failed so often that it is not asked for a while. */
  breakerOpened(): void;
  /** A sender thread ended by itself. */
  senderLost(): void;
}

/** What is asked of the store only when metrics are read. */
interface Depth {
  readonly waiting: number;
  readonly dead: number;
  readonly oldestWaitingMs?: number;
  /** Events that were set aside. */
  readonly aside?: { readonly waiting: number; readonly poisoned: number };
  /** Of compiled filters. */
  readonly filterBytes?: number;
  /** Of functions. */
  readonly processes: number;
  readonly intents: { readonly open: number; readonly unresolved: number };
  readonly folder?: FolderFigures;
  readonly nodes?: NodeFigures;
  /** Of the host's inbox, where there is one. */
  readonly inbox?: InboxDepth;
}

interface InboxDepth {
  readonly isRelaying: boolean;
  readonly relayed: number;
  readonly duplicates: number;
  readonly waiting: number;
  readonly aside: number;
  readonly oldestWaitingMs?: number;
}

export interface RenderedMeter extends Meter {
  /** All that was counted, in the Prometheus text format. */
  render(depth: Depth): Promise<string>;
}

/** Of what is in a host's database, and of what was moved from there. */
function inboxMetrics(registry: Registry, now: () => number): (depth: InboxDepth) => void {
  const gauge = (name: string, help: string): Gauge =>
    new Gauge({ name: `signalbox_inbox_${name}`, help, registers: [registry] });
  const relaying = gauge("relaying", "1 while events of the inbox are moved by this process");
  const counter = (name: string, help: string): Counter =>
    new Counter({ name: `signalbox_inbox_${name}`, help, registers: [registry] });
  const relayed = counter("events_total", "Events of the inbox that this process has published");
  const duplicates = counter("duplicates_total", "Rows of the inbox whose events had been published before");
  const waiting = gauge("waiting", "Rows of the inbox that wait; counted to 10,000");
  const aside = gauge("aside", "Rows of the inbox that could not be published; counted to 10,000");
  const oldest = gauge("oldest_waiting_seconds", "Age of the row of the inbox that waits first");
  let told = { relayed: 0, duplicates: 0 };
  return (depth) => {
    relaying.set(depth.isRelaying ? 1 : 0);
    relayed.inc(depth.relayed - told.relayed);
    duplicates.inc(depth.duplicates - told.duplicates);
    told = depth;
    waiting.set(depth.waiting);
    aside.set(depth.aside);
    oldest.set(depth.oldestWaitingMs === undefined ? 0 : Math.max(0, now() - depth.oldestWaitingMs) / 1_000);
  };
}

/** Seconds. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600];

/** Counters in the Prometheus text format. */
export function prometheusMeter(now: () => number): RenderedMeter {
  const registry = new Registry();
  const registers = [registry];
  const described = (name: string, help: string) => ({ name: `signalbox_${name}`, help });
  const counter = (name: string, help: string, labelNames: string[] = []): Counter =>
    new Counter({ ...described(name, help), labelNames, registers });
  const gauge = (name: string, help: string, labelNames: string[] = []): Gauge =>
    new Gauge({ ...described(name, help), labelNames, registers });
  const counted = (name: string, help: string) => tally(registry, described(name, help));
  const countedByReason = (name: string, help: string) =>
    talliesBy(registry, described(name, help), { label: "reason", values: failureReasons });
  const histogram = (name: string, help: string) => observations(registry, described(name, help), bounds);
  const events = counted("events_accepted_total", "Events made durable");
  const matches = counted("deliveries_matched_total", "Deliveries that events gave rise to");
  const deliveries = counted("deliveries_delivered_total", "Deliveries that were acknowledged");
  const failures = countedByReason("attempts_failed_total", "Attempts that were not acknowledged");
  const deaths = countedByReason("deliveries_dead_total", "Deliveries that gave up");
  const parks = counted("deliveries_parked_total", "First attempts put off: no slot was free, and no place in line");
  const attempts = histogram("attempt_duration_seconds", "How long attempts took");
  const latencies = histogram("delivery_latency_seconds", "From the event to its acknowledgement");
  const chains = counter("hook_chains_total", "Operations that hooks decided", ["outcome"]);
  const chainTimes = histogram("hook_chain_duration_seconds", "How long operations waited for their hooks");
  const breakers = counter("hook_breakers_opened_total", "Times that a failing hook was left out for a while");
  const lostSenders = counter("senders_lost_total", "Sender threads that ended by themselves and were replaced");
  const processes = gauge("sandbox_processes", "Processes of functions, spares included");
  const intents = gauge("intents", "Operations of the host that were begun and not yet concluded; of all nodes", [
    "state",
  ]);
  const queue = gauge("queue_depth", "Deliveries that wait, paused ones included; of all nodes");
  const letters = gauge("dead_letters", "Dead deliveries that are kept; of all nodes");
  const oldest = gauge(
    "oldest_waiting_seconds",
    "Age of the oldest event that still waits for a delivery; of all nodes",
  );
  const slow = counter(
    "slow_matches_total",
    "Events whose filters took longer than a moment, matched apart from others",
  );
  const setAside = counter("events_set_aside_total", "Events that were set aside", ["state"]);
  const aside = gauge("events_aside", "Events that are set aside: waiting, or poisoned; of all nodes", ["state"]);
  const filterBytes = gauge("filter_bytes", "Memory of compiled filters, about");
  const ofInbox = inboxMetrics(registry, now);
  // Each is there from the start: a counter that appears with its first count has no increase to be alarmed by.
  for (const outcome of ["allowed", "denied", "failed"]) chains.inc({ outcome }, 0);
  for (const state of ["waiting", "poisoned"]) setAside.inc({ state }, 0);
  const ofNodes = nodeMetrics(registry, now);
  const ofProcess = processMetrics(registry);
  return {
    slowMatch: () => slow.inc(),
    aside: (state, count) => setAside.inc({ state }, count),
    accepted: events,
    matched: matches,
    attempted: (durationMs, reason) => {
      attempts(durationMs / 1_000);
      if (reason !== undefined) failures(reason, 1);
    },
    delivered: (latencyMs) => {
      deliveries(1);
      latencies(latencyMs / 1_000);
    },
    dead: (reason) => deaths(reason, 1),
    parked: parks,
    hook: (outcome, durationMs) => {
      chains.inc({ outcome });
      chainTimes(durationMs / 1_000);
    },
    breakerOpened: () => breakers.inc(),
    senderLost: () => lostSenders.inc(),
    render: async (depth) => {
      await ofProcess(depth.folder);
      if (depth.nodes !== undefined) ofNodes(depth.nodes);
      if (depth.inbox !== undefined) ofInbox(depth.inbox);
      queue.set(depth.waiting);
      letters.set(depth.dead);
      processes.set(depth.processes);
      aside.set({ state: "waiting" }, depth.aside?.waiting ?? 0);
      aside.set({ state: "poisoned" }, depth.aside?.poisoned ?? 0);
      filterBytes.set(depth.filterBytes ?? 0);
      intents.set({ state: "open" }, depth.intents.open);
      intents.set({ state: "unresolved" }, depth.intents.unresolved);
      oldest.set(depth.oldestWaitingMs === undefined ? 0 : Math.max(0, now() - depth.oldestWaitingMs) / 1_000);
      return registry.metrics();
    },
  };
}
