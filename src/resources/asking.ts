import type { Principal } from "../domain/access.ts";
import type { User } from "../domain/lifecycle.ts";

/** What functions are told of whoever asks for something through the API. */

export function userOf({ name, role }: Principal): User {
  return { username: name, role };
}

/** By which way it is asked for. `hook`: by a function. */
export function originOf({ chain, role }: Principal): "api" | "operator" | "hook" {
  if (chain !== undefined) return "hook";
  return role === "operator" ? "operator" : "api";
}
