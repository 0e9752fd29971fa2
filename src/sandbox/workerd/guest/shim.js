// biome-ignore-all assist/source/organizeImports: what stands first is evaluated first.
/** The main module of a function's worker: what it uses is evaluated before the function is, and then hidden from it. */
import { entry } from "./first.js";
import * as module from "function.js";

export default entry(module);
