import { defined } from "../../domain/defined.ts";
import type { TargetSecrets, WebhookAuth } from "../../domain/subscription.ts";
import { type FieldError, invalidField, SignalboxError } from "../../errors.ts";
import { headerProblem } from "../../targets/headers.ts";

/** What a webhook's owner says of what only the sender may know. */
export interface SecretsInput {
  readonly auth?: WebhookAuth | null;
  /** By name; one that is `null` is taken away. */
  readonly headers?: Readonly<Record<string, string | null>> | null;
}

const mostHeaders = 32;

/** The secrets with what was said merged in. Header names are kept in lower case. */
export function mergeSecrets(secrets: TargetSecrets, { auth, headers }: SecretsInput): TargetSecrets {
  const { auth: oldAuth, headers: oldHeaders = {}, signing } = secrets;
  const nextAuth = auth === undefined ? oldAuth : (checkAuth(auth) ?? undefined);
  const nextHeaders = headers === undefined ? oldHeaders : mergeHeaders(oldHeaders, headers);
  return {
    signing,
    ...defined({ auth: nextAuth }),
    ...(Object.keys(nextHeaders).length === 0 ? {} : { headers: nextHeaders }),
  };
}

function mergeHeaders(
  old: Readonly<Record<string, string>>,
  said: NonNullable<SecretsInput["headers"]> | null,
): Readonly<Record<string, string>> {
  if (said === null) return {};
  const merged = new Map(Object.entries(old));
  const seen = new Set<string>();
  const problems: FieldError[] = [];
  for (const [written, value] of Object.entries(said)) {
    const name = written.toLowerCase();
    const problem = seen.has(name) ? "is given twice, in different letters" : headerProblem(written, value ?? "");
    if (problem !== undefined) problems.push({ path: `headers.${written.slice(0, 128)}`, message: problem });
    seen.add(name);
    if (value === null) merged.delete(name);
    else merged.set(name, value);
  }
  if (merged.size > mostHeaders) problems.push({ path: "headers", message: `must have at most ${mostHeaders} names` });
  if (problems.length > 0) {
    const sentences = problems.map(({ path, message }) => `${path}: ${message}`);
    throw new SignalboxError("invalid_request", sentences.join("; "), { fields: problems });
  }
  return Object.fromEntries(merged);
}

/** What could not travel in an `Authorization` header is refused now, not at the first delivery. */
function checkAuth(auth: WebhookAuth | null): WebhookAuth | null {
  if (auth?.type === "bearer" && !/^[\x21-\x7e]+$/.test(auth.token)) {
    throw invalidField("auth.token", "must be printable ASCII without blanks");
  }
  if (auth?.type === "basic") {
    // RFC 7617: either may be empty; a colon ends the name.
    if (auth.username.includes(":") || /\p{Cc}/u.test(auth.username)) {
      throw invalidField("auth.username", "must not hold a colon or control characters");
    }
    if (/\p{Cc}/u.test(auth.password)) throw invalidField("auth.password", "must not hold control characters");
  }
  if (auth?.type === "header") {
    if (!/^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/.test(auth.value)) {
      throw invalidField("auth.value", "must be printable ASCII that neither begins nor ends with a blank");
    }
    if (/^authorization\s*:/i.test(auth.value)) {
      throw invalidField("auth.value", "is what stands behind Authorization: (ApiKey 0123abcd)");
    }
  }
  return auth;
}
