import { isReservedName } from "../../domain/access.ts";

/** What names and addresses of users may look like: one sentence about what is wrong, or nothing. */

/** In characters; attributes in bytes of JSON. */
export const longest = { username: 150, email: 254, name: 150, attributes: 65_536 } as const;

/** Not printed, or breaks lines: what is shown in lists and logs must not look like something else. */
const invisible = /[\p{C}\p{Zl}\p{Zp}]/u;
/** In names of people some invisible characters (\p{Cf}) join or part letters. */
const control = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;

export function usernameProblem(username: unknown): string | undefined {
  if (typeof username !== "string") return "must be a string";
  if (username === "") return "must not be empty";
  if (isLonger(username, longest.username)) return `must have at most ${longest.username} characters`;
  if (isReservedName(username))
    return "must not begin with operator:, hook: or function:, which operators and functions are called";
  if (invisible.test(username)) return "must not hold control characters or others that cannot be seen";
  return username === username.trim() ? undefined : "must not begin or end with a blank";
}

export function nameProblem(name: unknown): string | undefined {
  if (typeof name !== "string") return "must be a string";
  if (isLonger(name, longest.name)) return `must have at most ${longest.name} characters`;
  return control.test(name) ? "must not hold control characters" : undefined;
}

const notInLocal = /[\p{C}\p{Z}()<>[\]:;,\\"]|^\.|\.$|\.\./u;
const label = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?$/u;

/** Enough to catch what cannot be one; whether it reaches a mailbox only a mail can tell. Empty: there is none. */
export function emailProblem(email: unknown): string | undefined {
  if (typeof email !== "string") return "must be a string";
  if (email === "") return undefined;
  if (isLonger(email, longest.email)) return `must have at most ${longest.email} characters`;
  const [local = "", host = "", ...more] = email.split("@");
  const sane = local !== "" && !notInLocal.test(local) && host.split(".").every((part) => label.test(part));
  return sane && more.length === 0 ? undefined : "must be an e-mail address such as ada@example.com";
}

/** In characters as people count them, more or less; the first test spares counting what is far too long. */
function isLonger(text: string, characters: number): boolean {
  return text.length > 2 * characters || (text.length > characters && Array.from(text).length > characters);
}
