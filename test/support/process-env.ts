/**
 * What programs that a test starts have of its own environment: where to find commands, what Node has compiled already, and the watchdog over
 * their loop.
 */
export const processEnv: Readonly<Record<string, string | undefined>> = {
  PATH: process.env["PATH"],
  NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
  SIGNALBOX_TEST_STALLS: process.env["SIGNALBOX_TEST_STALLS"],
  NODE_OPTIONS: `--import ${new URL("./stalls.ts", import.meta.url).href}`,
};
