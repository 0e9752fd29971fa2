import { type Static, Type } from "typebox";
import type { Context } from "../../context.ts";
import type { Grant, Permission, Principal } from "../../domain/access.ts";
import { didYouMean } from "../../domain/did-you-mean.ts";
import { parseUuid, type Uuid } from "../../domain/ids.ts";
import { invalidField, notFound } from "../../errors.ts";
import { checkMayShare, findGrant, listGrants, putGrant, removeGrant } from "../../platform/access/grants.ts";
import { grantThing } from "../../platform/edits.ts";
import type { Edited } from "../http/edited.ts";
import { named } from "../http/named.ts";
import { type Route, route } from "../http/route.ts";

const permission = Type.Enum(["read", "write"], { description: "`write` includes `read`." });
const shownGrant = named("Permission", Type.Object({ username: Type.String(), permission }));

function show({ grantee, permission }: Grant): Static<typeof shownGrant> {
  return { username: grantee, permission };
}

function readUuid(text: string): Uuid {
  const uuid = parseUuid(text);
  if (uuid === undefined) throw notFound(`a resource '${text}' that you may share`);
  return uuid;
}

const givenPermission = Type.String({
  maxLength: 16,
  description:
    "`read` or `write`, which includes `read`; `all` is `write`, and `none` takes the permission away. In any case.",
});

/** Words of clients that were written for other services of this sort are understood too. */
const words: ReadonlyMap<string, Permission | "none"> = new Map([
  ["read", "read"],
  ["write", "write"],
  ["all", "write"],
  ["none", "none"],
]);

function readPermission(said: string): Permission | "none" {
  const found = words.get(said.toLowerCase());
  if (found !== undefined) return found;
  throw invalidField("permission", `must be one of "read", "write".${didYouMean(said, [...words.keys()])}`);
}

const grantParams = Type.Object({ uuid: Type.String(), username: Type.String() });

/** Who else may see a resource, and write into a bucket. For its owner and those who manage it. */
export function grantRoutes(deps: Pick<Context, "clock" | "publish" | "store">): Route[] {
  const path = "/api/cloud/resources/:uuid/pems/";
  const common = { role: "member", tag: "buckets" } as const;
  return [
    route({
      ...common,
      method: "GET",
      path,
      summary: "Lists who else may reach a resource",
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
      method: "GET",
      path: `${path}:username/`,
      summary: "Shows what a user may do; everybody may ask that about themselves",
      params: grantParams,
      edited: async ({ params }) => editedGrant(params),
      message: "Permission retrieved",
      data: shownGrant,
      handle: async ({ caller, params: { uuid, username } }) =>
        show(await findGrant(deps.store, caller, { resource: readUuid(uuid), grantee: username })),
    }),
    ...changes(deps, path),
  ];
}

function editedGrant({ uuid, username }: Static<typeof grantParams>): Edited {
  return { things: [grantThing(readUuid(uuid), username)], madeByEdits: true };
}

function changes(deps: Pick<Context, "clock" | "publish" | "store">, path: string): Route[] {
  const edited = async ({
    caller,
    params,
  }: {
    readonly caller: Principal;
    readonly params: Static<typeof grantParams>;
  }) => {
    // Who may not share it does not learn who else has.
    await checkMayShare(deps.store, caller, readUuid(params.uuid));
    return editedGrant(params);
  };
  const common = { role: "member", tag: "buckets", params: grantParams, path: `${path}:username/`, edited } as const;
  return [
    route({
      ...common,
      method: "PUT",
      summary: "Lets a user read, or read and write, in place of what it might before",
      body: Type.Object({ permission: givenPermission }, { additionalProperties: false }),
      message: ({ body }) => (readPermission(body.permission) === "none" ? "Permission removed" : "Permission granted"),
      data: Type.Object({ ...shownGrant.properties, permission: Type.Enum(["read", "write", "none"]) }),
      handle: async ({ caller, params: { uuid, username }, body, conditional }) => {
        const wanted = readPermission(body.permission);
        const of = { resource: readUuid(uuid), grantee: username };
        if (wanted !== "none") return show(await putGrant(conditional(deps), caller, { ...of, permission: wanted }));
        await removeGrant(conditional(deps), caller, of);
        return { username, permission: wanted };
      },
    }),
    route({
      ...common,
      method: "DELETE",
      summary: "Takes a user's permission away",
      message: "Permission removed",
      data: Type.Object({}),
      handle: async ({ caller, params, conditional }) => {
        await removeGrant(conditional(deps), caller, { resource: readUuid(params.uuid), grantee: params.username });
        return {};
      },
    }),
  ];
}
