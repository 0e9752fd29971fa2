/** Has processes load the program that scripts/bundle.ts made, beside which this then lies, where they ask for that of the source. */
import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const source = new URL("../../src/main.ts", import.meta.url).href;
const url = pathToFileURL(join(import.meta.dirname, "main.js")).href;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === source ? { url, format: "module", shortCircuit: true } : next(specifier, context),
});
