/**
 * Two exported things of `src/` have two names, so that a name means the same in every file. Part of `npm run check`;
 * prints each name that is defined twice, with its files. What only passes another file's name on defines nothing.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const definition =
  /^export (?:declare )?(?:async )?(?:abstract )?(?:function\*?|class|const|let|interface|type|enum)\s+([A-Za-z_$][\w$]*)(?!.*\bfrom\b)/gm;

/** Files by the names that they define; only names that more than one file does. */
export function definedTwice(texts: ReadonlyMap<string, string>): Map<string, string[]> {
  const found = new Map<string, Set<string>>();
  for (const [file, text] of texts) {
    for (const [, name = ""] of text.matchAll(definition)) found.set(name, (found.get(name) ?? new Set()).add(file));
  }
  const twice = [...found]
    .filter(([, files]) => files.size > 1)
    .map(([name, files]) => [name, [...files].sort()] as const);
  return new Map(twice.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The files of `root` that the server's run time knows: the dashboard and the client are programs of their own. */
export function textsOf(root: string): Map<string, string> {
  const files = globSync("**/*.ts", { cwd: root, exclude: ["dashboard/**", "client/**"] }).filter(
    (file) => !file.endsWith(".test.ts"),
  );
  return new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));
}

if (import.meta.main) {
  const twice = definedTwice(textsOf(fileURLToPath(new URL("../src", import.meta.url))));
  for (const [name, files] of twice) process.stderr.write(`${name} is defined in ${files.join(" and ")}\n`);
  process.exitCode = twice.size > 0 ? 1 : 0;
}
