import { defined } from "../../domain/defined.ts";
import type { Params } from "../../domain/lifecycle.ts";
import { type CallerInput, callerOf } from "../../platform/host/caller.ts";
import { changeUser, removeUser } from "../../platform/users/change.ts";
import { createUser } from "../../platform/users/create.ts";
import type { Done, UserContext, UserOperationInput } from "../../platform/users/deps.ts";
import type { NewUserInput, UserPatch } from "../../platform/users/fields.ts";
import { findUser } from "../../platform/users/find.ts";
import type { NewUser, Unit } from "../../store/unit.ts";

/** A user of a tenant's platform, as programs see them. */
export interface HostUser {
  /** Unique in the installation. */
  readonly id: number;
  readonly uuid: string;
  readonly username: string;
  readonly email: string;
  /** Its owner confirmed the address, or who sets it for others did: mail that the user asks for goes there unasked. */
  readonly emailVerified: boolean;
  readonly firstName: string;
  readonly lastName: string;
  readonly attributes: Params;
  readonly createdMs: number;
  readonly updatedMs: number;
}

export interface UserDone {
  /** As it is now; of one that was removed, as it was last. */
  readonly user: HostUser;
  /** By which the hooks' decision is found. Absent: there was nothing to do. */
  readonly operationId?: string;
  /** Hooks that failed and need not have agreed; what was said of the user and is not kept. */
  readonly warnings: readonly string[];
}

export interface UserOptions extends Pick<CallerInput, "user"> {
  /** Aborts when the caller waits no more: hooks under way are cancelled. */
  readonly signal?: AbortSignal;
}

/**
 * A tenant's users, as `/api/cloud/users/` keeps them: each change asks the hooks on its PRE event, is committed with its POST
 * event, and has the origin `library`. `id` is a user's number or uuid.
 *
 * Each change throws SignalboxError `invalid_request` with the fields that are wrong, `conflict` when the name is taken or somebody else
 * changed the user while hooks ran, `hook_denied`, `hook_error`, `hook_failed` and `hook_recursion`; nothing was changed then. What names a user
 * that does not exist throws `not_found`.
 */
export interface TenantUsers {
  get(id: number | string): Promise<HostUser>;
  create(input: NewUserInput, options?: UserOptions): Promise<UserDone>;
  /** What is absent stays, `null` empties it, attributes are merged (RFC 7396). What changes nothing asks no hook. */
  change(id: number | string, patch: UserPatch, options?: UserOptions): Promise<UserDone>;
  remove(id: number | string, options?: UserOptions): Promise<UserDone>;
}

/** With what else belongs into the commit: what is remembered of a request. */
interface RequestOptions extends UserOptions {
  readonly also?: (done: UserDone) => Pick<Unit, "conditions" | "changes">;
}

export interface RequestedUsers extends TenantUsers {
  create(input: NewUserInput, options?: RequestOptions): Promise<UserDone>;
}

type Run = <T>(work: () => Promise<T>) => Promise<T>;

/** How reads and changes begin, unless nothing may begin any more; changes within the tenant's rate of events. */
export interface Runs {
  readonly read: Run;
  readonly change: Run;
}

export function tenantUsers(context: UserContext, tenant: string, { read, change }: Runs): RequestedUsers {
  const doing = async ({ signal, also, ...caller }: RequestOptions): Promise<UserOperationInput> => ({
    tenant,
    ...(await callerOf(context.store, tenant, caller)),
    origin: "library",
    // The user for whom the host acts is not the host.
    verifies: caller.user === undefined,
    ...defined({ signal, also: also === undefined ? undefined : (done: Done) => also(doneOf(done)) }),
  });
  return {
    get: (id) => read(async () => hostUser(await findUser(context.store, tenant, id))),
    create: (input, options = {}) => change(async () => doneOf(await createUser(context, await doing(options), input))),
    change: (id, patch, options = {}) =>
      change(async () => doneOf(await changeUser(context, await doing(options), { id, patch }))),
    remove: (id, options = {}) => change(async () => doneOf(await removeUser(context, await doing(options), id))),
  };
}

function doneOf({ user, operation, warnings }: Done): UserDone {
  return { user: hostUser(user), ...defined({ operationId: operation }), warnings };
}

function hostUser({
  number,
  uuid,
  username,
  email,
  emailVerified,
  firstName,
  lastName,
  attributes,
  createdMs,
  updatedMs,
}: NewUser): HostUser {
  return { id: number, uuid, username, email, emailVerified, firstName, lastName, attributes, createdMs, updatedMs };
}
