import { open } from "node:fs/promises";
import { didYouMean } from "../../domain/did-you-mean.ts";
import type { KindInput } from "../../domain/notifications/resource-kinds.ts";
import { isRecord } from "../../domain/schema/unions.ts";
import { asError, SignalboxError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { type DeclarationContext, declarationLimits } from "./deps.ts";
import { checkedEventType, declareEventType } from "./event-types.ts";
import { checkedKind, declareKind } from "./kinds.ts";

/** Declarations that lie in a file beside the server: `{"event_types": […], "kinds": […]}`, as JSON or YAML. */

const mostBytes = 4_194_304;
/** Of one YAML document: an alias may name what holds aliases. */
const mostAliases = 1_000;

interface Listed {
  /** In the file: `kinds[2]`. */
  readonly place: string;
  readonly input: unknown;
}

interface DeclarationFile {
  readonly types: readonly Listed[];
  readonly kinds: readonly Listed[];
}

/**
 * Declares all that the file says. What it does not name stays as it is. All of it is checked before the first of it is declared, so that a file
 * that is wrong changes nothing.
 *
 * @throws SignalboxError `invalid_request` naming the file and the place in it; `breaks_filters`, `in_use` and `conflict` likewise.
 */
export async function declareFile(deps: DeclarationContext & { readonly log: Log }, path: string): Promise<void> {
  const file = listsOf(path, await parsed(path));
  const kinds = inOrderOfParents(file.kinds);
  const names = new Set(kinds.map(({ input }) => nameOf(input)));
  const others = (await deps.store.declarations.kinds({ max: declarationLimits.kinds }))
    .map(({ definition }) => definition)
    .filter(({ name }) => !names.has(name));
  for (const { place, input } of kinds) {
    others.push(await at(path, place, async (): Promise<KindInput> => checkedKind(deps, input, others)));
  }
  for (const { place, input } of file.types) await at(path, place, () => checkedEventType(deps, undefined, input));

  for (const { place, input } of kinds) {
    const { outcome, declaration } = await at(path, place, () => declareKind(deps, undefined, input));
    const { name, version } = declaration;
    if (outcome !== "unchanged") deps.log.info({ kind: name, version }, "a kind was declared by the file");
  }
  for (const { place, input } of file.types) {
    const { outcome, declaration } = await at(path, place, () => declareEventType(deps, undefined, input));
    const { name, version } = declaration;
    if (outcome !== "unchanged") deps.log.info({ eventType: name, version }, "an event type was declared by the file");
  }
}

async function at<T>(path: string, place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!(thrown instanceof SignalboxError)) throw thrown;
    const { code, message, data, fields } = thrown;
    throw new SignalboxError(code, `${path}: ${place}: ${message}`, {
      fields,
      cause: thrown,
      ...(data ? { data } : {}),
    });
  }
}

function refused(path: string, message: string): SignalboxError {
  return new SignalboxError("invalid_request", `${path}: ${message}`);
}

async function parsed(path: string): Promise<unknown> {
  const text = await textOf(path);
  if (path.endsWith(".json")) {
    try {
      return JSON.parse(text);
    } catch (thrown) {
      throw refused(path, asError(thrown).message);
    }
  }
  if (!/\.ya?ml$/.test(path)) throw refused(path, "must end with .json, .yaml or .yml");
  // Of use to this alone.
  const { parseDocument } = await import("./yaml-text.ts");
  try {
    const document = parseDocument(text, { version: "1.2", prettyErrors: true });
    const [problem] = [...document.errors, ...document.warnings];
    if (problem !== undefined) throw problem;
    return document.toJS({ maxAliasCount: mostAliases });
  } catch (thrown) {
    throw refused(path, asError(thrown).message.split("\n")[0] ?? "");
  }
}

/** Not read to its end when it is far too long, or has none. */
async function textOf(path: string): Promise<string> {
  try {
    await using file = await open(path, "r");
    const found = await file.stat();
    if (!found.isFile()) throw new Error("is no regular file");
    if (found.size > mostBytes) throw new Error(`has ${found.size} bytes; at most ${mostBytes} are read`);
    return await file.readFile("utf8");
  } catch (thrown) {
    throw refused(path, `cannot be read: ${asError(thrown).message}`);
  }
}

const lists = ["event_types", "kinds"] as const;

function listsOf(path: string, content: unknown): DeclarationFile {
  if (!isRecord(content)) throw refused(path, "must be an object with event_types or kinds, both lists");
  for (const name of Object.keys(content)) {
    if ((lists as readonly string[]).includes(name)) continue;
    throw refused(path, `${name.slice(0, 64)}: is not known there.${didYouMean(name, lists)}`);
  }
  const listed = (name: (typeof lists)[number], most: number): Listed[] => {
    const list = content[name] ?? [];
    if (!Array.isArray(list) || list.length > most) throw refused(path, `${name}: must be a list of at most ${most}`);
    return list.map((input: unknown, index) => ({ place: `${name}[${index}]`, input }));
  };
  const file = {
    types: listed("event_types", declarationLimits.eventTypes),
    kinds: listed("kinds", declarationLimits.kinds),
  };
  for (const list of [file.types, file.kinds]) {
    const seen = new Map<unknown, string>();
    for (const { place, input } of list) {
      const name = nameOf(input);
      const before = name === undefined ? undefined : seen.get(name);
      if (before !== undefined) throw refused(path, `${place}: name: ${String(name)} is declared at ${before} too`);
      seen.set(name, place);
    }
  }
  return file;
}

function nameOf(input: unknown): unknown {
  return isRecord(input) ? input["name"] : undefined;
}

/** Parents before those that name them, and otherwise as they stand; those that name each other come last. */
function inOrderOfParents(kinds: readonly Listed[]): readonly Listed[] {
  const ordered: Listed[] = [];
  let left = [...kinds];
  while (left.length > 0) {
    const names = new Set(left.map(({ input }) => nameOf(input)));
    const free = left.filter(({ input }) => {
      const parents: unknown = isRecord(input) ? input["parents"] : undefined;
      return !(Array.isArray(parents) && parents.some((parent) => parent !== nameOf(input) && names.has(parent)));
    });
    if (free.length === 0) return [...ordered, ...left];
    ordered.push(...free);
    left = left.filter((kind) => !free.includes(kind));
  }
  return ordered;
}
