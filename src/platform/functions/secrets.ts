import { type Principal, type Role, roleReaches } from "../../domain/access.ts";
import { SignalboxError } from "../../errors.ts";
import type { KnownFunction } from "../../store/records.ts";
import { roleOf } from "./functions.ts";
import type { FunctionInput } from "./input.ts";

/**
 * Secrets that a higher role gave are read by that role's code alone: who may less can run it, pause it and take secrets away, but
 * changes neither the code nor what tells the code where to send them.
 */

/** What is asked for, as far as it decides about what a function does with its secrets. */
interface SecretsTouched extends Pick<FunctionInput, "env" | "secrets" | "egress"> {
  /** Other code is to run, whether it is new or a version that was there. */
  readonly code: boolean;
  /** It is run this once, and nothing is changed. */
  readonly tried?: true;
}

/** @throws SignalboxError `forbidden`, naming the secrets and the remedy. */
export function checkSecrets(fn: KnownFunction, caller: Principal, touched: SecretsTouched): void {
  const { code, env, egress, secrets } = touched;
  const gives = Object.values(secrets ?? {}).some((value) => value !== null);
  if (!code && !gives && env === undefined && egress === undefined) return;
  const stays = (name: string): boolean => secrets !== null && !Object.hasOwn(secrets ?? {}, name);
  const above = fn.secretNames.filter((name) => stays(name) && isAbove(fn.secretRoles[name], roleOf(caller)));
  if (above.length === 0) return;
  const from = `secrets: ${above.join(", ")} of function '${fn.slug}' came from a higher role than yours (${caller.role})`;
  if (touched.tried === true) {
    throw new SignalboxError(
      "forbidden",
      `${from}, which is needed to try other code with them; to try it without: "secrets": false`,
    );
  }
  const what = code ? "its code" : "its env, secrets and egress";
  const drop = above.map((name) => `"${name}": null`).join(", ");
  throw new SignalboxError(
    "forbidden",
    `${from}, which is needed to change ${what}; or take them away in the same call: "secrets": {${drop}}`,
  );
}

/** Who gave each secret, once `input` was merged. */
export function secretRolesAfter(
  fn: Pick<KnownFunction, "secretRoles">,
  caller: Principal,
  { names, said }: { readonly names: readonly string[]; readonly said: FunctionInput["secrets"] },
): Record<string, Role> {
  const given = new Set(Object.keys(said ?? {}));
  return Object.fromEntries(
    names.map((name) => [name, given.has(name) ? roleOf(caller) : (fn.secretRoles[name] ?? "admin")]),
  );
}

function isAbove(giver: Role = "admin", role: Role): boolean {
  return !roleReaches(role, giver);
}
