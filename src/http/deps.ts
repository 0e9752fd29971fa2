import type { Clock } from "../clock.ts";
import type { Config } from "../config.ts";
import type { Catalog } from "../domain/catalog.ts";
import type { Uuid } from "../domain/ids.ts";
import type { Subscription } from "../domain/subscription.ts";
import type { FunctionRunner } from "../functions/runner.ts";
import type { Guard } from "../guard.ts";
import type { Log } from "../log.ts";
import type { Publish } from "../publish.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { Store } from "../store/store.ts";
import type { EgressAllow } from "../targets/egress.ts";
import type { PreparedTarget } from "../targets/target.ts";
import type { Vault } from "../vault.ts";
import type { Platform } from "./platform.ts";

/** What the API's routes work with. */
export interface ApiDeps {
  readonly config: Pick<Config, "maxBodyBytes" | "maxRulesPerBucket" | "maxHooksPerEvent" | "publicUrl">;
  readonly store: Store;
  readonly publish: Publish;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly log: Log;
  readonly egressAllow: EgressAllow;
  readonly catalog: Catalog;
  readonly guard: Guard;
  readonly functions: FunctionRunner;
  readonly sandbox: Sandbox;
  /** Calls that functions make under way. */
  readonly platform: Platform;
  readonly prepareTarget: (subscription: Subscription) => PreparedTarget;
  /** A hint that this subscription ({@link Subscription.number}) has something to send, or may send again. */
  readonly wake: (subscription: number) => void;
  /** Begins a redrive job that is in the store. */
  readonly startRedrive: (redrive: Uuid) => void;
  /** Why no work can be accepted now; `undefined` when it can. */
  readonly health: () => Promise<string | undefined>;
  /** In Prometheus' text format. */
  readonly metrics: () => Promise<string>;
}
