import { type Static, Type } from "typebox";
import { apiRole, roles } from "../../../domain/access.ts";
import { parseUuid, type Uuid } from "../../../domain/ids.ts";
import { notFound } from "../../../errors.ts";
import { createLoginLink } from "../../../platform/access/login-links.ts";
import { endSession, type LiveSession, listSessions, logOut, type Proof } from "../../../platform/access/sessions.ts";
import type { ApiContext } from "../../http/api-context.ts";
import { Cursors } from "../../http/cursors.ts";
import { instant, nextCursor, nullable, paging, principalName, shownInstant } from "../../http/fields.ts";
import { named } from "../../http/named.ts";
import { type Route, route } from "../../http/route.ts";
import { setSessionCookie } from "../../http/session-cookie.ts";
import { sessionPath } from "./log-in.ts";
import { shownSelf, showSelf } from "./self.ts";

const shownSession = named(
  "Session",
  Type.Object({
    id: Type.String(),
    principal: Type.String(),
    role: Type.Enum([...roles]),
    current: Type.Boolean({ description: "Whether it is the one that asks." }),
    issuer: nullable(Type.String({ description: "At which it was logged in; null: by a token or a link." })),
    created_at: instant,
    seen_at: Type.String({ format: "date-time", description: "When it was used last, to the minute." }),
    expires_at: instant,
    idle_until: Type.String({ format: "date-time", description: "It ends then unless it is used." }),
  }),
);

function show({ known, expiresMs, idleUntilMs }: LiveSession, proof: Proof): Static<typeof shownSession> {
  const { session, principal } = known;
  return {
    id: session.uuid,
    principal: principal.name,
    role: apiRole(principal.role),
    current: proof.kind === "session" && proof.live.known.session.uuid === session.uuid,
    issuer: session.issuer ?? null,
    created_at: shownInstant(session.createdMs),
    seen_at: shownInstant(session.seenMs),
    expires_at: shownInstant(expiresMs),
    idle_until: shownInstant(idleUntilMs),
  };
}

/** Who is logged in by a browser, and links by which one logs in. */
export function sessionRoutes(context: ApiContext): Route[] {
  const path = "/api/cloud/sessions/";
  const common = { role: "member", tag: "identities" } as const;
  const cursors = new Cursors<Uuid>(context.vault, "sessions");
  return [
    route({
      ...common,
      method: "GET",
      path: sessionPath,
      operationId: "getSelf",
      summary: "Tells who you are, and what there is to know of this server",
      message: "You are known",
      data: shownSelf,
      handle: async ({ caller, proof }) => showSelf(context, caller, proof),
    }),
    route({
      ...common,
      method: "DELETE",
      path: sessionPath,
      operationId: "logOut",
      summary: "Ends the session that you ask with; with a token nothing ends",
      message: "Logged out",
      headers: () => ({ "set-cookie": setSessionCookie(context, "", 0) }),
      data: Type.Object({
        log_out_url: nullable(
          Type.String({ description: "Where a browser logs out at its issuer, too; null: nowhere." }),
        ),
      }),
      handle: async ({ proof }) => {
        await logOut(context, proof);
        const { issuer } = proof.kind === "session" ? proof.live.known.session : {};
        const url = issuer === undefined ? undefined : await context.browserLogins.logOutUrl(issuer);
        return { log_out_url: url ?? null };
      },
    }),
    route({
      ...common,
      method: "GET",
      path,
      summary: "Lists your sessions, newest first; for admins, the tenant's",
      query: Type.Object(paging),
      message: "Sessions retrieved",
      data: Type.Object({ sessions: Type.Array(shownSession), next_cursor: nextCursor }),
      handle: async ({ caller, proof, query }) => {
        const { sessions, next } = await listSessions(context, caller, cursors.page(caller, query));
        return { sessions: sessions.map((live) => show(live, proof)), ...cursors.next(caller, next) };
      },
    }),
    route({
      ...common,
      method: "DELETE",
      path: `${path}:id/`,
      summary: "Ends a session at once",
      params: Type.Object({ id: Type.String() }),
      message: "Session ended",
      data: Type.Object({}),
      handle: async ({ caller, params }) => {
        const uuid = parseUuid(params.id);
        if (uuid === undefined) throw notFound(`session '${params.id}'`);
        await endSession(context, caller, uuid);
        return {};
      },
    }),
    route({
      ...common,
      method: "POST",
      path: "/api/cloud/login-links/",
      summary:
        "Makes a link that logs you in, once, within ten minutes; for admins, for anyone whom they may make tokens for",
      description: "What comes of it ends with the token that it was made with.",
      body: Type.Object({ principal: Type.Optional(principalName) }, { additionalProperties: false }),
      status: 201,
      message: "Link created; keep it to yourself, it is not shown again",
      data: Type.Object({ url: Type.String({ description: "Shown only now." }), expires_at: instant }),
      handle: async ({ caller, proof, body: { principal: name } }) => {
        const { url, expiresMs } = await createLoginLink(context, { caller, proof, name });
        return { url, expires_at: shownInstant(expiresMs) };
      },
    }),
  ];
}
