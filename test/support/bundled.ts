/**
 * Has processes load the programs that scripts/bundle.ts made, beside which this then lies, where they ask for the files that these were
 * made of.
 */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const root = new URL("../../", import.meta.url);
const folder = import.meta.dirname;
const listed = JSON.parse(readFileSync(join(folder, "programs.json"), "utf8")) as Readonly<Record<string, string>>;
const programs = new Map(
  Object.entries(listed).map(([file, program]) => [
    new URL(file, root).href,
    pathToFileURL(join(folder, program)).href,
  ]),
);

registerHooks({
  resolve: (specifier, context, next) => {
    const asked = specifier.endsWith(".ts") ? URL.parse(specifier, context.parentURL)?.href : undefined;
    const url = programs.get(asked ?? "");
    return url === undefined ? next(specifier, context) : { url, format: "module", shortCircuit: true };
  },
});
