import type { Blobs } from "./blobs/blobs.ts";
import type { Clock } from "./clock.ts";
import type { Inbox } from "./inbox/inbox.ts";
import type { Log } from "./log.ts";
import type { Mailer } from "./mail/mailer.ts";
import type { RenderedMeter } from "./metrics/meter.ts";
import type { Offload } from "./offload/offload.ts";
import type { Slices } from "./pace/slices.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import type { Vault } from "./secrets/vault.ts";
import type { Cluster } from "./store/cluster.ts";
import type { DispatchMarks } from "./store/dispatch-marks.ts";
import type { LocalFeed } from "./store/feed.ts";
import type { KeptMails } from "./store/kept-mails.ts";
import type { Store } from "./store/store.ts";
import type { Wake } from "./store/wake.ts";

/**
 * The outside as this house sees it: each of these can be another adapter, or a test's own. The engine (delivery, hooks, targets,
 * invocation) takes a `Pick` of it; `start.ts` opens the real ones.
 */
export interface Ports {
  readonly store: Store;
  readonly feed: LocalFeed;
  readonly cluster: Cluster;
  readonly hints: Wake;
  readonly blobs: Blobs;
  /** Deletes bytes that nothing refers to, until `signal` aborts or there are no more. Never rejects. */
  readonly sweepBytes: (signal: AbortSignal) => Promise<void>;
  readonly sandbox: Sandbox;
  readonly vault: Vault;
  readonly mailer: Mailer;
  /** Absent where mails go to a server. */
  readonly keptMails: KeptMails | undefined;
  /** Where transactions of the host leave events. Absent where the settings name no database of its. */
  readonly inbox: Inbox | undefined;
  /** Says what is being dispatched, for who starts after this process has died of it. */
  readonly marks: DispatchMarks;
  /** Time and dice. */
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: RenderedMeter;
  /** For work whose size a caller chooses. */
  readonly slices: Slices;
  /** For work that cannot be sliced. */
  readonly offload: Offload;
}
