/** Writes docs/configuration.md from the schema of the settings. */
import { writeFileSync } from "node:fs";
import { configTable } from "../src/config-table.ts";

writeFileSync(new URL("../docs/configuration.md", import.meta.url), configTable());
