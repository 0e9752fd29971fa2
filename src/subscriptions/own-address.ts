import type { Context } from "../context.ts";
import type { Principal } from "../domain/access.ts";
import type { MailAddress } from "../domain/mail-address.ts";
import { userOfPrincipal } from "../platform/users/self.ts";

/** The subscriber's own e-mail address: what no address at all means. */

export type OwnAddress =
  | { readonly kind: "known"; readonly address: MailAddress }
  /** There is none that mail may go to unasked: why, and the remedy. */
  | { readonly kind: "none"; readonly why: string };

/**
 * The caller's own address, as it is now, if its owner need not be asked any more: who subscribed and changes their address later
 * subscribes anew. Where the operator asks for no consent (`SIGNALBOX_MAIL_CONFIRM=off`) an unconfirmed one will do.
 */
export async function ownAddress(
  { store, config }: Pick<Context, "store" | "config">,
  caller: Principal,
): Promise<OwnAddress> {
  const user = await userOfPrincipal(store, caller);
  if (user === undefined) {
    const why = `is required: without one, mail goes to your own address, and '${caller.name}' is no user who has one: give`;
    return { kind: "none", why };
  }
  if (user.email === "") {
    const remedy = "set one by PATCH /api/cloud/users/me/ and confirm it, or give";
    return {
      kind: "none",
      why: `is required: without one, mail goes to your own address, and you have none: ${remedy}`,
    };
  }
  if (config.mailConfirm !== "off" && !user.emailVerified) {
    const remedy = `give it here, and open the link in the mail that you get, or give`;
    return { kind: "none", why: `is required: your own address ${user.email} is not confirmed yet: ${remedy}` };
  }
  // It was read when the user was made.
  return { kind: "known", address: user.email as MailAddress };
}
