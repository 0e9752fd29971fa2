import { type Static, Type } from "typebox";
import type { Context } from "../../context.ts";
import { defined } from "../../domain/defined.ts";
import { createAccessKey, listAccessKeys, removeAccessKey } from "../../platform/access/access-keys.ts";
import type { AccessKey } from "../../store/records.ts";
import { Cursors } from "../http/cursors.ts";
import { instant, label, nextCursor, paging, principalName, shownInstant } from "../http/fields.ts";
import { named } from "../http/named.ts";
import { type Route, route } from "../http/route.ts";

const shownKey = named(
  "AccessKey",
  Type.Object({
    access_key_id: Type.String(),
    principal: Type.String(),
    label: Type.String(),
    created_at: instant,
  }),
);

function show({ id, principal, label, createdMs }: AccessKey): Static<typeof shownKey> {
  return { access_key_id: id, principal, label, created_at: shownInstant(createdMs) };
}

/** S3 key pairs: one's own; for admins those of the tenant. */
export function accessKeyRoutes(deps: Pick<Context, "clock" | "store" | "vault">): Route[] {
  const path = "/api/cloud/access-keys/";
  const common = { role: "member", tag: "identities" } as const;
  const cursors = new Cursors<string>(deps.vault, "access-keys");
  return [
    route({
      ...common,
      method: "GET",
      path,
      summary: "Lists your S3 key pairs; for admins, the tenant's",
      query: Type.Object({ ...paging, principal: Type.Optional(principalName) }),
      message: "Access keys retrieved",
      data: Type.Object({ access_keys: Type.Array(shownKey), next_cursor: nextCursor }),
      handle: async ({ caller, query: { limit, cursor, principal } }) => {
        const { keys, next } = await listAccessKeys(deps.store, caller, {
          ...cursors.page(caller, { limit, cursor }),
          ...defined({ principal }),
        });
        return {
          access_keys: keys.map(show),
          ...cursors.next(caller, next),
        };
      },
    }),
    route({
      ...common,
      method: "POST",
      path,
      summary: "Makes an S3 key pair for yourself; for admins, for anyone in the tenant",
      body: Type.Object(
        { principal: Type.Optional(principalName), label: Type.Optional(label) },
        { additionalProperties: false },
      ),
      status: 201,
      message: "Access key created; keep the secret, it is not shown again",
      data: Type.Object({
        ...shownKey.properties,
        secret_access_key: Type.String({ description: "Shown only now." }),
      }),
      handle: async ({ caller, body: { principal = caller.name, label: text = "" } }) => {
        const { key, secret } = await createAccessKey(deps, caller, { principal, label: text });
        return { ...show(key), secret_access_key: secret };
      },
    }),
    route({
      ...common,
      method: "DELETE",
      path: `${path}:id/`,
      summary: "Ends an S3 key pair at once",
      params: Type.Object({ id: Type.String() }),
      message: "Access key deleted",
      data: Type.Object({}),
      handle: async ({ caller, params }) => {
        await removeAccessKey(deps, caller, params.id);
        return {};
      },
    }),
  ];
}
