/** Writes test/golden/openapi.json: the API as it is. A change of it is a change that callers see. */
import { mkdirSync, writeFileSync } from "node:fs";
import { openApiDocument } from "../test/support/api.ts";

const golden = new URL("../test/golden/", import.meta.url);
mkdirSync(golden, { recursive: true });
writeFileSync(new URL("openapi.json", golden), await openApiDocument());
