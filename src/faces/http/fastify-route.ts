import type { FastifyRequest, RouteOptions } from "fastify";
import { Type } from "typebox";
import { hostRole, roleReaches } from "../../domain/access.ts";
import { SignalboxError } from "../../errors.ts";
import { answer, forgetful } from "./answer.ts";
import type { ApiContext } from "./api-context.ts";
import { type BytesAnswer, sendBytes } from "./bytes.ts";
import { type Authenticate, callerRoute } from "./caller-route.ts";
import { Editing } from "./editing.ts";
import { mediaTypeOf } from "./json-body.ts";
import { schemaOf } from "./openapi.ts";
import { checker } from "./problems.ts";
import type { BodyForms, Route } from "./route.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Only the handler reads the body. */
    readonly leavesBody?: boolean;
    /** Media types that it takes beside JSON's own. */
    readonly takes?: readonly string[];
  }
}

const none = Type.Object({});

/**
 * A route as the framework takes it: its role is judged before the body is read, its schemas before the handler runs.
 *
 * @param authenticate finds out who asks; absent: one of the API's callers.
 */
export function fastifyRoute(context: ApiContext, route: Route, authenticate?: Authenticate): RouteOptions {
  const check = {
    query: checker(Type.Object(route.query?.properties ?? {}, { additionalProperties: false })),
    body: checker(route.body ?? Type.Union([none, Type.Null()])),
  };
  return {
    method: route.method,
    url: route.path,
    schema: schemaOf(route),
    config: { leavesBody: route.bytes === "in", takes: Object.keys(route.forms?.types ?? {}) },
    bodyLimit: Math.max(route.maxBodyBytes ?? 0, context.config.maxBodyBytes),
    ...callerRoute(context, {
      ...(authenticate === undefined ? {} : { authenticate }),
      judge: ({ role }, params) => {
        if (!roleReaches(role, route.role)) {
          throw new SignalboxError("forbidden", `this needs the role ${route.role}; yours is ${role}`);
        }
        route.judgePath?.(params);
      },
      raisesEvents: ({ method }) => raisesEvents(context, route, method),
      verbAdmits: route.role === hostRole,
      readsDocument: route.bytes !== "in",
      ...(route.bytes === "out" ? { tenantOf: linkedTenant } : {}),
      read: (request) => {
        const query = readQuery(route, request.query as Readonly<Record<string, unknown>>);
        const body = request.body ?? (route.body === undefined ? null : undefined);
        check.query(query);
        const formed = route.forms?.read({ ...headOf(request), body: request.body });
        if (formed !== undefined) return { query, body: formed };
        check.body(body);
        return { query, body };
      },
      answer: async (asked, request, reply) => {
        const { proof, method } = asked;
        if (proof.kind === "token" && proof.madeBy !== undefined && route.tag === "identities" && method !== "GET") {
          throw new SignalboxError(
            "forbidden",
            `this token is for '${proof.madeBy}' to act for '${proof.own.name}': who there is, and with which credentials, is changed with a token of one's own`,
          );
        }
        const editing = await Editing.begin(context, route, asked);
        const question = { ...asked, conditional: editing.conditional };
        if (route.bytes === "out" || route.bytes === "events")
          return sendBytes(reply, (await route.handle({ ...question, ...forgetful })) as BytesAnswer);
        const { status, body, replayed } = await answer(context, route, question, request).finally(() => {
          // What is not wanted any more would hold up the connection.
          if (route.bytes === "in") request.raw.resume();
        });
        if (replayed) reply.header("idempotency-replayed", "true");
        if (route.headers !== undefined && status < 300) reply.headers(route.headers());
        const etag = status < 300 ? etagOf(route, editing, body) : undefined;
        if (etag !== undefined) reply.header("etag", etag);
        reply.code(status);
        return body;
      },
    }),
  };
}

/** @param body of an answer of success. */
function etagOf({ made }: Route, editing: Editing, body: unknown): string | undefined {
  return editing.etag(made?.((body as { readonly data: object }).data));
}

/** Whether a request may make an event. What only operators do, such as giving a larger quota, must always be possible. */
function raisesEvents({ config }: ApiContext, route: Route, method: string): boolean {
  if (route.bytes === "out") return method === "GET" && config.downloadEvents === "on";
  return route.method !== "GET" && route.role !== "operator" && route.mustGetThrough !== true;
}

function headOf({ raw }: FastifyRequest): Omit<Parameters<BodyForms["read"]>[0], "body"> {
  const headers: Record<string, string[]> = Object.create(null);
  for (let at = 0; at + 1 < raw.rawHeaders.length; at += 2) {
    const name = (raw.rawHeaders[at] ?? "").toLowerCase();
    (headers[name] ??= []).push(raw.rawHeaders[at + 1] ?? "");
  }
  return { headers, mediaType: mediaTypeOf(raw.headers["content-type"]) };
}

/** Query strings are texts; those of whole numbers become numbers, one of a list a list of one, and nothing else is guessed. */
function readQuery(route: Route, query: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const properties = (route.query?.properties ?? {}) as Readonly<Record<string, { readonly type?: string }>>;
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => {
      const type = Object.hasOwn(properties, name) ? properties[name]?.type : undefined;
      if (type === "array" && typeof value === "string") return [name, [value]];
      return [
        name,
        type === "integer" && typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value,
      ];
    }),
  );
}

/** Of a link to bytes. */
function linkedTenant({ query }: FastifyRequest): string | undefined {
  const { tenant } = query as { readonly tenant?: unknown };
  return typeof tenant === "string" ? tenant : undefined;
}
