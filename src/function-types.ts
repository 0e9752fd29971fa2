/**
 * Types for the authors of functions, imported as `signalbox/functions`. There is nothing to import but types: a function gets all that it
 * needs as its arguments.
 *
 * ```ts
 * import type { Hook } from "signalbox/functions";
 *
 * const checkDomain: Hook<{ email: string }> = async ({ params }, { env }) => {
 *   if (!params.email.endsWith(`@${env.DOMAIN}`)) return { decision: "deny", message: "Email domain not allowed" };
 * };
 * export default checkDomain;
 * ```
 *
 * `signalbox types` writes what the params of every event type are; `signalbox function check` holds a function to them.
 */
import type { Json } from "./domain/event.ts";
import type { Params, FunctionEvent as UntypedEvent, User } from "./domain/lifecycle.ts";
import type { DeniedField } from "./domain/verdict.ts";

export type { DeniedField, Json, Params, TypedFunctionEvent as FunctionEvent, UntypedEvent, User };

/** An event as a function gets it. `P`: the params of its type, as `GET /api/cloud/events/{event}/` describes them. */
interface TypedFunctionEvent<P = Params> extends Omit<UntypedEvent, "params"> {
  readonly params: P;
}

/** Kept with the invocation: at most 1,000 lines and 64 KiB of a run. Formatted as `console.log` formats. */
export interface FunctionLog {
  (message: unknown, ...data: readonly unknown[]): void;
  debug(message: unknown, ...data: readonly unknown[]): void;
  info(message: unknown, ...data: readonly unknown[]): void;
  warn(message: unknown, ...data: readonly unknown[]): void;
  error(message: unknown, ...data: readonly unknown[]): void;
}

/** A call of this platform. `body`: a text, or what is sent as JSON. */
export interface ApiInit {
  /** Default `GET`. */
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The second argument of a function. */
export interface FunctionContext {
  /** The function's `env` and `secrets`. */
  readonly env: Readonly<Record<string, string>>;
  readonly log: FunctionLog;
  /**
   * Calls this platform, with what the author of the code may do at that moment: `api("/api/cloud/users/")`. While an operation waits for the
   * function it may only read, unless the function is made with `writes: true`.
   */
  readonly api: (path: string, init?: ApiInit) => Promise<Response>;
}

/** Lets the operation go on; `patch` (RFC 7396) changes what is proposed, on the changeable paths of the event type. */
export interface Allow {
  readonly decision: "allow";
  readonly patch?: Params;
}

/** Refuses the operation: 400 `hook_denied` to its caller. */
export interface Deny {
  readonly decision: "deny";
  /** For the caller of the operation; what is over 500 characters is cut. */
  readonly message: string;
  /** Of your own, for programs. */
  readonly code?: string;
  readonly fields?: readonly DeniedField[];
}

/** Other words for a refusal, as functions of other platforms say it. */
export type Refused =
  | Error
  | { readonly error: unknown }
  | { readonly errors: unknown }
  | { readonly status: "error"; readonly message?: string }
  | { readonly success: false; readonly message?: string };

/** What a hook may say. Nothing allows; `false` refuses, and so does an error that is thrown. */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook without a return statement allows.
export type HookAnswer = Allow | Deny | Refused | boolean | null | undefined | void;

/** A function that is subscribed to a `PRE_` event, and holds the operation until it has answered. */
export type Hook<P = Params> = (
  event: TypedFunctionEvent<P>,
  context: FunctionContext,
) => HookAnswer | Promise<HookAnswer>;

/** A function that runs after the fact: what it returns is kept with the invocation (at most 256 KiB of JSON); to throw means to be tried again. */
export type Handler<P = Params, R = unknown> = (
  event: TypedFunctionEvent<P>,
  context: FunctionContext,
) => R | Promise<R>;

/** An event of one of the types of a map from names to params, such as `EventParams` that `signalbox types` writes. */
export type EventOf<Events extends object, Name extends keyof Events = keyof Events> = {
  readonly [One in Name]: TypedFunctionEvent<Events[One]> & { readonly event_type: One };
}[Name];

/**
 * A function that is subscribed to event types of such a map: `FunctionOf<EventParams, "PRE_ORDER_CREATE">`. To several of them it gets one of their
 * events, which its `event_type` tells apart.
 */
export type FunctionOf<Events extends object, Name extends keyof Events> = (
  event: EventOf<Events, Name>,
  context: FunctionContext,
) => Extract<Name, `PRE_${string}`> extends never ? unknown : HookAnswer | Promise<HookAnswer>;
