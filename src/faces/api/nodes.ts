import { type Static, Type } from "typebox";
import type { Context } from "../../context.ts";
import { type NodeState, shardCount } from "../../store/cluster.ts";
import { instant, shownInstant } from "../http/fields.ts";
import { named } from "../http/named.ts";
import { type Route, route } from "../http/route.ts";

const shownNode = named(
  "Node",
  Type.Object({
    id: Type.String({ description: "Of this run of the process: it has another after a restart." }),
    version: Type.String(),
    address: Type.String({
      description: "Of its API, as it listens itself; not the public URL. Empty before it listens.",
    }),
    started_at: instant,
    seen_at: Type.String({ format: "date-time", description: "When it last said that it is there." }),
    shards: Type.Integer({
      description: `Parts of the log of events that it holds, of ${shardCount}: it dispatches their events and makes their attempts.`,
    }),
    duties: Type.Array(Type.String(), { description: "What one node does at a time, and this one does now." }),
    leaving: Type.Boolean({ description: "It takes no more work." }),
    self: Type.Boolean({ description: "It is the one that answers." }),
  }),
);

function show(node: NodeState, self: string): Static<typeof shownNode> {
  const { id, version, address, startedMs, seenMs, shards, duties, isLeaving } = node;
  return {
    id,
    version,
    address,
    started_at: shownInstant(startedMs),
    seen_at: shownInstant(seenMs),
    shards,
    duties: [...duties],
    leaving: isLeaving,
    self: id === self,
  };
}

/** The processes that work on the store. */
export function nodeRoutes({ cluster }: Pick<Context, "cluster">): Route[] {
  return [
    route({
      method: "GET",
      path: "/api/cloud/nodes/",
      role: "operator",
      tag: "system",
      summary: "Lists the nodes that work on the store now, the oldest first",
      message: "Nodes retrieved",
      data: Type.Object({ nodes: Type.Array(shownNode) }),
      handle: async () => ({ nodes: (await cluster.nodes()).map((node) => show(node, cluster.node)) }),
    }),
  ];
}
