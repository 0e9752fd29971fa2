import { proposedParams, userParams } from "../../domain/user.ts";
import type { NewUser } from "../../store/unit.ts";
import { freshUuid } from "../deps.ts";
import type { Done, UserContext, UserOperationInput } from "./deps.ts";
import { fieldsAfterHooks, leftOut, type NewUserInput, newFields } from "./fields.ts";
import { operateOnUser } from "./operation.ts";
import { refuseTaken, userRefusal } from "./refusals.ts";

/**
 * A new user, by the documented flow: `PRE_USER_CREATE`, the commit, `POST_USER_CREATE`.
 *
 * @throws SignalboxError `invalid_request`, or `conflict` when the name is taken, before any function has run; `hook_denied`,
 * `hook_failed` and `hook_recursion`; `conflict` when the name was taken while hooks ran.
 */
export async function createUser(context: UserContext, doing: UserOperationInput, input: NewUserInput): Promise<Done> {
  const { store, clock } = context;
  const { tenant } = doing;
  const check = await context.schemas.of(tenant);
  const proposed = await newFields(input, check);
  const { username } = proposed;
  await refuseTaken(store, { tenant, username });
  const outcome = await operateOnUser(context, doing, {
    name: "USER_CREATE",
    params: proposedParams(proposed),
    warnings: leftOut(input.attributes),
    plan: async ({ params }) => {
      const fields = await fieldsAfterHooks(proposed, params, check);
      const number = await context.numbers.next();
      const nowMs = clock.now();
      const user: NewUser = {
        uuid: freshUuid(clock, "profile"),
        number,
        tenant,
        ...fields,
        emailVerified: fields.email !== "" && doing.verifies === true,
        createdMs: nowMs,
        updatedMs: nowMs,
      };
      return {
        user,
        conditions: [{ if: "user.nameFree", tenant, username }],
        changes: [{ do: "user.add", user }],
        announced: userParams(user),
      };
    },
  });
  if (outcome.kind === "refused") throw userRefusal(outcome.condition);
  return outcome.done;
}
