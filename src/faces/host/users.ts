import { Type } from "typebox";
import { defined } from "../../domain/defined.ts";
import { SignalboxError } from "../../errors.ts";
import { findUser, listUsers } from "../../platform/users/find.ts";
import { longest } from "../../platform/users/names.ts";
import { lastOfFull } from "../../store/page.ts";
import {
  newUserBody,
  operationFields,
  readNewUser,
  readUserPatch,
  shownUser,
  showUser,
  userPatchBody,
} from "../api/users/user-schema.ts";
import { Cursors } from "../http/cursors.ts";
import { nextCursor, paging } from "../http/fields.ts";
import { named } from "../http/named.ts";
import { type Route, route } from "../http/route.ts";
import type { UserDone } from "../library/users.ts";
import type { HostContext } from "./context.ts";
import { userField } from "./events.ts";

const path = "/host/v1/users/";
const params = Type.Object({ id: Type.String({ description: "`id` or `uuid`." }) });
const common = { role: "host", tag: "users" } as const;
const by = { user: Type.Optional(userField) };
const closed = { additionalProperties: false } as const;
const { username: _, ...fields } = newUserBody.properties;
const result = Type.Enum(["created", "changed", "unchanged"]);
const done = named("HostChangedUser", Type.Object({ ...shownUser.properties, ...operationFields }));

/** The tenant's users, changed by the platform: each change asks the hooks, as `/api/cloud/users/` does. */
export function hostUserRoutes({ store, vault, library }: HostContext): Route[] {
  const cursors = new Cursors<number>(vault, "host users");
  const named = async (tenant: string, username: string) =>
    (await listUsers(store, { tenant, username }, { max: 1 })).at(0);
  return [
    route({
      ...common,
      method: "GET",
      path,
      summary: "Lists the tenant's users, the oldest first",
      query: Type.Object({
        ...paging,
        email: Type.Optional(Type.String({ maxLength: longest.email, description: "Exactly this." })),
        username: Type.Optional(Type.String({ maxLength: longest.username, description: "Exactly this." })),
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
      ...common,
      method: "POST",
      path,
      summary: "Creates a user: PRE_USER_CREATE, the commit, POST_USER_CREATE",
      description:
        "Hooks may refuse it (400 `hook_denied`, `hook_error`) or fail to agree (503 `hook_failed`): then there is no user. Without `user` the address counts as the user's own.",
      idempotent: true,
      body: Type.Object({ ...newUserBody.properties, ...by }, closed),
      status: 201,
      message: "User created successfully",
      data: done,
      handle: async ({ caller: { tenant }, body: { user, ...said }, signal, remember }) => {
        const also = (created: UserDone) => remember(showUserDone(created));
        return showUserDone(
          await library.users(tenant).create(readNewUser(said), { signal, also, ...defined({ user }) }),
        );
      },
    }),
    route({
      ...common,
      method: "PUT",
      path: `${path}named/:username/`,
      operationId: "putUser",
      summary: "Makes the user of that name what is said: creates it, or changes it",
      description:
        "What is left out stays as it is; attributes are merged (RFC 7396). What changes nothing asks no hook and raises no event.",
      params: Type.Object({ username: Type.String({ maxLength: longest.username }) }),
      body: Type.Object({ ...fields, ...by }, closed),
      message: "User kept successfully",
      data: Type.Object({ ...done.properties, result }),
      handle: async ({ caller: { tenant }, params: { username }, body: { user, ...said }, signal }) => {
        const users = library.users(tenant);
        const options = { signal, ...defined({ user }) };
        const change = async (uuid: string) => {
          const changed = await users.change(uuid, readUserPatch(said), options);
          return {
            ...showUserDone(changed),
            result: changed.operationId === undefined ? "unchanged" : "changed",
          } as const;
        };
        const known = await named(tenant, username);
        if (known !== undefined) return change(known.uuid);
        try {
          const created = await users.create(readNewUser({ ...said, username }), options);
          return { ...showUserDone(created), result: "created" } as const;
        } catch (thrown) {
          if (!(thrown instanceof SignalboxError) || thrown.code !== "conflict") throw thrown;
          // Another request may have made the same one while hooks ran.
          const meanwhile = await named(tenant, username);
          if (meanwhile === undefined) throw thrown;
          return change(meanwhile.uuid);
        }
      },
    }),
    route({
      ...common,
      method: "GET",
      path: `${path}:id/`,
      summary: "Shows a user",
      params,
      message: "User retrieved successfully",
      data: shownUser,
      handle: async ({ caller: { tenant }, params: { id } }) => showUser(await findUser(store, tenant, id)),
    }),
    route({
      ...common,
      method: "PATCH",
      path: `${path}:id/`,
      summary: "Changes a user: PRE_USER_UPDATE, the commit, POST_USER_UPDATE",
      description:
        "What is left out stays, null empties it, attributes are merged (RFC 7396). What changes nothing raises no event.",
      params,
      body: Type.Object({ ...userPatchBody.properties, ...by }, closed),
      message: "User updated successfully",
      data: done,
      handle: async ({ caller: { tenant }, params: { id }, body: { user, ...said }, signal }) =>
        showUserDone(await library.users(tenant).change(id, readUserPatch(said), { signal, ...defined({ user }) })),
    }),
    route({
      ...common,
      method: "DELETE",
      path: `${path}:id/`,
      summary: "Deletes a user: PRE_USER_DELETE, the commit, POST_USER_DELETE",
      params,
      query: Type.Object({
        user: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: "Name of whom it is done for." })),
      }),
      message: "User deleted successfully",
      data: done,
      handle: async ({ caller: { tenant }, params: { id }, query: { user }, signal }) =>
        showUserDone(await library.users(tenant).remove(id, { signal, ...defined({ user }) })),
    }),
  ];
}

function showUserDone({ user, operationId, warnings }: UserDone) {
  return {
    ...showUser({ ...user, number: user.id }),
    ...defined({ operation_id: operationId }),
    ...(warnings.length === 0 ? {} : { warnings: [...warnings] }),
  };
}
