/** Makes `dist/` for the published package: JavaScript and types of `src/`, and the files beside them that run time needs. */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { bundled, partsFile } from "../src/faces/dashboard/bundle.ts";

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
cpSync(at("src/faces/openapi-examples.json"), at("dist/faces/openapi-examples.json"));
cpSync(at("src/sandbox/workerd/guest"), at("dist/sandbox/workerd/guest"), {
  recursive: true,
  filter: (path) => !/\.(?:json|ts)$/.test(path),
});
cpSync(at("src/cli/bin.js"), at("dist/cli/bin.js"));
chmodSync(at("dist/cli/bin.js"), 0o755);

const { files, ...parts } = await bundled();
mkdirSync(at("dist/dashboard"));
for (const [name, bytes] of files) writeFileSync(at(`dist/dashboard/${name}`), bytes);
writeFileSync(at(`dist/dashboard/${partsFile}`), JSON.stringify(parts));

/** The examples, so that `signalbox demo` runs them where there are neither their sources' tools nor their S3 client. */
for (const [name, file] of [
  ["demo", "demo/main"],
  ["orders", "orders/main"],
  ["receiver", "receiver/receiver"],
] as const) {
  const { metafile } = await build({
    absWorkingDir: at(".").pathname,
    entryPoints: [at(`examples/${file}.ts`).pathname],
    outfile: at(`dist/examples/${name}.js`).pathname,
    bundle: true,
    minifySyntax: true,
    platform: "node",
    format: "esm",
    target: "node24",
    metafile: true,
    // What runs by itself when it is started, and not where another imports it.
    define: { "import.meta.main": String(name === "receiver") },
    // The client's CommonJS parts ask for Node's modules by require.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    plugins: [
      {
        name: "signalbox itself is not bundled",
        setup: (bundler) => {
          bundler.onResolve({ filter: /\/src\/index\.ts$/ }, () => ({ path: "../index.js", external: true }));
        },
      },
    ],
    legalComments: "none",
    logLevel: "warning",
  });
  const licenses = licensesOf(Object.keys(metafile.inputs));
  if (licenses !== "") writeFileSync(at(`dist/examples/${name}.licenses.txt`), licenses);
}

/** Of the packages whose files were bundled. */
function licensesOf(files: readonly string[]): string {
  const folders = files.flatMap((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+\//.exec(file) ?? []);
  return [...new Set(folders)]
    .toSorted()
    .map((folder) => {
      const [name] = readdirSync(at(folder)).filter((entry) => /^licen[cs]e/i.test(entry));
      const text = name === undefined ? "" : readFileSync(at(`${folder}${name}`), "utf8");
      return `${folder.replace(/^.*node_modules\//, "").slice(0, -1)}\n\n${text}`;
    })
    .join("\n\n");
}
