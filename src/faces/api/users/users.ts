import { Type } from "typebox";
import type { Context } from "../../../context.ts";
import { changeUser, removeUser } from "../../../platform/users/change.ts";
import { createUser } from "../../../platform/users/create.ts";
import type { Done, UserContext } from "../../../platform/users/deps.ts";
import { findChangeableUser, findSeenUser, findUser, listUsers } from "../../../platform/users/find.ts";
import { lastOfFull } from "../../../store/page.ts";
import { Cursors } from "../../http/cursors.ts";
import { nextCursor, paging } from "../../http/fields.ts";
import { type Route, route } from "../../http/route.ts";
import {
  changedUser,
  doingOf,
  newUserBody,
  operationFields,
  readNewUser,
  readUserPatch,
  refuseForeign,
  showDone,
  shownUser,
  showOperation,
  showUser,
  userPatchBody,
} from "./user-schema.ts";

/** The tenant's users. Each change asks the hooks on its PRE event, and runs the functions on its POST event. */
export function userRoutes(context: UserContext & Pick<Context, "vault" | "config">): Route[] {
  const { store, config } = context;
  // Whether an address that an admin gives a user counts as the user's own, unasked.
  const trustsAddresses = config.mailConfirm === "trust";
  const path = "/api/cloud/users/";
  const params = Type.Object({ id: Type.String({ description: "`id` or `uuid`; `me` is who asks." }) });
  const [reading, changing, own] = [
    { role: "developer", tag: "users" },
    { role: "admin", tag: "users" },
    { role: "member", tag: "users" },
  ] as const;
  const cursors = new Cursors<number>(context.vault, "users");
  return [
    route({
      ...reading,
      method: "GET",
      path,
      summary: "Lists the tenant's users, the oldest first",
      query: Type.Object({
        ...paging,
        email: Type.Optional(Type.String({ maxLength: 254, description: "Exactly this." })),
        username: Type.Optional(Type.String({ maxLength: 150, description: "Exactly this." })),
      }),
      message: "Users retrieved successfully",
      data: Type.Object({ users: Type.Array(shownUser), next_cursor: nextCursor }),
      handle: async ({ caller, query: { limit, cursor, ...filter } }) => {
        const page = cursors.page(caller, { limit, cursor });
        const users = await listUsers(store, { tenant: caller.tenant, ...filter }, page);
        return { users: users.map(showUser), ...cursors.next(caller, lastOfFull(users, page)?.number) };
      },
    }),
    route({
      ...changing,
      method: "POST",
      path,
      summary: "Creates a user: PRE_USER_CREATE, the commit, POST_USER_CREATE",
      description:
        "Hooks may refuse it (400 `hook_denied`, `hook_error`) or fail to agree (503 `hook_failed`): then there is no user. What they change is in the answer.",
      body: newUserBody,
      idempotent: true,
      status: 201,
      made: ({ uuid }) => uuid,
      message: "User created successfully",
      data: changedUser,
      handle: async ({ caller, body, signal, remember }) => {
        const doing = { ...doingOf(caller, signal, trustsAddresses), also: (done: Done) => remember(showDone(done)) };
        return showDone(await createUser(context, doing, readNewUser(body)));
      },
    }),
    route({
      ...own,
      method: "GET",
      path: `${path}:id/`,
      summary: "Shows a user: members themselves, and whose profile was shared with them",
      params,
      edited: async ({ caller, params: { id } }) => ({ things: [(await findSeenUser(store, caller, id)).uuid] }),
      message: "User retrieved successfully",
      data: shownUser,
      handle: async ({ caller, params }) => showUser(await findSeenUser(store, caller, params.id)),
    }),
    route({
      ...own,
      method: "PATCH",
      path: `${path}:id/`,
      summary: "Changes a user: PRE_USER_UPDATE, the commit, POST_USER_UPDATE",
      description:
        "What is left out stays, null empties it, attributes are merged (RFC 7396). What changes nothing raises no event. Who is no admin changes their own email, first_name and last_name. When another request changes the user while hooks run: 409, nothing is done, and no hook is asked again.",
      params,
      edited: async ({ caller, params: { id } }) => ({
        things: [(await findChangeableUser(store, caller, id)).user.uuid],
      }),
      body: userPatchBody,
      message: "User updated successfully",
      data: changedUser,
      handle: async ({ caller, params: { id }, body, signal, conditional }) => {
        const { user, asAdmin } = await findChangeableUser(store, caller, id);
        if (!asAdmin) refuseForeign(body);
        return showDone(
          await changeUser(conditional(context), doingOf(caller, signal, trustsAddresses), {
            id: user.uuid,
            patch: readUserPatch(body),
          }),
        );
      },
    }),
    route({
      ...changing,
      method: "DELETE",
      path: `${path}:id/`,
      summary: "Deletes a user: PRE_USER_DELETE, the commit, POST_USER_DELETE",
      params,
      edited: async ({ caller, params: { id } }) => ({ things: [(await findUser(store, caller.tenant, id)).uuid] }),
      message: "User deleted successfully",
      data: Type.Object(operationFields),
      handle: async ({ caller, params: { id }, signal, conditional }) =>
        showOperation(await removeUser(conditional(context), doingOf(caller, signal, trustsAddresses), id)),
    }),
  ];
}
