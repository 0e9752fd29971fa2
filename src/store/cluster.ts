import type { Uuid } from "../domain/ids.ts";

/** What must be done by one node at a time, over and over: each has a name, and one owner. */
export type Duty = "retention" | "blob-sweep" | "upload-expiry" | "operations" | "inbox" | `redrive/${Uuid}`;

/** A node that works on the store, as it last said of itself. */
export interface NodeState {
  /** Unlike any other that is or was. */
  readonly id: string;
  readonly version: string;
  /** Of its API, as others reach it: its own, whatever the public URL is. */
  readonly address: string;
  readonly startedMs: number;
  /** When it last said so. */
  readonly seenMs: number;
  /** Parts of the log of events that it holds, of 64 in all. */
  readonly shards: number;
  readonly duties: readonly Duty[];
  /** It takes no more work, and goes. */
  readonly isLeaving: boolean;
}

/** The nodes that work on one store. */
export interface Cluster {
  /** This node, unlike any other that is or was. */
  readonly node: string;
  /** How many work on it, this one among them, as far as it knows. At least 1. */
  readonly size: number;
  /** It has its part of the work, and may begin more. Others are sent to another node while it is not. */
  readonly isReady: boolean;
  /** What this one says of itself from now on. */
  introduce(self: Pick<NodeState, "version" | "address">): void;
  /** From now on it says that it goes. */
  leaving(): void;
  /** Those that work on it now, the oldest first. */
  nodes(): Promise<readonly NodeState[]>;
  /** Whether the node of that name works no more, so that only others can say what became of what it began. */
  isGone(node: string | undefined): Promise<boolean>;
  /**
   * Runs `work` while this node owns the duty, with a signal that aborts when it no longer does, or when `signal` does. Resolves with
   * that: another node's duty waits for its end.
   */
  own(duty: Duty, work: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void>;
}

/** Parts of the log of events. */
export const shardCount = 64;

/** One node that owns everything. */
export function singleNode(node: string, now: () => number): Cluster {
  const startedMs = now();
  const duties = new Set<Duty>();
  let self = { version: "", address: "" };
  let isLeaving = false;
  return {
    node,
    size: 1,
    isReady: true,
    introduce: (given) => {
      self = { ...given };
    },
    leaving: () => {
      isLeaving = true;
    },
    nodes: async () => [
      { id: node, ...self, startedMs, seenMs: now(), shards: shardCount, duties: [...duties], isLeaving },
    ],
    isGone: async (other) => other !== node,
    own: async (duty, work, signal) => {
      duties.add(duty);
      try {
        await work(signal);
      } finally {
        duties.delete(duty);
      }
    },
  };
}
