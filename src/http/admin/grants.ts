import { type Static, Type } from "typebox";
import type { Grant } from "../../domain/access.ts";
import { parseUuid, type Uuid } from "../../domain/ids.ts";
import { notFound } from "../../errors.ts";
import { type GrantDeps, listGrants, putGrant, removeGrant } from "../../resources/grants.ts";
import { type Route, route } from "../route.ts";

const permission = Type.Enum(["read", "write"], { description: "`write` includes `read`." });
const shownGrant = Type.Object({ username: Type.String(), permission });

function show({ grantee, permission }: Grant): Static<typeof shownGrant> {
  return { username: grantee, permission };
}

function readUuid(text: string): Uuid {
  const uuid = parseUuid(text);
  if (uuid === undefined) throw notFound(`a resource '${text}' that you may share`);
  return uuid;
}

/** Who else may reach a bucket, by its uuid. For its owner, admins and developers. */
export function grantRoutes(deps: GrantDeps): Route[] {
  const path = "/api/cloud/resources/:uuid/pems/";
  const common = { role: "member", tag: "buckets" } as const;
  const params = Type.Object({ uuid: Type.String(), username: Type.String() });
  return [
    route({
      ...common,
      method: "GET",
      path,
      summary: "Lists who else may reach a bucket",
      params: Type.Object({ uuid: Type.String() }),
      message: "Permissions retrieved",
      data: Type.Object({ permissions: Type.Array(shownGrant) }),
      handle: async ({ caller, params }) => {
        const grants = await listGrants(deps.store, caller, readUuid(params.uuid));
        return { permissions: grants.map(show) };
      },
    }),
    route({
      ...common,
      method: "PUT",
      path: `${path}:username/`,
      summary: "Lets a user read, or read and write, in place of what it might before",
      params,
      body: Type.Object({ permission }, { additionalProperties: false }),
      message: "Permission granted",
      data: shownGrant,
      handle: async ({ caller, params, body }) =>
        show(
          await putGrant(deps, caller, {
            resource: readUuid(params.uuid),
            grantee: params.username,
            permission: body.permission,
          }),
        ),
    }),
    route({
      ...common,
      method: "DELETE",
      path: `${path}:username/`,
      summary: "Takes a user's permission away",
      params,
      message: "Permission removed",
      data: Type.Object({}),
      handle: async ({ caller, params }) => {
        await removeGrant(deps, caller, { resource: readUuid(params.uuid), grantee: params.username });
        return {};
      },
    }),
  ];
}
