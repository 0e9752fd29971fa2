import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { Static, TObject, TSchema } from "typebox";
import type { Context } from "../../context.ts";
import type { Principal, Role } from "../../domain/access.ts";
import type { Json } from "../../domain/event.ts";
import type { Proof } from "../../platform/access/sessions.ts";
import type { Unit } from "../../store/unit.ts";
import type { Edited } from "./edited.ts";

/** One route of the API, said once: what it takes, who may use it, what it answers. */

/** What a handler gets: everything is checked against the route's schemas. */
export interface RouteRequest<P, Q, B> {
  /** Who asks, in the tenant that was chosen. */
  readonly caller: Principal;
  /** By what it proved that. */
  readonly proof: Proof;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** `HEAD` where a GET is asked for the head of its answer alone. */
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** The body as it comes, of a route whose bytes are `in`; a client that waits to be asked for it is asked. */
  readonly incoming: () => Readable;
  /** Who asks at this moment: bytes may come for hours. Rejects when their token has ended. */
  readonly again: () => Promise<Principal>;
  /** The same, of an answer that goes on while its user does nothing: a session is not used by it. */
  readonly still: () => Promise<Principal>;
  /** Aborts when the caller is gone; of a request with an `Idempotency-Key` never, because its caller may come back. */
  readonly signal: AbortSignal;
  /**
   * What belongs into the commit that answers with `data`, so that the answer is given again to a request with the same
   * `Idempotency-Key`. Empty without one.
   */
  readonly remember: (data: unknown) => Pick<Unit, "conditions" | "changes">;
  /** The same, of a route with {@link RouteSpec.answerOf}, whose answer is found out after the commit: what it can be made of. */
  readonly rememberOutcome: (outcome: Json) => Pick<Unit, "conditions" | "changes">;
  /** Of a route with {@link RouteSpec.edited}: what the verb works with, so that its commit holds only while `If-Match` fits. */
  readonly conditional: <Deps extends Pick<Context, "publish">>(deps: Deps) => Deps;
}

/** Other forms in which what is asked for may come. */
export interface BodyForms {
  /** Media types of such bodies, all of them JSON, with their schemas for the API's document. */
  readonly types: Readonly<Record<string, TSchema>>;
  /**
   * What the handler gets as its body, which it tells from that of {@link RouteSpec.body} by its class; `undefined` when the request is in
   * none of these forms. Throws when that is not as it must be.
   */
  read(this: void, asked: FormedBody): object | undefined;
}

interface FormedBody {
  /** By name in small letters, each with all of its values. */
  readonly headers: Readonly<NodeJS.Dict<readonly string[]>>;
  /** In small letters, without parameters; empty when none was sent. */
  readonly mediaType: string;
  readonly body: unknown;
}

interface RouteSpec<P extends TObject, Q extends TObject, B extends TSchema, D extends TSchema> {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With a final slash; it answers without one too. */
  readonly path: string;
  /** The least role that may use it at all. */
  readonly role: Role;
  readonly tag: string;
  /** Its name in the API's document, where the one that follows from method and path reads badly. */
  readonly operationId?: string;
  /** What it does, as a sentence without a full stop. */
  readonly summary: string;
  readonly description?: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** Of a body that may come in other forms than JSON of {@link body} too. */
  readonly forms?: BodyForms;
  /**
   * What is no JSON. `in`: the body, which nobody reads but the handler ({@link RouteRequest.incoming}). `out`: the answer, a
   * `BytesAnswer` in place of `data`. `events`: likewise, server-sent events that have no end. Nothing of it is ever held whole.
   */
  readonly bytes?: "in" | "out" | "events";
  /** Largest body in bytes, where that is more than the settings allow. */
  readonly maxBodyBytes?: number;
  readonly status?: 200 | 201 | 202;
  /**
   * Of a POST: takes an `Idempotency-Key`. An answer that the handler does not {@link RouteRequest.remember} is remembered after it. Not for
   * answers that show a secret, which would be kept.
   */
  readonly idempotent?: true;
  /**
   * The answer to a request that was carried out, made of what {@link RouteRequest.rememberOutcome} kept in its commit: the process ended, or something
   * failed, before it was answered.
   */
  answerOf?(asked: RouteRequest<Static<P>, Static<Q>, Static<B>>, outcome: Json): Promise<Static<D>>;
  /**
   * What it shows or changes has an `ETag`; a change takes `If-Match`, and hands its verb what {@link RouteRequest.conditional} makes of its
   * deps. Throws when the caller sees no such thing.
   */
  edited?(this: void, asked: { readonly caller: Principal; readonly params: Static<P> }): Promise<Edited>;
  /** The uuid of what it has made, which has an `ETag` too. */
  made?(this: void, data: Static<D>): string;
  /** `message` of the answer. */
  readonly message: string | ((asked: RouteRequest<Static<P>, Static<Q>, Static<B>>) => string);
  /** Of the answer of success. */
  readonly headers?: () => Readonly<Record<string, string>>;
  readonly data: D;
  /** It reports what was done already, or ends something: the rate of events keeps none of it away. */
  readonly mustGetThrough?: true;
  /** The answer of success is `data` itself, without the envelope around it, where a document says so. */
  readonly verbatim?: true;
  /** Throws when the path names what cannot be: before the body is read, whatever is wrong with that. */
  judgePath?(params: Static<P>): void;
  handle(asked: RouteRequest<Static<P>, Static<Q>, Static<B>>): Promise<Static<D>>;
}

/** A route whose schemas' types are forgotten, so that routes can stand in one list. */
export type Route = RouteSpec<TObject, TObject, TSchema, TSchema>;

export function route<P extends TObject, Q extends TObject, B extends TSchema, D extends TSchema>(
  spec: RouteSpec<P, Q, B, D>,
): Route {
  return spec;
}
