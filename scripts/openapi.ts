/** Writes test/golden/openapi.json: the API as it is. A change of it is a change that callers see. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openApiDocument } from "../test/support/api.ts";

const golden = new URL("../test/golden/", import.meta.url);
mkdirSync(golden, { recursive: true });
const file = fileURLToPath(new URL("openapi.json", golden));
writeFileSync(file, await openApiDocument());
execFileSync("npx", ["biome", "format", "--write", file], { stdio: "inherit" });
