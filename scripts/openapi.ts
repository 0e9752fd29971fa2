/**
 * Writes src/faces/openapi-examples.json, the answers of a walk through the API, and with them test/golden/openapi.json, the API as it is,
 * test/golden/host-openapi.json, the host interface as it is, and the modules of src/client/ that say the same as types. A change of it is a
 * change that callers see.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { hostDocument, openApiDocument } from "../test/support/api.ts";
import { recordedExamples } from "../test/support/openapi-examples.ts";

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const [examples, golden] = [at("src/faces/openapi-examples.json"), at("test/golden/openapi.json")];
const hosts = at("test/golden/host-openapi.json");

writeFileSync(examples, JSON.stringify(await recordedExamples()));
mkdirSync(at("test/golden"), { recursive: true });
writeFileSync(golden, await openApiDocument());
writeFileSync(hosts, await hostDocument());
execFileSync("npx", ["biome", "format", "--write", examples, golden, hosts], { stdio: "inherit" });
execFileSync(process.execPath, [at("scripts/api-types.ts")], { stdio: "inherit" });
