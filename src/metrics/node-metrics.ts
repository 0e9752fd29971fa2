import { Gauge, type Registry } from "prom-client";
import type { NodeState } from "../store/cluster.ts";

/** Of the nodes that work on the store, as one of them sees it. */
export interface NodeFigures {
  readonly nodes: number;
  /** Parts of the log of events that this one holds. */
  readonly shards: number;
  /** When the oldest event was committed that this one has and has not dispatched. */
  readonly oldestMs: number | undefined;
  /** When this one last said that it is there; `undefined`: the others have given it up. */
  readonly seenMs: number | undefined;
}

export function nodeFigures(
  nodes: readonly NodeState[],
  { self, oldestMs }: { readonly self: string; readonly oldestMs: number | undefined },
): NodeFigures {
  const own = nodes.find(({ id }) => id === self);
  return { nodes: nodes.length, shards: own?.shards ?? 0, seenMs: own?.seenMs, oldestMs };
}

/** Sets the gauges of `registry` to what is now. */
export function nodeMetrics(registry: Registry, now: () => number): (figures: NodeFigures) => void {
  const gauge = (name: string, help: string): Gauge =>
    new Gauge({ name: `signalbox_${name}`, help, registers: [registry] });
  const all = gauge("nodes", "Nodes that work on the store; each of them says the same");
  const shards = gauge("node_shards", "Parts of the log of events that this node holds, of 64");
  const heartbeat = gauge("node_heartbeat_age_seconds", "Since this node last said that it is there");
  const oldest = gauge(
    "node_oldest_undispatched_seconds",
    "Age of the oldest event that this node has and has not dispatched",
  );
  const age = (ms: number): number => Math.max(0, now() - ms) / 1_000;
  return (figures) => {
    oldest.set(figures.oldestMs === undefined ? 0 : age(figures.oldestMs));
    all.set(figures.nodes);
    shards.set(figures.shards);
    if (figures.seenMs !== undefined) heartbeat.set(age(figures.seenMs));
  };
}
