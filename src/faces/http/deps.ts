import type { Clock } from "../../clock.ts";
import type { Config } from "../../config/config.ts";
import type { FirstAttempts } from "../../delivery/first-attempts.ts";
import type { Matching } from "../../delivery/matching.ts";
import type { Publish } from "../../delivery/publish.ts";
import type { Catalog } from "../../domain/catalog.ts";
import type { EgressAllow } from "../../domain/egress.ts";
import type { Uuid } from "../../domain/ids.ts";
import type { ResourceKinds } from "../../domain/notifications/resource-kinds.ts";
import type { Subscription } from "../../domain/subscription.ts";
import type { Guard } from "../../hooks/guard.ts";
import type { FunctionRunner } from "../../invocation/runner.ts";
import type { Log } from "../../log.ts";
import type { KeptMails } from "../../mail/kept.ts";
import type { MailLinks } from "../../mail/links.ts";
import type { Offload } from "../../offload/offload.ts";
import type { Slices } from "../../pace/slices.ts";
import type { ResourceDeps } from "../../platform/deps.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import type { Vault } from "../../secrets/vault.ts";
import type { DeliveryPlace, Store } from "../../store/store.ts";
import type { PreparedTarget } from "../../targets/target.ts";
import type { Platform } from "../platform-calls.ts";
import type { ClientConnections } from "./front/connections.ts";

/** What the API's routes work with. */
export interface ApiDeps {
  readonly config: Pick<
    Config,
    | "maxBodyBytes"
    | "maxRulesPerBucket"
    | "maxHooksPerEvent"
    | "maxFunctionsPerEvent"
    | "maxSubscriptionsPerUser"
    | "mailConfirm"
    | "publicUrl"
  >;
  readonly store: Store;
  readonly publish: Publish;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly log: Log;
  /** For work whose size a caller chooses. */
  readonly slices: Slices;
  /** For work that cannot be sliced. */
  readonly offload: Offload;
  /** What it costs is told to tenants. */
  readonly matching: Matching;
  readonly egressAllow: EgressAllow;
  readonly catalog: Catalog;
  readonly guard: Guard;
  readonly functions: FunctionRunner;
  readonly sandbox: Sandbox;
  /** Told who is known, so that outsiders do not take their place. */
  readonly connections: ClientConnections;
  /** Calls that functions make under way. */
  readonly platform: Platform;
  readonly kinds: ResourceKinds;
  /** Those of the S3 endpoint: who reads an object's bytes and who deletes them must know of each other. */
  readonly resources: ResourceDeps;
  readonly mailLinks: MailLinks;
  /** Absent where mails go to a server. */
  readonly keptMails: KeptMails | undefined;
  /** Of the API as others reach it, without a final slash. */
  readonly publicUrl: () => string;
  /** What is sent at this moment and recorded nowhere yet. */
  readonly firstAttempts: Pick<FirstAttempts, "all" | "get">;
  readonly prepareTarget: (subscription: Subscription) => PreparedTarget;
  /** A hint that this subscription ({@link Subscription.number}) has something to send, or may send again. */
  readonly wake: (subscription: number) => void;
  /**
   * Resolves when something of that delivery was recorded, when `ms` have passed, or when `signal` aborts. Only a hint: whoever waits
   * looks again.
   */
  readonly nextRecord: (place: DeliveryPlace, ms: number, signal: AbortSignal) => Promise<void>;
  /** Begins a redrive job that is in the store. */
  readonly startRedrive: (redrive: Uuid) => void;
  /** Says that an event of a tenant which had been set aside waits to be dispatched. */
  readonly redispatch: (tenant: string) => void;
  /** Why no work can be accepted now; `undefined` when it can. */
  readonly health: () => Promise<string | undefined>;
  /** In Prometheus' text format. */
  readonly metrics: () => Promise<string>;
}
