/** What the published package gives to programs that run Signalbox inside themselves: the library, out of the same file as the command. */
import { fileURLToPath } from "node:url";
import { loadProgram } from "./compiled-program.ts";

const path = fileURLToPath(new URL("../signalbox.cjs", import.meta.url));
const { exports } = loadProgram(path, undefined);

export const libraryForHosts = (exports as { library(): Promise<unknown> }).library();
