import type { Context } from "../../../context.ts";
import { isJsonObject } from "../../../domain/merge-patch.ts";
import { signingKey } from "../../../domain/signature.ts";
import { asError } from "../../../errors.ts";
import type { Intent } from "../../../store/records.ts";
import type { Resolver } from "../../../store/resolvers.ts";
import type { Egress, EgressAnswer } from "../../../targets/egress.ts";
import { RequestHead } from "../../../targets/request-head.ts";
import { packageVersion } from "../../../version.ts";
import type { Resolution } from "../resolution.ts";
import { liveSecrets } from "./resolver.ts";

/** One question to a resolver, and its answer. */

export type QuestionContext = Pick<Context, "vault" | "clock"> & { readonly egress: Egress };

/** How long it may take to answer, and how much it may say: params of an event, and what stands around them. */
const answerMs = 10_000;
const mostAnswerBytes = 524_288;
const longestReason = 500;

/** `unreachable`: it gave no answer of the form that is asked for, and others are not worth asking about now. */
export type ResolverAnswer = Resolution | { readonly outcome: "unreachable"; readonly reason: string };

/**
 * A GET of the resolver's URL with `operation_id` and `tenant`, signed as webhooks are; `webhook-id` is the operation's id, so that the
 * signature covers it. Never rejects.
 */
export async function askResolver(
  { vault, clock, egress }: QuestionContext,
  resolver: Resolver,
  { operation, tenant }: Pick<Intent, "operation" | "tenant">,
  signal: AbortSignal,
): Promise<ResolverAnswer> {
  try {
    const url = new URL(resolver.url);
    url.searchParams.set("operation_id", operation);
    url.searchParams.set("tenant", tenant);
    const keys = liveSecrets(vault, resolver, clock.now()).map(({ secret }) => signingKey(secret));
    const headers = ["accept", "application/json", "user-agent", `Signalbox/${packageVersion}`];
    const head = RequestHead.of(url, headers, keys, "GET");
    const signed = { id: operation, timestampS: Math.floor(clock.now() / 1_000) };
    const answer = await new Promise<EgressAnswer>((answered) => {
      const posting = { timeoutMs: answerMs, beganMs: clock.steady(), signal, mostAnswerBytes, answered };
      egress.send({ head, signed, lines: "", body: "" }, posting);
    });
    return resolutionOf(answer);
  } catch (thrown) {
    return { outcome: "unreachable", reason: `the resolver cannot be asked: ${asError(thrown).message}` };
  }
}

function resolutionOf(answer: EgressAnswer): ResolverAnswer {
  if (answer.kind === "failed") return unreachable(`the resolver could not be asked: ${answer.message}`);
  const { status, snippet } = answer;
  if (status !== 200) return unreachable(`the resolver answered ${status}, and only 200 is an answer`);
  if (Buffer.byteLength(snippet) >= mostAnswerBytes) {
    return unreachable(`the resolver answered more than ${mostAnswerBytes} bytes`);
  }
  let said: unknown;
  try {
    said = JSON.parse(snippet);
  } catch {
    return unreachable("the resolver answered what is no JSON");
  }
  return readResolution(said) ?? unreachable(`the resolver answered nothing that it may: ${form}`);
}

const form = '{"outcome": "committed", "params": {…}, "resource"?: "…"}, or "aborted" or "unknown" with a "reason"';

function readResolution(said: unknown): Resolution | undefined {
  if (typeof said !== "object" || said === null || Array.isArray(said)) return undefined;
  const { outcome, params, resource, reason } = said as Readonly<Record<string, unknown>>;
  const because = typeof reason === "string" ? { reason: reason.slice(0, longestReason) } : {};
  if (outcome === "aborted" || outcome === "unknown") return { outcome, ...because };
  if (outcome !== "committed" || !isJsonObject(params as never)) return undefined;
  if (resource !== undefined && resource !== null && typeof resource !== "string") return undefined;
  return { outcome, params: params as object, ...(typeof resource === "string" ? { resource } : {}) };
}

function unreachable(reason: string): ResolverAnswer {
  return { outcome: "unreachable", reason: reason.slice(0, longestReason) };
}
