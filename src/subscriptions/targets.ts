import { type Principal } from "../domain/access.ts";
import { baseAddress } from "../domain/mail-address.ts";
import { newSigningSecret } from "../domain/signature.ts";
import type { EmailTarget, TargetSecrets, WebhookAuth, WebhookTarget } from "../domain/subscription.ts";
import type { WebhookUrl } from "../domain/webhook-url.ts";
import { userOfPrincipal } from "../platform/users/self.ts";
import type { SubscriptionDeps } from "./deps.ts";

/** What becomes of the target that somebody asked for. */

export interface WebhookWish {
  readonly url: WebhookUrl;
  readonly format: WebhookTarget["format"];
  readonly ack: WebhookTarget["ack"];
  readonly timeoutMs: number;
  readonly fields?: readonly string[];
  readonly auth?: WebhookAuth;
  readonly headers?: Readonly<Record<string, string>>;
  /** Of the target that it takes the place of: its keys stay. */
  readonly signing?: TargetSecrets["signing"];
}

/** A webhook, with a signing secret that is to be shown once: a fresh one unless the target before had one. */
export function webhookTarget(
  { vault, clock }: Pick<SubscriptionDeps, "vault" | "clock">,
  wish: WebhookWish,
): { readonly target: WebhookTarget; readonly signingSecret?: string } {
  const { url, format, ack, timeoutMs, fields = [], auth, headers, signing } = wish;
  const fresh = signing === undefined ? newSigningSecret(clock.bytes(32)) : undefined;
  const secrets: TargetSecrets = {
    signing: signing ?? [{ secret: fresh ?? "" }],
    ...(auth === undefined ? {} : { auth }),
    ...(headers === undefined ? {} : { headers }),
  };
  const sealed = vault.seal(JSON.stringify(secrets));
  const target: WebhookTarget = { kind: "webhook", url, ack, timeoutMs, fields, format, sealed };
  return { target, ...(fresh === undefined ? {} : { signingSecret: fresh }) };
}

/** Whether the owner of the address has to agree first: it is not the caller's own, as far as anybody knows. */
export async function needsConsent(
  { store, config }: Pick<SubscriptionDeps, "store" | "config">,
  caller: Principal,
  { address }: EmailTarget,
): Promise<boolean> {
  if (config.mailConfirm === "off") return false;
  const user = await userOfPrincipal(store, caller);
  return user?.emailVerified !== true || user.email === "" || baseAddress(user.email) !== baseAddress(address);
}
