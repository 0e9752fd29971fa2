import { type Static, Type } from "typebox";
import { everyRole, type Principal, roles } from "../../domain/access.ts";
import {
  changeRole,
  endPrincipal,
  findPrincipal,
  listPrincipals,
  type PrincipalContext,
  restorePrincipal,
} from "../../platform/access/principals.ts";
import { linkPrincipal, unlinkPrincipal } from "../../platform/access/subjects.ts";
import { principalThing } from "../../platform/edits.ts";
import type { ListedPrincipal } from "../../store/records.ts";
import { Cursors } from "../http/cursors.ts";
import { instant, nextCursor, nullable, paging, shownInstant, shownOptional } from "../http/fields.ts";
import { named } from "../http/named.ts";
import { type Route, route } from "../http/route.ts";

const shownPrincipal = named(
  "Principal",
  Type.Object({
    name: Type.String(),
    role: Type.Enum([...everyRole]),
    status: Type.Enum(["active", "ended"]),
    tokens: Type.Integer({ description: "That are neither revoked nor expired." }),
    access_keys: Type.Integer(),
    issuer: nullable(Type.String({ description: "Whose tokens log it in." })),
    subject: nullable(Type.String({ description: "Whom those say that it is." })),
    created_at: instant,
    ended_at: nullable(instant),
  }),
);

function show(principal: ListedPrincipal): Static<typeof shownPrincipal> {
  const { name, role, tokens, accessKeys, issuer = null, subject = null, createdMs, endedMs } = principal;
  return {
    name,
    role,
    status: endedMs === undefined ? "active" : "ended",
    tokens,
    access_keys: accessKeys,
    issuer,
    subject,
    created_at: shownInstant(createdMs),
    ended_at: shownOptional(endedMs),
  };
}

const subjectText = Type.String({
  minLength: 1,
  maxLength: 2_048,
  description: "As its tokens say it, to the letter.",
});

/** Who tokens and S3 keys belong to. The first token of a name makes one. */
export function principalRoutes(deps: PrincipalContext): Route[] {
  const path = "/api/cloud/principals/";
  const one = `${path}:name/`;
  const params = Type.Object({ name: Type.String() });
  const common = { role: "admin", tag: "identities" } as const;
  const edited = async ({
    caller,
    params,
  }: {
    readonly caller: Principal;
    readonly params: { readonly name: string };
  }) => ({
    things: [principalThing(await findPrincipal(deps, caller, params.name))],
  });
  const cursors = new Cursors<string>(deps.vault, "principals");
  return [
    route({
      ...common,
      method: "GET",
      path,
      summary: "Lists the tenant's principals by name, with what belongs to them",
      description: "Those whose role is not above your own. A page may be short while there is a next.",
      query: Type.Object(paging),
      message: "Principals retrieved",
      data: Type.Object({ principals: Type.Array(shownPrincipal), next_cursor: nextCursor }),
      handle: async ({ caller, query }) => {
        const page = cursors.page(caller, query);
        const { principals, next } = await listPrincipals(deps, caller, page);
        return {
          principals: principals.map(show),
          ...cursors.next(caller, next),
        };
      },
    }),
    route({
      ...common,
      method: "GET",
      path: one,
      summary: "Shows a principal",
      params,
      edited,
      message: "Principal retrieved",
      data: shownPrincipal,
      handle: async ({ caller, params }) => show(await findPrincipal(deps, caller, params.name)),
    }),
    route({
      ...common,
      method: "PATCH",
      path: one,
      summary: "Gives a principal another role",
      description: "From the next request on, of its tokens, keys and functions alike.",
      params,
      edited,
      body: Type.Object({ role: Type.Enum([...roles]) }, { additionalProperties: false }),
      message: "Principal updated",
      data: shownPrincipal,
      handle: async ({ caller, params, body, conditional }) =>
        show(await changeRole(conditional(deps), caller, params.name, body.role)),
    }),
    route({
      ...common,
      method: "DELETE",
      path: one,
      summary: "Ends a principal with its tokens, its keys and the rights of its functions",
      description:
        "At once. What it owns stays, and is reached by who manages the tenant. Its subscriptions to webhooks and addresses pause, and keep their events, until another resumes or deletes them; those that run functions go on, without its rights. Its name cannot be given to another; it can be restored.",
      params,
      edited,
      message: "Principal ended",
      data: shownPrincipal,
      handle: async ({ caller, params, conditional }) =>
        show(await endPrincipal(conditional(deps), caller, params.name)),
    }),
    route({
      ...common,
      method: "PUT",
      path: `${one}issuer/`,
      summary: "Links a principal to a subject of an issuer, whose tokens log it in from then on",
      description: "A principal is one subject at the most, and a subject one principal of the tenant.",
      params,
      edited,
      body: Type.Object({ issuer: subjectText, subject: subjectText }, { additionalProperties: false }),
      message: "Principal linked",
      data: shownPrincipal,
      handle: async ({ caller, params, body, conditional }) =>
        show(await linkPrincipal(conditional(deps), caller, params.name, body)),
    }),
    route({
      ...common,
      method: "DELETE",
      path: `${one}issuer/`,
      summary: "Ends that, so that the subject's tokens log it in no more",
      params,
      edited,
      message: "Principal unlinked",
      data: shownPrincipal,
      handle: async ({ caller, params, conditional }) =>
        show(await unlinkPrincipal(conditional(deps), caller, params.name)),
    }),
    route({
      ...common,
      method: "POST",
      path: `${one}restore/`,
      summary: "Undoes the end of a principal, which needs new tokens and keys then",
      params,
      edited,
      message: "Principal restored",
      data: shownPrincipal,
      handle: async ({ caller, params, conditional }) =>
        show(await restorePrincipal(conditional(deps), caller, params.name)),
    }),
  ];
}
