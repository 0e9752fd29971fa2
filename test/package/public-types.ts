import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** What a file of declarations holds: each declared name with its text, and where imported names come from. */
interface Declarations {
  readonly declared: ReadonlyMap<string, string>;
  readonly imported: ReadonlyMap<string, { readonly file: string; readonly name: string }>;
}

const named = /\b(import|export)\s+(?:type\s+)?\{([^}]*)\}\s*from\s*"(\.[^"]+)"/g;
const opening = /^(?:export )?(?:declare )?(?:interface|type|class|function|const|abstract class) (\w+)/;

function names(list: string): readonly (readonly [name: string, as: string])[] {
  return list
    .split(",")
    .map((part) => part.trim().replace(/^type /, ""))
    .filter((part) => part !== "")
    .map((part) => {
      const [name = "", as = name] = part.split(/ as /);
      return [name, as];
    });
}

function fileOf(from: string, path: string): string {
  return resolve(dirname(from), path.replace(/\.(?:js|ts)$/, ".d.ts"));
}

function declarationsOf(file: string): Declarations {
  const text = readFileSync(file, "utf8");
  const declared = new Map<string, string>();
  for (const block of text.split(/^(?=(?:export |declare |interface |class |type \w)(?!\{|type \{))/m)) {
    const [, name] = opening.exec(block) ?? [];
    // What hosts can neither name nor see is no part of a signature.
    if (name !== undefined) declared.set(name, `${declared.get(name) ?? ""}${block.replaceAll(/\/\*[^]*?\*\//g, "")}`);
  }
  const imported = new Map<string, { readonly file: string; readonly name: string }>();
  for (const [, , list = "", path = ""] of text.matchAll(named)) {
    for (const [name, as] of names(list)) imported.set(as, { file: fileOf(file, path), name });
  }
  return { declared, imported };
}

/** Where a name of a file is declared; `undefined` when it is none of ours. */
function placeOf(file: string, name: string): string | undefined {
  const { declared, imported } = declarationsOf(file);
  if (declared.has(name)) return `${file}#${name}`;
  const from = imported.get(name);
  return from === undefined ? undefined : placeOf(from.file, from.name);
}

/**
 * Types of ours that signatures of what `entry` (a file of declarations) exports name, and that cannot be imported from it: `Name, of Exported`.
 */
export function unexportedTypes(entry: string): readonly string[] {
  const { declared: own } = declarationsOf(entry);
  const lists = [...readFileSync(entry, "utf8").matchAll(/\bexport\s+(?:type\s+)?\{([^}]*)\}/g)];
  // Of what has another name outside, its own is declared in the entry itself.
  const listed = lists.flatMap(([, list = ""]) => names(list).map(([name, as]) => (own.has(name) ? name : as)));
  const exported = new Set([...own.keys(), ...listed].map((name) => placeOf(entry, name)));
  const missing = new Set<string>();
  for (const place of exported) {
    const [file = "", name = ""] = place?.split("#") ?? [];
    const text = declarationsOf(file).declared.get(name) ?? "";
    for (const [word] of text.replaceAll(/"[^"]*"/g, "").matchAll(/\b[A-Z]\w+\b/g)) {
      const used = placeOf(file, word);
      if (used !== undefined && !exported.has(used)) missing.add(`${word}, of ${name}`);
    }
  }
  return [...missing].toSorted();
}
