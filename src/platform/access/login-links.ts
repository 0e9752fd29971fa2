import type { Context } from "../../context.ts";
import { hostRole, type Principal } from "../../domain/access.ts";
import { isAdmin } from "../../domain/visibility.ts";
import { notFound, SignalboxError } from "../../errors.ts";
import { mayHandle } from "./identities.ts";
import { loginUrl, newLoginCode } from "./login-codes.ts";
import type { Proof } from "./sessions.ts";

/** Links by which one logs in once. */

interface LoginLink {
  readonly url: string;
  readonly expiresMs: number;
}

/**
 * A link that logs the caller in, or for admins one whom they may handle.
 *
 * @param name of a principal of the tenant; absent: the caller itself, wherever an operator acts.
 * @throws SignalboxError `not_found` when there is no such principal that the caller may make links for; `forbidden` for functions and those who come from an issuer outside.
 */
export async function createLoginLink(
  { store, clock, publicUrl }: Pick<Context, "store" | "clock" | "publicUrl">,
  { caller, proof, name }: { readonly caller: Principal; readonly proof: Proof; readonly name: string | undefined },
): Promise<LoginLink> {
  if (proof.kind === "function" || proof.kind === "jwt" || proof.token === undefined) {
    const ofIssuer = proof.kind === "jwt" ? "a token of an issuer outside" : "one who logged in at an issuer outside";
    const who = proof.kind === "function" ? "a function" : ofIssuer;
    const why = "they end with a token of Signalbox, and it has none";
    throw new SignalboxError("forbidden", `${who} cannot make links to log in with: ${why}`);
  }
  const of = await holder(store, { caller, own: proof.own, name });
  const made = newLoginCode(clock, of, proof.token);
  const { tenant, role } = of;
  const commit = await store.commit({
    conditions: [{ if: "principal.is", tenant, name: of.name, role }],
    changes: [made.change],
  });
  if (commit.kind === "refused") {
    throw new SignalboxError("conflict", `principal '${of.name}' was changed at that moment; try again`);
  }
  return { url: loginUrl(publicUrl(), made.code), expiresMs: made.expiresMs };
}

async function holder(
  store: Context["store"],
  { caller, own, name }: { readonly caller: Principal; readonly own: Principal; readonly name: string | undefined },
): Promise<Principal> {
  if (name === undefined || (own.tenant === caller.tenant && own.name === name)) return own;
  const known = isAdmin(caller) ? await store.identities.principal(caller.tenant, name) : undefined;
  if (known === undefined || known.endedMs !== undefined || !mayHandle(caller, known.role))
    throw notFound(`principal '${name}'`);
  if (known.role === hostRole) {
    throw new SignalboxError("conflict", `principal '${name}' has the role host, which logs in nowhere`);
  }
  return known;
}
