import type { Principal } from "../domain/access.ts";
import { defined } from "../domain/defined.ts";
import type { Chain, User } from "../domain/lifecycle.ts";

/** The caller of the API as functions see it. */

export function userOf({ name, role }: Principal): User {
  return { username: name, role };
}

/** What an event tells of who asked for the change. `chain`: through which functions, so that nothing goes round for ever. */
export interface By {
  /** Name of the principal. */
  readonly actor?: string;
  readonly origin: string;
  readonly chain?: Chain;
}

export function byCaller(caller: Principal): By {
  const { name, chain } = caller;
  return { actor: name, origin: originOf(caller), ...defined({ chain }) };
}

/** By which way it is asked for. `hook`: by a function. */
export function originOf({ chain, role }: Principal): "api" | "operator" | "hook" {
  if (chain !== undefined) return "hook";
  return role === "operator" ? "operator" : "api";
}
