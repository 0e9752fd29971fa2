import type { TargetSecrets } from "../../domain/subscription.ts";
import type { WebhookUrl } from "../../domain/webhook-url.ts";
import { type FieldError, SignalboxError } from "../../errors.ts";

/**
 * Credentials are write-only, and meant for the receiver that they were given for. Who may change where a webhook goes need never have
 * seen them: so at another origin they are said anew, or taken away. Signing secrets stay, as a signature gives nothing of them away.
 */

interface Move {
  readonly from: WebhookUrl;
  readonly to: WebhookUrl;
  /** Of the target as it was. */
  readonly secrets: Pick<TargetSecrets, "auth" | "headers">;
}

interface Said {
  readonly auth?: object | null | undefined;
  readonly headers?: Readonly<Record<string, string | null>> | null | undefined;
}

/** @throws SignalboxError `invalid_request` naming `auth`, `headers.<name>` and the remedy, for each that would follow a changed URL */
export function checkCredentialsStay({ from, to, secrets }: Move, said: Said): void {
  if (originOf(from) === originOf(to)) return;
  const fields: FieldError[] = [];
  const remedy = `was given for ${originOf(from)}: say it anew for the changed url, or null to take it away`;
  if (secrets.auth !== undefined && said.auth === undefined) fields.push({ path: "auth", message: remedy });
  if (said.headers !== null) {
    const anew = new Set(Object.keys(said.headers ?? {}).map((name) => name.toLowerCase()));
    for (const name of Object.keys(secrets.headers ?? {})) {
      if (!anew.has(name.toLowerCase())) fields.push({ path: `headers.${name}`, message: remedy });
    }
  }
  if (fields.length === 0) return;
  const sentences = fields.map(({ path, message }) => `${path}: ${message}`);
  throw new SignalboxError("invalid_request", sentences.join("; "), { fields });
}

/** Scheme, host and port. Macros stand in paths and queries only, where none of them changes it. */
function originOf(url: WebhookUrl): string {
  return new URL(url).origin;
}
