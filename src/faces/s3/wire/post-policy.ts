import { defined } from "../../../domain/defined.ts";
import { S3Error } from "./errors.ts";

/** What the signer of a form lets its holder send: after "POST policy" of the Amazon S3 API reference. */
export interface PostPolicy {
  readonly expiresMs: number;
  readonly conditions: readonly PostCondition[];
  /** Of the file, in bytes. */
  readonly size?: { readonly min: number; readonly max: number };
}

interface PostCondition {
  readonly operator: "eq" | "starts-with";
  /** In lower case. */
  readonly field: string;
  readonly value: string;
}

/**
 * Reads a policy, base64 of JSON.
 *
 * @throws S3Error InvalidPolicyDocument
 */
export function parsePolicy(base64: string): PostPolicy {
  const { expiration, conditions, ...others } = jsonOf(base64);
  const [other] = Object.keys(others);
  if (other !== undefined) throw invalid(`there is no ${other.slice(0, 64)} in a policy`);
  if (typeof expiration !== "string") throw invalid("it needs an expiration, as a text");
  const expiresMs = instantOf(expiration);
  if (expiresMs === undefined) throw invalid("its expiration must have the form 2026-11-20T10:30:00Z");
  if (!Array.isArray(conditions)) throw invalid("it needs a list of conditions");
  const all = conditions.map(readCondition);
  const sizes = all.filter((one) => "min" in one);
  const size =
    sizes.length === 0
      ? undefined
      : { min: Math.max(...sizes.map(({ min }) => min)), max: Math.min(...sizes.map(({ max }) => max)) };
  return {
    expiresMs,
    conditions: all.filter((one) => "operator" in one),
    ...defined({ size }),
  };
}

function jsonOf(base64: string): Readonly<Record<string, unknown>> {
  const compact = base64.replace(/\s/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) throw invalid("it is not base64");
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(compact, "base64")));
  } catch (cause) {
    throw invalid("it is not JSON", cause);
  }
  if (!isRecord(document)) throw invalid("it must be a JSON object");
  return document;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function instantOf(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

function readCondition(condition: unknown): PostCondition | { readonly min: number; readonly max: number } {
  if (isRecord(condition)) {
    const [first, ...more] = Object.entries(condition);
    if (first === undefined || more.length > 0) throw invalid("a condition in braces has one field and its value");
    const [field, value] = first;
    return { operator: "eq", field: field.toLowerCase(), value: textIn(value) };
  }
  if (!Array.isArray(condition) || condition.length !== 3) throw invalid("a condition in brackets has three parts");
  const [operator, second, third] = condition as readonly unknown[];
  const name = typeof operator === "string" ? operator.toLowerCase() : "";
  if (name === "content-length-range") return { min: bytesIn(second), max: bytesIn(third) };
  if (name !== "eq" && name !== "starts-with") {
    throw invalid("a condition is one of eq, starts-with and content-length-range");
  }
  if (typeof second !== "string" || !/^\$./.test(second)) throw invalid("a field in a condition is written $field");
  return { operator: name, field: second.slice(1).toLowerCase(), value: textIn(third) };
}

function textIn(value: unknown): string {
  if (typeof value !== "string") throw invalid("the value in a condition must be a text");
  return value;
}

function bytesIn(value: unknown): number {
  const bytes = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof bytes === "number" && Number.isSafeInteger(bytes) && bytes >= 0) return bytes;
  throw invalid("content-length-range has two numbers of bytes, from 0");
}

function invalid(reason: string, cause?: unknown): S3Error {
  return new S3Error("InvalidPolicyDocument", `Invalid Policy: ${reason}.`, { cause });
}

/** What proves a form is no matter of its conditions. */
const uncovered = new Set(["file", "policy", "signature", "awsaccesskeyid", "x-amz-signature"]);
const ignored = "x-ignore-";

/**
 * Whether a form is what its policy lets be sent: each condition holds, and each field has one.
 *
 * @param fields by name in lower case, `bucket` among them, as they are after `${filename}` was put in
 * @throws S3Error AccessDenied
 */
export function judgePolicy(policy: PostPolicy, fields: ReadonlyMap<string, string>, nowMs: number): void {
  if (nowMs >= policy.expiresMs) throw denied("Policy expired.");
  for (const condition of policy.conditions) {
    if (holds(condition, fields.get(condition.field) ?? "")) continue;
    const { operator, field, value } = condition;
    throw denied(`Policy Condition failed: ${JSON.stringify([operator, `$${field}`, value])}`);
  }
  const covered = new Set(policy.conditions.map(({ field }) => field));
  const extra = [...fields.keys()].filter(
    (name) => !covered.has(name) && !uncovered.has(name) && !name.startsWith(ignored),
  );
  if (extra.length > 0) throw denied(`Extra input fields: ${extra.join(", ").slice(0, 200)}`);
}

function holds({ operator, field, value }: PostCondition, given: string): boolean {
  if (operator === "eq") return given === value;
  // Of a list of types each must be one that was meant.
  const parts = field === "content-type" ? given.split(",") : [given];
  return parts.every((part) => part.startsWith(value));
}

function denied(reason: string): S3Error {
  return new S3Error("AccessDenied", `Invalid according to Policy: ${reason}`);
}
