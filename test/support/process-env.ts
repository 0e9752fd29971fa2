/** What programs that a test starts have of its own environment: where to find commands, and what Node has compiled already. */
export const processEnv: Readonly<Record<string, string | undefined>> = {
  PATH: process.env["PATH"],
  NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
};
