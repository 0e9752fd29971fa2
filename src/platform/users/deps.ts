import type { Clock } from "../../clock.ts";
import type { Publish } from "../../delivery/publish.ts";
import type { Role } from "../../domain/access.ts";
import type { Catalog } from "../../domain/catalog.ts";
import type { Chain, User } from "../../domain/lifecycle.ts";
import type { Guard } from "../../hooks/guard.ts";
import type { Log } from "../../log.ts";
import { AttributeSchemas } from "../../offload/attribute-schemas.ts";
import type { Offload } from "../../offload/offload.ts";
import { Numbers } from "../../store/numbers.ts";
import type { Store } from "../../store/store.ts";
import type { NewUser, Unit } from "../../store/unit.ts";

/** What the verbs on users work with. Made once for a process by {@link userDeps}. */
export interface UserDeps extends UserPorts {
  readonly schemas: AttributeSchemas;
  readonly numbers: Numbers;
}

export interface UserPorts {
  readonly store: Store;
  readonly publish: Publish;
  readonly guard: Guard;
  readonly catalog: Catalog;
  readonly offload: Offload;
  readonly clock: Clock;
  readonly log: Log;
}

/** People see the gap that a restart leaves. */
const numberBlocks = { least: 32, most: 1_024 };

export function userDeps({ store, publish, guard, catalog, offload, clock, log }: UserPorts): UserDeps {
  const numbers = new Numbers((count) => store.users.reserveNumbers(count), numberBlocks);
  const schemas = new AttributeSchemas({ store, offload });
  return { store, publish, guard, catalog, offload, clock, log, schemas, numbers };
}

/** Who changes users, by which way, and what led to it. */
export interface Doing {
  readonly tenant: string;
  /** Name of the principal. */
  readonly actor?: string;
  /** As functions see who asks. */
  readonly user?: User;
  /** `hook`: a function asked for it. */
  readonly origin: "api" | "operator" | "library" | "hook";
  readonly chain?: Chain;
  /** The host itself, or an admin whom the operator trusts with that: an address that they give a user counts as the user's own. */
  readonly verifies?: boolean;
  /** Whether the principal that a deleted user is, if any, ends with it: those of the roles that they may handle. Absent: all. */
  readonly ends?: (role: Role) => boolean;
  /** Aborts when nobody waits any more. */
  readonly signal?: AbortSignal;
  /** What else belongs into the commit, given what it does: the answer that is to be remembered. */
  readonly also?: (done: Done) => Pick<Unit, "conditions" | "changes">;
}

/** What was done. */
export interface Done {
  /** As it is now; of one that was deleted, as it was last. */
  readonly user: NewUser;
  /** Operation id, by which the hooks' decision is found. Absent: there was nothing to do. */
  readonly operation?: string;
  /** Hooks that failed and need not have agreed; what was said of the user and is not kept. */
  readonly warnings: readonly string[];
}
