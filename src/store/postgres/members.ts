import { shardCount } from "../cluster.ts";

/** Who of the nodes is there, and who holds which part of the log: decided by each node for itself, from what it sees in the database. */

/** A node says so often that it is there. */
export const beatMs = 2_000;
/** One that has not said so for so long is over. */
export const leaseMs = 6_000;
/** One without a connection is over sooner. */
const goneMs = 3_000;
/** The connection that writes is over where nothing was asked on it for so long. */
export const writerIdleMs = 10_000;
/** When the database comes back, each node needs this long to come back to it. */
const returnMs = 2_000;

interface SeenNode {
  readonly id: string;
  /** Since it last said that it is there, by the clock of the database. */
  readonly silentMs: number;
  /** Of the database. */
  readonly connections: number;
  readonly isLeaving: boolean;
}

export interface SeenShard {
  readonly id: number;
  /** `undefined`: for any to take. */
  readonly owner: string | undefined;
  readonly epoch: number;
}

/** What a node sees at one instant. */
export interface Look {
  readonly me: string;
  readonly nodes: readonly SeenNode[];
  readonly shards: readonly SeenShard[];
  /** That it holds. */
  readonly held: ReadonlySet<number>;
  /** For how long it has been connected. */
  readonly connectedMs: number;
  /** It has never seen the others: no loss of the database can have made them silent in its time. */
  readonly isNew: boolean;
}

/**
 * Those whose connections, if any are left, are to be ended before what they hold is taken: also of one that has no row any more, which may have come back
 * to its connection that writes, and be gone again before it said so.
 */
export function nodesOver({
  me,
  nodes,
  shards,
  connectedMs,
  isNew,
}: Pick<Look, "me" | "nodes" | "shards" | "connectedMs" | "isNew">): string[] {
  const isOver = ({ id, silentMs, connections }: SeenNode): boolean => {
    if (id === me) return false;
    if (connections === 0 && (isNew || (silentMs > goneMs && connectedMs > returnMs))) return true;
    return silentMs > leaseMs && connectedMs > leaseMs;
  };
  const known = new Set([me, ...nodes.map(({ id }) => id)]);
  const unknown = shards.flatMap(({ owner }) => (owner === undefined || known.has(owner) ? [] : [owner]));
  return [...nodes.filter(isOver).map(({ id }) => id), ...new Set(unknown)];
}

interface Share {
  /** Nodes there are, without those that leave; this one is one of them. */
  readonly size: number;
  readonly take: readonly SeenShard[];
  /** Those that are this node's by their rows alone, and too many: a connection was lost while they were taken or given. */
  readonly disown: readonly number[];
  /** How many are to be given to others. */
  readonly give: number;
}

/** What this node's share is, once those that are over have no row any more. */
export function shareOf({ me, nodes, shards, held }: Pick<Look, "me" | "nodes" | "shards" | "held">): Share {
  const there = new Set(nodes.map(({ id }) => id));
  const isMineToLeave = nodes.some(({ id, isLeaving }) => id === me && isLeaving);
  const size = Math.max(1, nodes.filter(({ isLeaving }) => !isLeaving).length);
  const most = isMineToLeave ? 0 : Math.ceil(shardCount / size);
  const free = shards.filter(
    ({ id, owner }) => !held.has(id) && (owner === undefined || owner === me || !there.has(owner)),
  );
  const begin = beginningAt(me, free.length);
  const inTurn = [...free.slice(begin), ...free.slice(0, begin)];
  const take = inTurn.slice(0, Math.max(0, most - held.size));
  const disown = free.filter((shard) => shard.owner === me && !take.includes(shard)).map(({ id }) => id);
  return { size, take, disown, give: Math.max(0, held.size - most) };
}

/** Nodes that look at the same time begin at different places. */
function beginningAt(node: string, length: number): number {
  let sum = 0;
  for (const letter of node) sum = (sum * 31 + letter.charCodeAt(0)) % 65_521;
  return length === 0 ? 0 : sum % length;
}
