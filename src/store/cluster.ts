import type { Uuid } from "../domain/ids.ts";

/** What must be done by one node at a time, over and over: each has a name, and one owner. */
export type Duty = "retention" | "blob-sweep" | "upload-expiry" | "operations" | "inbox" | `redrive/${Uuid}`;

/** The nodes that work on one store. */
export interface Cluster {
  /** This node, unlike any other that is or was. */
  readonly node: string;
  /** Whether the node of that name works no more, so that only others can say what became of what it began. */
  isGone(node: string | undefined): Promise<boolean>;
  /**
   * Runs `work` while this node owns the duty, with a signal that aborts when it no longer does, or when `signal` does. Resolves with
   * that: another node's duty waits for its end.
   */
  own(duty: Duty, work: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void>;
}

/** One node that owns everything. */
export function singleNode(node: string): Cluster {
  return {
    node,
    isGone: async (other) => other !== node,
    own: (_duty, work, signal) => work(signal),
  };
}
