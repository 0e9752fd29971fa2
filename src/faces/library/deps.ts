import type { Clock } from "../../clock.ts";
import type { Audience } from "../../delivery/audience.ts";
import type { Publish } from "../../delivery/publish.ts";
import type { Settlements } from "../../delivery/settlements.ts";
import type { Catalog } from "../../domain/catalog.ts";
import type { ResourceKinds } from "../../domain/notifications/resource-kinds.ts";
import type { Guard } from "../../hooks/guard.ts";
import type { FunctionRunner } from "../../invocation/runner.ts";
import type { Log } from "../../log.ts";
import type { EventRates } from "../../pace/event-rates.ts";
import type { UserDeps } from "../../platform/users/deps.ts";
import type { Store } from "../../store/store.ts";
import type { Resolve } from "./host.ts";

/** What the programs of a host work with. */
export interface LibraryDeps {
  readonly store: Store;
  readonly publish: Publish;
  readonly guard: Guard;
  readonly catalog: Catalog;
  readonly audience: Pick<Audience, "hear">;
  readonly functions: Pick<FunctionRunner, "nextNumber">;
  readonly users: UserDeps;
  readonly kinds: ResourceKinds;
  /** Told of what is settled, so that who waits for a delivery looks at once. */
  readonly settlements: Settlements;
  /** The host's, if it gave one. */
  readonly resolve?: Resolve;
  readonly rates: EventRates;
  readonly clock: Clock;
  readonly log: Log;
}
