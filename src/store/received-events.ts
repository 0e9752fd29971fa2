/** Events from outside that were published under a name that their producer gave them: sent again, they are known. */
export interface ReceivedEvents {
  /** Those of `keys` that were added, in any order. */
  known(tenant: string, keys: readonly string[]): Promise<ReadonlySet<string>>;
}

/** It was not published yet, or so long ago that it is forgotten: retention drops it {@link receivedKeptMs} after it was added. */
export interface ReceivedEventCondition {
  readonly if: "received.absent";
  readonly tenant: string;
  readonly key: string;
}

/** Fails when it is there already. */
export interface ReceivedEventChange {
  readonly do: "received.add";
  readonly tenant: string;
  /** What tells it from every other of the tenant: at most 64 characters. */
  readonly key: string;
  readonly atMs: number;
}

/** A week. */
export const receivedKeptMs = 7 * 86_400_000;
