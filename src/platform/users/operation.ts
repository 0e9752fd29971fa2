import { defined } from "../../domain/defined.ts";
import type { NewEvent } from "../../domain/event.ts";
import type { Uuid } from "../../domain/ids.ts";
import type { LifecycleData, Params } from "../../domain/lifecycle.ts";
import type { OwnEvent } from "../../domain/raised-events.ts";
import { SignalboxError } from "../../errors.ts";
import type { Allowed, HookedOperation } from "../../hooks/guard.ts";
import { commitUnit, failureOf, operate } from "../../hooks/operate.ts";
import type { Change, Condition, NewUser, Unit } from "../../store/unit.ts";
import { freshId } from "../deps.ts";
import type { Done, UserContext, UserOperationInput } from "./deps.ts";

/** The documented way of every operation: its PRE hooks with what is proposed, one commit, its POST event with what came of it. */

interface Proposal {
  /** `USER_CREATE`: what follows `PRE_` and `POST_`. */
  readonly name: string;
  /** For the hooks. */
  readonly params: Params;
  /** For the answer, beside what was done. */
  readonly warnings?: readonly string[];
  /** The user, when there is one already. */
  readonly resource?: Uuid;
  /** What comes of what the hooks left of it. When it throws, the operation is aborted. */
  readonly plan: (allowed: Allowed) => UserPlan | Promise<UserPlan>;
}

export interface UserPlan {
  readonly user: NewUser;
  readonly conditions: readonly Condition[];
  readonly changes: readonly Change[];
  /** For the functions on the POST event. Absent: the hooks undid what was proposed, and there is nothing to tell. */
  readonly announced?: Params;
}

export type OperationOutcome =
  | { readonly kind: "done"; readonly done: Done }
  /** Another commit came between. `hooked`: hooks had run, and their functions got an event about the abort. */
  | { readonly kind: "refused"; readonly condition: Condition; readonly hooked: boolean };

/** @throws SignalboxError what the guard throws, and what `plan` throws. */
export async function operateOnUser(
  context: UserContext,
  doing: UserOperationInput,
  proposal: Proposal,
): Promise<OperationOutcome> {
  const operation = operationOf(doing, proposal);
  const ending = await operate<Done>(context, {
    operations: [operation],
    reasonOf,
    carryOut: async ([allowed]) => {
      if (operation.signal?.aborted === true) throw new SignalboxError("unavailable", "the caller went away");
      const plan = await proposal.plan(allowed);
      const warnings = [...(proposal.warnings ?? []), ...allowed.warnings];
      const done: Done = { user: plan.user, operation: allowed.operation, warnings };
      const unit = unitOf(context, operation, { plan, allowed, also: doing.also?.(done) ?? {} });
      return await commitUnit(context.publish, unit, done);
    },
  });
  if (ending.kind === "done") return { kind: "done", done: ending.result };
  if (ending.kind === "refused") return ending;
  throw failureOf(ending);
}

function operationOf(doing: UserOperationInput, { name, params, resource }: Proposal): HookedOperation {
  const { tenant, actor, user, origin, chain, signal } = doing;
  return {
    tenant,
    type: `PRE_${name}`,
    params,
    origin,
    ...defined({ actor, user, resource, chain, signal }),
  };
}

interface Agreed {
  readonly plan: UserPlan;
  readonly allowed: Allowed;
  readonly also: Pick<Unit, "conditions" | "changes">;
}

function unitOf(context: UserContext, operation: HookedOperation, { plan, allowed, also }: Agreed): Unit {
  const { user, conditions, changes, announced } = plan;
  return {
    conditions: [...conditions, ...(also.conditions ?? [])],
    changes: [...changes, ...allowed.changesFor(user.uuid), ...(also.changes ?? [])],
    events:
      announced === undefined ? [] : [postEvent(context, operation, { user, announced, operation: allowed.operation })],
  };
}

/** What who watches a profile calls it. */
const profileEvents: Readonly<Record<string, OwnEvent<"profile">>> = {
  PRE_USER_CREATE: "CREATED",
  PRE_USER_UPDATE: "UPDATED",
  PRE_USER_DELETE: "DELETED",
};

interface Announcement {
  readonly user: NewUser;
  readonly announced: Params;
  readonly operation: string;
}

function postEvent(
  { catalog, clock }: UserContext,
  before: HookedOperation,
  { user, announced, operation }: Announcement,
): NewEvent {
  const name = before.type.replace("PRE_", "POST_");
  const notifications = profileEvents[before.type];
  const data: LifecycleData = {
    params: catalog.prepare(name, announced),
    operation,
    ...defined({ user: before.user, chain: before.chain }),
  };
  return {
    id: freshId(clock),
    tenant: before.tenant,
    resource: user.uuid,
    names: { lifecycle: name, ...defined({ notifications }) },
    owners: [user.username],
    ...defined({ actor: before.actor }),
    origin: before.origin,
    timeMs: clock.now(),
    data: data as unknown as NewEvent["data"],
  };
}

/** For the functions. Of unexpected errors they see no more than the caller. */
function reasonOf(thrown: unknown): string {
  return thrown instanceof SignalboxError && thrown.code !== "internal" ? thrown.message : "it failed";
}
