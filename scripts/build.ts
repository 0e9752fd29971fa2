/** Makes `dist/` for the published package: JavaScript and types of `src/`, and the files beside them that run time needs. */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, rmSync } from "node:fs";

const root = new URL("../", import.meta.url);
const at = (path: string): URL => new URL(path, root);

rmSync(at("dist"), { recursive: true, force: true });
execFileSync(
  process.execPath,
  [at("node_modules/typescript/bin/tsc").pathname, "-p", at("tsconfig.build.json").pathname],
  {
    cwd: root,
    stdio: "inherit",
  },
);
cpSync(at("src/store/migrations"), at("dist/store/migrations"), { recursive: true });
cpSync(at("src/cli/bin.js"), at("dist/cli/bin.js"));
chmodSync(at("dist/cli/bin.js"), 0o755);
