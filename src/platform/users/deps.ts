import type { Context } from "../../context.ts";
import type { Role } from "../../domain/access.ts";
import type { Chain, User } from "../../domain/lifecycle.ts";
import type { NewUser, Unit } from "../../store/unit.ts";

/** What the verbs on users work with. */
export type UserContext = Pick<
  Context,
  "store" | "publish" | "guard" | "catalog" | "offload" | "clock" | "log" | "schemas" | "numbers"
>;

/** Who changes users, by which way, and what led to it. */
export interface UserOperationInput {
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
  /** Aborts when the caller waits no more. */
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
