import { readFileSync } from "node:fs";

const file = readFileSync(new URL("../package.json", import.meta.url), "utf8");

/** Of the package, whose file lies at the same distance from the source and from what is published. */
export const packageVersion = (JSON.parse(file) as { readonly version: string }).version;
