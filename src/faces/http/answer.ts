import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Json } from "../../domain/event.ts";
import { type ErrorCode, SignalboxError } from "../../errors.ts";
import {
  answerOnce,
  type GivenAnswer,
  type IdempotencyContext,
  type KeyedAnswer,
  type KeyedRequest,
} from "../../platform/idempotency.ts";
import { failureBody, success } from "./envelope.ts";
import type { Route, RouteRequest } from "./route.ts";

/** From what was asked to what is answered; once for all requests with one `Idempotency-Key`, where the route takes one. */

type Params = Readonly<Record<string, string>>;
type HandledRequest = Omit<
  RouteRequest<Params, Readonly<Record<string, unknown>>, unknown>,
  "remember" | "rememberOutcome"
>;

/** Of a request without a key, which may be done twice. */
export const forgetful = { remember: () => ({}), rememberOutcome: () => ({}) };

interface HttpRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** @throws whatever the route's handler throws; SignalboxError `invalid_request` for a key that cannot be one. */
export async function answer(
  deps: IdempotencyContext,
  route: Route,
  question: HandledRequest,
  request: HttpRequest,
): Promise<GivenAnswer> {
  const key = route.idempotent === true ? idempotencyKey(request.headers) : undefined;
  if (key === undefined) {
    const asked = { ...question, ...forgetful };
    return { ...answerWith(route, asked, await route.handle(asked)), replayed: false };
  }
  const { caller, body, signal } = question;
  // Its caller may come back, and then wants to know what came of it.
  const lasting = { ...question, signal: new AbortController().signal };
  const again = { ...lasting, ...forgetful };
  const keyed: KeyedRequest = {
    tenant: caller.tenant,
    principal: caller.name,
    key,
    fingerprint: fingerprint(request, body),
    answerOf: async (outcome) => answerWith(route, again, await route.answerOf?.(again, outcome)),
  };
  return answerOnce(deps, keyed, async (remembering) => {
    if (signal.aborted) throw new SignalboxError("unavailable", "the caller is gone");
    const asked: RouteRequest<Params, HandledRequest["query"], unknown> = {
      ...lasting,
      remember: (data) => remembering.answer(answerWith(route, asked, data)),
      rememberOutcome: (outcome) => remembering.outcome(outcome),
    };
    try {
      return answerWith(route, asked, await route.handle(asked));
    } catch (thrown) {
      return decided(thrown);
    }
  });
}

function answerWith(route: Route, asked: Parameters<Route["handle"]>[0], data: unknown): KeyedAnswer {
  const status = route.status ?? 200;
  if (route.verbatim === true) return { status, body: data as Json };
  const message = typeof route.message === "string" ? route.message : route.message(asked);
  return { status, body: success(message, data) as unknown as Json };
}

/** What was said no to, and would be again; a request that is not well-formed may be mended, and failures may pass. */
const decisions: ReadonlySet<ErrorCode> = new Set([
  "hook_denied",
  "hook_error",
  "hook_recursion",
  "conflict",
  "not_found",
  "precondition_failed",
]);

function decided(thrown: unknown): KeyedAnswer {
  if (!(thrown instanceof SignalboxError) || !decisions.has(thrown.code)) throw thrown;
  return { status: thrown.status, body: failureBody(thrown.code, thrown.message, thrown) as unknown as Json };
}

export const idempotencyHeader = "idempotency-key";

function idempotencyKey(headers: IncomingHttpHeaders): string | undefined {
  const key = headers[idempotencyHeader];
  if (key === undefined || (typeof key === "string" && /^[\x21-\x7e]{1,255}$/.test(key))) return key;
  const message = "must be 1 to 255 visible ASCII characters, without blanks, and be given once";
  throw new SignalboxError("invalid_request", `the header Idempotency-Key ${message}`, {
    fields: [{ path: "Idempotency-Key", message }],
  });
}

/** Equal for requests that ask for the same, however their JSON is written. */
function fingerprint({ method, url }: HttpRequest, body: unknown): string {
  const [path = "", query = ""] = url.split("?", 2);
  const asked = JSON.stringify([method, path.replace(/\/$/, ""), query, sorted(body, 1)]);
  return createHash("sha256").update(asked).digest("hex");
}

/** Beyond any that is asked for sensibly; what is deeper could not be written as JSON again. */
const deepest = 64;

/** Objects in it with their names in one order. */
function sorted(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth > deepest) {
    throw new SignalboxError("invalid_request", `body: must not have more than ${deepest} levels`, {
      fields: [{ path: "body", message: `must not have more than ${deepest} levels` }],
    });
  }
  if (Array.isArray(value)) return value.map((entry) => sorted(entry, depth + 1));
  const names = Object.keys(value).toSorted();
  const record = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(names.map((name) => [name, sorted(record[name], depth + 1)]));
}
