import { readFileSync } from "node:fs";

/** Of the package, which lies at the same distance from the source and from what is published. */
export function version(): string {
  const file = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(file) as { readonly version: string }).version;
}
