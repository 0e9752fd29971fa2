import { pathToFileURL } from "node:url";

/** Where scripts/bundle.ts has made one program of the source; a test that is run by itself starts the source. */
const bundle = process.env["TESTED_PROGRAM"];
const preload = bundle === undefined ? new URL("./stalls.ts", import.meta.url) : pathToFileURL(`${bundle}/preload.js`);

/**
 * What programs that a test starts have of its own environment: where to find commands, what Node has compiled already, and the watchdog over
 * their loop.
 */
export const processEnv: Readonly<Record<string, string | undefined>> = {
  PATH: process.env["PATH"],
  NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
  SIGNALBOX_TEST_STALLS: process.env["SIGNALBOX_TEST_STALLS"],
  // So that whole suites can be run with sender threads.
  SIGNALBOX_SENDERS: process.env["SIGNALBOX_SENDERS"],
  NODE_OPTIONS: `--import ${preload.href}`,
};
