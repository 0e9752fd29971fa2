/** Writes docs/configuration.md, and the table of settings in the README, from the schema of the settings. */
import { readFileSync, writeFileSync } from "node:fs";
import { configTable, withSettings } from "../src/config/table.ts";

writeFileSync(new URL("../docs/configuration.md", import.meta.url), configTable());
const readme = new URL("../README.md", import.meta.url);
writeFileSync(readme, withSettings(readFileSync(readme, "utf8")));
