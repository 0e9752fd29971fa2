import assert from "node:assert/strict";
import { it } from "node:test";
import { Registry } from "prom-client";
import type { NodeState } from "../store/cluster.ts";
import { nodeFigures, nodeMetrics } from "./node-metrics.ts";

const node = (id: string, shards: number): NodeState => ({
  id,
  version: "1.0.0",
  address: "",
  startedMs: 0,
  seenMs: 8_500,
  shards,
  duties: [],
  isLeaving: false,
});

it("tells of this node what is its own, and nothing is left where nothing waits", async () => {
  const registry = new Registry();
  const show = nodeMetrics(registry, () => 10_000);
  const nodes = [node("a", 22), node("b", 42)];
  show(nodeFigures(nodes, { self: "b", oldestMs: 7_000 }));
  const text = await registry.metrics();
  assert.match(text, /^signalbox_nodes 2$/m);
  assert.match(text, /^signalbox_node_shards 42$/m);
  assert.match(text, /^signalbox_node_heartbeat_age_seconds 1.5$/m);
  assert.match(text, /^signalbox_node_oldest_undispatched_seconds 3$/m);
  show(nodeFigures(nodes, { self: "c", oldestMs: undefined }));
  const after = await registry.metrics();
  assert.match(after, /^signalbox_node_shards 0$/m);
  assert.match(after, /^signalbox_node_oldest_undispatched_seconds 0$/m);
});
