import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest, RouteOptions } from "fastify";
import type { Principal } from "../../domain/access.ts";
import type { Proof } from "../../platform/access/sessions.ts";
import type { ApiContext } from "./api-context.ts";
import { type AskingHead, type Authenticated, actorOf, authenticate } from "./auth.ts";
import { letBodyCome } from "./expectation.ts";

/** What every route that takes a token is asked with. */
export interface CallerQuestion {
  /** Who asks, in the tenant that was chosen. */
  readonly caller: Principal;
  /** By what it proved that. */
  readonly proof: Proof;
  readonly params: Readonly<Record<string, string>>;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** The body, where it has not been read; a client that waits to be asked for it is asked. */
  readonly incoming: () => Readable;
  /** Who asks at this moment. Rejects when that has ended. */
  readonly again: () => Promise<Principal>;
  /** The same, without using the session by which they came. */
  readonly still: () => Promise<Principal>;
  /** Aborts when the caller is gone. */
  readonly signal: AbortSignal;
}

/** Finds out who asks. @throws SignalboxError `unauthenticated` and others when that may not ask here. */
export type Authenticate = (asked: AskingHead, how: { readonly isUse: boolean }) => Promise<Authenticated>;

interface CallerRoute<Read> {
  /** Who asks; absent: one of the API's callers. */
  readonly authenticate?: Authenticate;
  /** Throws when the caller may not use it, or the path names what cannot be: told before the body is read, whatever is wrong with that. */
  readonly judge?: (caller: Principal, params: CallerQuestion["params"]) => void;
  /** Whether a request may make an event, of which a tenant makes so many a second. */
  readonly raisesEvents: (request: FastifyRequest) => boolean;
  /** Whether the verb admits each event itself, as those do that programs call too: then only a rate that is used up is judged here. */
  readonly verbAdmits?: boolean;
  /** Whether the body is kept whole and taken apart, so that it comes no faster than that may cost. */
  readonly readsDocument: boolean;
  /** Where a link names the tenant, which brings no header: what it names. */
  readonly tenantOf?: (request: FastifyRequest) => string | undefined;
  /** What else is asked; throws when that is not as it must be. */
  readonly read: (request: FastifyRequest) => Read;
  readonly answer: (question: CallerQuestion & Read, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
}

/** A route as the framework takes it: the caller is found out and judged before the body is read, and what is asked before anything is done. */
export function callerRoute<Read>(
  context: ApiContext,
  { authenticate: whose, judge, raisesEvents, verbAdmits, readsDocument, tenantOf, read, answer }: CallerRoute<Read>,
): Pick<RouteOptions, "validatorCompiler" | "serializerCompiler" | "onRequest" | "handler"> {
  const callers = new WeakMap<FastifyRequest, Authenticated>();
  const find: Authenticate = whose ?? ((asked, how) => authenticate(context, asked, how));
  const paramsOf = (request: FastifyRequest): CallerQuestion["params"] => request.params as CallerQuestion["params"];
  const whoAsks = (request: FastifyRequest, how = { isUse: true }): Promise<Authenticated> => {
    const { method, headers } = request;
    return find({ method, headers, tenant: tenantOf?.(request) }, how);
  };
  return {
    // What is documented is checked when it is read, with sentences of our own, and answers are typed.
    validatorCompiler: () => (value) => ({ value }),
    serializerCompiler: () => (data) => JSON.stringify(data),
    onRequest: async (request) => {
      const authenticated = await whoAsks(request);
      const { caller } = authenticated;
      Object.assign(request, actorOf(authenticated));
      judge?.(caller, paramsOf(request));
      callers.set(request, authenticated);
      context.connections.recognise(request.raw, caller.tenant);
      if (raisesEvents(request)) context.rates.judge(caller.tenant);
      if (readsDocument) await context.connections.readsDocument(request.raw);
    },
    handler: async (request, reply) => {
      const authenticated = callers.get(request);
      if (authenticated === undefined) throw new TypeError("a route ran before its caller was known");
      const { caller, proof } = authenticated;
      const asked = read(request);
      using _admitted = verbAdmits !== true && raisesEvents(request) ? context.rates.admit(caller.tenant) : undefined;
      const { method, headers, raw } = request;
      const again = async (): Promise<Principal> => (await whoAsks(request)).caller;
      const still = async (): Promise<Principal> => (await whoAsks(request, { isUse: false })).caller;
      const incoming = (): Readable => {
        letBodyCome(context.connections, raw);
        return raw;
      };
      const known = { caller, proof, params: paramsOf(request), method, headers, incoming, again, still };
      const question = { ...asked, ...known, signal: goneSignal(reply) };
      return reply.send(await answer(question, request, reply));
    },
  };
}

/** Aborts when the connection ends before the answer. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
