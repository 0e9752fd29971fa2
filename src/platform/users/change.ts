import { userChanges, userParams } from "../../domain/user.ts";
import type { StoredUser } from "../../store/records.ts";
import type { Change, Condition, NewUser } from "../../store/unit.ts";
import { notedBy } from "../edits.ts";
import type { Done, UserContext, UserOperationInput } from "./deps.ts";
import { fieldsAfterHooks, leftOut, mergedFields, type UserPatch } from "./fields.ts";
import { findUser } from "./find.ts";
import { type OperationOutcome, operateOnUser, type UserPlan } from "./operation.ts";
import { refuseTaken, untilDone } from "./refusals.ts";

/**
 * Merges what was said into the user: `PRE_USER_UPDATE`, the commit, `POST_USER_UPDATE`. What changes nothing asks no hook.
 *
 * @throws SignalboxError `not_found`; `invalid_request`, or `conflict` when the name is taken, before any function has run;
 * `hook_denied`, `hook_error`, `hook_failed` and `hook_recursion`; `conflict` when the user was changed while hooks ran.
 */
export async function changeUser(
  context: UserContext,
  doing: UserOperationInput,
  { id, patch }: { readonly id: number | string; readonly patch: UserPatch },
): Promise<Done> {
  const { store, clock, schemas } = context;
  const { tenant } = doing;
  const check = await schemas.of(tenant);
  return untilDone(async () => {
    const before = await findUser(store, tenant, id);
    const proposed = await mergedFields(before, patch, check);
    const changes = userChanges(before, proposed);
    const warnings = leftOut(patch.attributes);
    if (Object.keys(changes).length === 0) return { kind: "done", done: { user: before, warnings } };
    const { username } = proposed;
    await refuseTaken(store, { tenant, username, except: before.uuid });
    return operateOnUser(context, doing, {
      name: "USER_UPDATE",
      params: { ...userParams({ ...before, ...proposed }), changes },
      warnings,
      resource: before.uuid,
      plan: async ({ params }) => {
        const fields = await fieldsAfterHooks(proposed, params, check);
        // Another address is another mailbox, of any owner.
        const emailVerified =
          fields.email === before.email ? before.emailVerified : fields.email !== "" && doing.verifies === true;
        const user = { ...before, ...fields, emailVerified, updatedMs: clock.now() };
        return changePlan(before, user, notedBy(context, doing, before.uuid));
      },
    });
  });
}

function changePlan(before: StoredUser, user: NewUser, note: Change): UserPlan {
  const { uuid, tenant, username } = user;
  const conditions: Condition[] = [
    { if: "user.revision", uuid, revision: before.revision },
    { if: "user.nameFree", tenant, username, except: uuid },
  ];
  const changes = userChanges(before, user);
  // Hooks may have put everything back as it was: their decision is kept, and that is all.
  if (Object.keys(changes).length === 0) return { user: before, conditions, changes: [] };
  return {
    user,
    conditions,
    changes: [{ do: "user.put", user }, note],
    announced: { ...userParams(user), changes },
  };
}

/** With the user end the tokens and keys of the principal that it is, but for one that who asks may not handle. */
async function principalEnds(
  { store, clock }: UserContext,
  doing: UserOperationInput,
  user: StoredUser,
): Promise<Change[]> {
  const { tenant, ends = () => true } = doing;
  const principals = (await store.identities.principalsOf(user)).filter(
    ({ role }) => role !== "operator" && ends(role),
  );
  return principals.map(({ name }) => ({ do: "principal.end", tenant, name, atMs: clock.now() }) as const);
}

/**
 * Ends a user: `PRE_USER_DELETE`, the commit, `POST_USER_DELETE` with the user as it was. Its principal ends too.
 *
 * @throws SignalboxError `not_found`; `hook_denied`, `hook_error`, `hook_failed` and `hook_recursion`; `conflict` when another changed the
 * user while hooks ran.
 */
export async function removeUser(context: UserContext, doing: UserOperationInput, id: number | string): Promise<Done> {
  return untilDone(async (): Promise<OperationOutcome> => {
    const user = await findUser(context.store, doing.tenant, id);
    const { uuid, revision } = user;
    const params = userParams(user);
    return operateOnUser(context, doing, {
      name: "USER_DELETE",
      params,
      resource: uuid,
      plan: async () => ({
        user,
        conditions: [{ if: "user.revision", uuid, revision }],
        changes: [
          { do: "user.remove", uuid },
          { do: "edit.end", thing: uuid },
          { do: "resource.end", uuid, atMs: context.clock.now() },
          ...(await principalEnds(context, doing, user)),
        ],
        announced: params,
      }),
    });
  });
}
