/** What a store needs to have done so that it stays small and sound. */
export interface Upkeep {
  /**
   * One small step of retention, oldest first: drops at most `max` events, with their deliveries and attempts, of those that
   * happened before `beforeMs`, are dispatched, and have nothing waiting; what has a dead letter only when it happened before
   * `deadBeforeMs`. `more` is false when nothing more can be dropped now. Invocations go with their event; those without one and
   * decisions when they are older than `beforeMs` (a pending invocation: and than a day); what is remembered when it is older
   * than a day, received events after a week: at most `max` of each. Figures of minutes go after two days, those of hours after ninety.
   */
  prune(step: {
    readonly beforeMs: number;
    readonly deadBeforeMs: number;
    readonly max: number;
  }): Promise<{ readonly dropped: number; readonly more: boolean }>;
  /**
   * Those of `runs` of the server, by the mark that the names of their blobs end with, whose every commit is in this store, and which have
   * ended or are this process's own: what another node has written and nothing refers to yet may be on its way into a commit.
   */
  completeRuns(runs: readonly string[]): Promise<ReadonlySet<string>>;
  /** Whether anything was sealed with the key: S3 secrets, credentials of webhooks, secrets of functions. */
  holdsSealed(): Promise<boolean>;
  /** Gives at most `bytes` of unused space back to the disk; false when there was none. */
  release(bytes: number): Promise<boolean>;
  /** Gives up what the log takes on a full disk, as far as that goes. */
  relieve(): Promise<void>;
  /** Bytes in use by everything but object bytes. */
  usedBytes(): Promise<number>;
  /** Resolves when commits can be made, as far as the last one tells; rejects with the reason otherwise. After a failure it makes one. */
  ready(): Promise<void>;
}
