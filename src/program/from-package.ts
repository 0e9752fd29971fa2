/** What the published package begins with: the program in one file, as it was compiled before. */
import { fileURLToPath } from "node:url";
import { setHeapFlags } from "../cli/heap.ts";
import type * as Program from "../main.ts";
import { cacheFolder } from "./cache-folder.ts";
import { loadProgram } from "./compiled-program.ts";

const path = fileURLToPath(new URL("../signalbox.cjs", import.meta.url));
if (process.argv[2] === "serve") setHeapFlags();
const { exports, keep } = loadProgram(path, cacheFolder(process.env, path));
void (exports as typeof Program).run(keep);
