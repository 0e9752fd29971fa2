import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** By `process.platform` and `process.arch`, what workerd calls them. Its Windows binary has no unix sockets. */
const packages: Readonly<Record<string, string>> = {
  "linux x64": "@cloudflare/workerd-linux-64",
  "linux arm64": "@cloudflare/workerd-linux-arm64",
  "darwin x64": "@cloudflare/workerd-darwin-64",
  "darwin arm64": "@cloudflare/workerd-darwin-arm64",
};

/**
 * The program of the installed version. It lies in a package of the platform, and not where the package `workerd` says, because
 * that place is filled by an install script, and those are often switched off. Throws when it is not there.
 */
export function workerdBinary(): string {
  const name = packages[`${process.platform} ${process.arch}`];
  if (name === undefined) throw new Error(`functions do not run on ${process.platform} ${process.arch}`);
  try {
    const own = createRequire(import.meta.url).resolve("workerd/package.json");
    return join(dirname(createRequire(own).resolve(`${name}/package.json`)), "bin", "workerd");
  } catch (cause) {
    throw new Error(`${name} is not installed: install with optional dependencies`, { cause });
  }
}
