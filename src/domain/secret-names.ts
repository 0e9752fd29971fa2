import type { Json } from "./event.ts";
import { isJsonObject, type JsonObject } from "./merge-patch.ts";
import { pathText } from "./path.ts";

/** Passwords and the like, known by what they are called: no event holds them, wherever a program or a caller puts them. */

/** Most names are none of these, which is found out without taking them apart. */
const maybe = /pass|pwd|secret|token|cred|key|jwt|cv[cv]/i;
const secretWord =
  /(?:password|passwort|passwd|passphrase|passcode|secret)s?$|token$|^(?:pwd|jwt|cvv|cvc|credentials?)$/;
/** With one of these before it a key is one that opens something. */
const keyKinds: ReadonlySet<string> = new Set(["api", "private", "secret", "access", "signing", "encryption", "ssh"]);
const keyWord = /^(?:api|private|secret|access|signing|encryption|ssh)keys?$/;
/** Said of a secret, behind its name: `password_hash`, `passwordConfirmation`, `password2`. */
const behind: ReadonlySet<string> = new Set(
  "confirmation confirm repeat repeated again hash hashed digest salt plain plaintext value raw encrypted old new current previous".split(
    " ",
  ),
);
/** What begins so tells of a secret, and is none: `has_password`, `requiresToken`. */
const telling: ReadonlySet<string> = new Set(
  "has had is needs requires uses allows can must may no without".split(" "),
);
/** Longer names are judged by their end. */
const longest = 100;

/** Of names that were asked about: each event is, and it has the same few. */
const judged = new Map<string, boolean>();
const mostJudged = 4_096;

/** Whether what is called so is a secret by its name, however it is written: `apiKey`, `API-KEY`, `user.password`, `new_password_2`. */
export function isSecretName(name: string): boolean {
  const known = judged.get(name);
  if (known !== undefined) return known;
  const isSecret = maybe.test(name) && isSecretByWords(name);
  if (name.length > longest) return isSecret;
  // Callers choose names: what they fill it with must not stay.
  if (judged.size >= mostJudged) judged.clear();
  judged.set(name, isSecret);
  return isSecret;
}

function isSecretByWords(name: string): boolean {
  const words = wordsOf(name.slice(-longest));
  if (telling.has(words[0] ?? "")) return false;
  while (words.length > 1 && isBehind(words.at(-1) ?? "")) words.pop();
  const [before = "", last = ""] = [words.at(-2), words.at(-1)];
  if (last === "key" || last === "keys") return keyKinds.has(before);
  return secretWord.test(last) || keyWord.test(last);
}

function isBehind(word: string): boolean {
  return behind.has(word) || /^\d+$/.test(word);
}

function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, "$1 $2")
    .replaceAll(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .replaceAll(/([A-Za-z])(\d)/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .filter((word) => word !== "");
}

/** Paths, names joined by dots, whose values are no secrets whatever they are called. */
type Public = readonly string[];

/** Whether something at the path, or above it, is a secret by its name. */
export function isSecretPath(path: readonly string[], known: Public = []): boolean {
  return path.some((name, index) => isSecretName(name) && !known.includes(path.slice(0, index + 1).join(".")));
}

interface Concealed {
  readonly value: Json;
  /** Where something was taken out: `attributes.password`, `cards[0].cvc`. */
  readonly paths: readonly string[];
}

/** The value without what is a secret by its name, at every depth, in lists too. The same value where there is nothing to take out. */
export function withoutSecrets(value: Json, known: Public = []): Concealed {
  if (!namesSecret(value)) return { value, paths: [] };
  const paths: string[] = [];
  return { value: concealed(value, { known, paths, at: [], names: "" }), paths };
}

/** Whether anything in it is a secret by its name, wherever that is. Nearly always nothing is, and this keeps no account of where it looks. */
function namesSecret(value: Json): boolean {
  if (Array.isArray(value)) return value.some((element: Json) => isHolder(element) && namesSecret(element));
  if (!isJsonObject(value)) return false;
  for (const name of Object.keys(value)) {
    if (isSecretName(name)) return true;
    const part = value[name];
    if (isHolder(part) && namesSecret(part)) return true;
  }
  return false;
}

function isHolder(value: Json | undefined): value is readonly Json[] | JsonObject {
  return typeof value === "object" && value !== null;
}

interface Walk {
  readonly known: Public;
  readonly paths: string[];
  readonly at: readonly (string | number)[];
  /** The names of it, joined by dots. */
  readonly names: string;
}

function concealed(value: Json, walk: Walk): Json {
  if (Array.isArray(value)) {
    let changed = false;
    const copy = value.map((element: Json, index) => {
      if (!isHolder(element)) return element;
      const left = concealed(element, { ...walk, at: [...walk.at, index] });
      changed ||= left !== element;
      return left;
    });
    return changed ? copy : value;
  }
  if (!isJsonObject(value)) return value;
  let changed = false;
  const entries: [string, Json][] = [];
  for (const [name, part] of Object.entries(value)) {
    const names = walk.names === "" ? name : `${walk.names}.${name}`;
    if (isSecretName(name) && !walk.known.includes(names)) {
      changed = true;
      walk.paths.push(pathText([...walk.at, name]));
      continue;
    }
    const left = isHolder(part) ? concealed(part, { ...walk, at: [...walk.at, name], names }) : part;
    changed ||= left !== part;
    entries.push([name, left]);
  }
  return changed ? Object.fromEntries(entries) : value;
}
