import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import {
  type CorsAsked,
  type CorsFound,
  type CorsRule,
  costOfCors,
  findingCorsRule,
} from "../../domain/bucket-configurations.ts";
import { inTurn } from "../../platform/search.ts";
import type { S3Answer, S3Context } from "./call.ts";
import { header } from "./request.ts";
import { S3Error } from "./wire/errors.ts";
import { inOneGo } from "./wire/xml-read.ts";

/**
 * What scripts of web pages elsewhere may ask of a bucket, and read of its answers, errors included. Nothing here lets anybody do anything:
 * each request still needs its signature. It tells browsers whether they may hand requests and answers on.
 */

/** A bucket as far as it is known: without a tenant, any bucket of the name. */
interface KnownBucket {
  readonly bucket?: string;
  readonly tenant?: string;
}

/** Who pays for what is asked before anybody is known. */
const outsiders = "anonymous";
/** Comparisons that are done at once: half a millisecond. What is beyond takes turns. */
const comparisonsAtOnce = 4_096;

const varies = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

/**
 * `OPTIONS`: what a browser asks before it sends a request that is more than a page could send without a script. It bears no signature, and so
 * names no tenant: every bucket of the name is asked, and the request itself is then answered by its own.
 *
 * @throws S3Error BadRequest for what is no preflight; AccessForbidden, whether there is a bucket or not
 */
export async function preflight(
  context: S3Context,
  { headers }: IncomingMessage,
  place: KnownBucket,
): Promise<S3Answer> {
  const { origin } = headers;
  if (origin === undefined) {
    throw new S3Error("BadRequest", "Insufficient information. Origin request header needed.");
  }
  const method = headers["access-control-request-method"];
  if (method === undefined || !/^[A-Z]{1,16}$/.test(method)) {
    throw new S3Error("BadRequest", `Invalid Access-Control-Request-Method: ${method ?? "null"}`);
  }
  const asked: CorsAsked = { origin, method, headers: requestedHeaders(headers) };
  const found = await ruleOf(context, place, asked);
  if (found === undefined) {
    throw new S3Error(
      "AccessForbidden",
      "CORSResponse: This CORS request is not allowed. No rule of the bucket has its Origin, Access-Control-Request-Method and Access-Control-Request-Headers together.",
      { extra: { Method: method, ResourceType: "BUCKET" } },
    );
  }
  const { maxAgeSeconds } = found.rule;
  return {
    status: 200,
    headers: {
      ...allowed(found, asked),
      ...(asked.headers.length === 0 ? {} : { "access-control-allow-headers": asked.headers.join(", ") }),
      ...(maxAgeSeconds === undefined ? {} : { "access-control-max-age": String(maxAgeSeconds) }),
    },
    body: "",
  };
}

/** What an answer to a page, of whatever status, says besides. Empty when no page asked. */
export async function corsHeaders(
  context: S3Context,
  { method = "GET", headers }: IncomingMessage,
  place: KnownBucket,
): Promise<OutgoingHttpHeaders> {
  const { origin } = headers;
  if (origin === undefined || method === "OPTIONS" || place.bucket === undefined) return {};
  const asked = { origin, method: headers["access-control-request-method"] ?? method, headers: [] };
  const found = await ruleOf(context, place, asked);
  // A cache must not give one page what was meant for another, or for none.
  return found === undefined ? { vary: varies } : allowed(found, asked);
}

function allowed({ rule, origin }: CorsFound, asked: CorsAsked): OutgoingHttpHeaders {
  return {
    "access-control-allow-origin": origin === "*" ? "*" : asked.origin,
    ...(origin === "*" ? {} : { "access-control-allow-credentials": "true" }),
    "access-control-allow-methods": rule.methods.join(", "),
    ...(rule.exposed.length === 0 ? {} : { "access-control-expose-headers": rule.exposed.join(", ") }),
    vary: varies,
  };
}

function requestedHeaders(headers: IncomingHttpHeaders): readonly string[] {
  return (header(headers, "access-control-request-headers") ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");
}

async function ruleOf(
  context: S3Context,
  { bucket, tenant }: KnownBucket,
  asked: CorsAsked,
): Promise<CorsFound | undefined> {
  if (bucket === undefined) return undefined;
  const { objects, configurations } = context.store;
  if (tenant !== undefined) {
    const found = await objects.bucket(tenant, bucket);
    const rules = found === undefined ? undefined : await configurations.of(found.uuid, "cors");
    return rules === undefined ? undefined : ruleFor(context, tenant, { rules, asked });
  }
  // One at a time, as each may have 64 KiB of rules; nearly always there is but one.
  for (let page = await configurations.corsOfName(bucket, { max: 1 }); ; ) {
    const [one] = page;
    if (one === undefined) return undefined;
    const found = await ruleFor(context, outsiders, { rules: one.rules, asked });
    if (found !== undefined) return found;
    page = await inTurn(context, outsiders, () => configurations.corsOfName(bucket, { max: 1, after: one.bucket }));
  }
}

async function ruleFor(
  { slices }: S3Context,
  payer: string,
  { rules, asked }: { readonly rules: readonly CorsRule[]; readonly asked: CorsAsked },
): Promise<CorsFound | undefined> {
  const work = findingCorsRule(rules, asked);
  return costOfCors(rules, asked) <= comparisonsAtOnce ? inOneGo(work) : slices.run(payer, work);
}
