/**
 * Makes `dist/` for the published package: the program with the packages that it uses, in one file, what begins it, what runs in threads and processes of its
 * own, types, and the files beside them that run time needs.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { bundled, partsFile } from "../src/faces/dashboard/bundle.ts";
import { moduleParameters } from "../src/program/compiled-program.ts";

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

/** Names stay as they are and each statement has its line, so that a stack says where in the file something went wrong. */
const common = {
  absWorkingDir: at(".").pathname,
  bundle: true,
  minifySyntax: true,
  platform: "node",
  target: "node24",
  metafile: true,
  legalComments: "none",
  logLevel: "warning",
} satisfies BuildOptions;

const thisFile = 'require("node:url").pathToFileURL(__filename)';

/** CommonJS parts of ESM ask for Node's modules by require. */
const requiring = {
  js: 'const require = process.getBuiltinModule("node:module").createRequire(import.meta.url);',
};

/** Sources look for what lies beside them; in a bundle it lies where it would beside each source's own JavaScript. */
function placesFrom(here: string): Plugin {
  return {
    name: "places of files",
    setup: (bundler) => {
      bundler.onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
        const place = relative(at("src").pathname, path).replace(/\.ts$/, ".js");
        const text = readFileSync(path, "utf8").replaceAll("import.meta.url", `new URL("${place}", ${here}).href`);
        return { contents: text, loader: "ts" };
      });
    },
  };
}

const used = new Set<string>();

async function made(options: BuildOptions): Promise<void> {
  const { metafile } = await build({ ...common, ...options });
  for (const file of Object.keys(metafile?.inputs ?? {})) used.add(file);
}

/**
 * CommonJS, since V8 keeps of a script, and not of an ES module, also the functions that ran. What is imported when it is needed is run when it is
 * needed.
 */
await made({
  stdin: {
    contents: 'export { run } from "./main.ts"; export const library = () => import("./index.ts");',
    resolveDir: at("src").pathname,
  },
  outfile: at("dist/signalbox.cjs").pathname,
  format: "cjs",
  // As it is run, so that no copy of all of it has to be made; strict, as the sources are by themselves.
  banner: { js: `(function (${moduleParameters}) {\n"use strict";` },
  footer: { js: "})" },
  // They bring programs of their own, which they look for beside themselves; or are large, and needed by few. pg asks for pg-native only where that is wanted.
  external: ["esbuild", "workerd", "pg-native", "@aws-sdk/client-s3"],
  supported: { "dynamic-import": false },
  plugins: [placesFrom(thisFile)],
});
for (const name of [
  "store/sqlite/worker",
  "offload/worker",
  "sandbox/workerd/launcher-process",
  "targets/senders/worker",
]) {
  await made({
    entryPoints: [at(`src/${name}.ts`).pathname],
    outfile: at(`dist/${name}.js`).pathname,
    format: "esm",
    banner: requiring,
    plugins: [placesFrom(`new URL("${"../".repeat(name.split("/").length - 1)}", import.meta.url)`)],
  });
}
// CommonJS: to import a module of Node's by name loads much of Node that it gives by getters.
await made({
  entryPoints: ["from-package", "from-host"].map((name) => at(`src/program/${name}.ts`).pathname),
  outdir: at("dist/program").pathname,
  outExtension: { ".js": ".cjs" },
  format: "cjs",
  plugins: [placesFrom(`new URL("../", ${thisFile})`)],
});
/** What runs in browsers, and in run times that are older than the server's. */
for (const [name, platform] of [
  ["index", "browser"],
  ["node", "node"],
] as const) {
  await made({
    entryPoints: [at(`src/client/${name}.ts`).pathname],
    outfile: at(`dist/client/${name}.js`).pathname,
    format: "esm",
    platform,
    target: "es2022",
  });
}
const names = Object.keys(await import("../src/index.ts")).toSorted();
writeFileSync(
  at("dist/index.js"),
  `import fromHost from "./program/from-host.cjs";\n\nexport const { ${names.join(", ")} } = await fromHost.libraryForHosts;\n`,
);
writeFileSync(at("dist/licenses.txt"), licensesOf([...used]));
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
    ...common,
    entryPoints: [at(`examples/${file}.ts`).pathname],
    outfile: at(`dist/examples/${name}.js`).pathname,
    format: "esm",
    // What runs by itself when it is started, and not where another imports it.
    define: { "import.meta.main": String(name === "receiver") },
    banner: requiring,
    plugins: [
      {
        name: "signalbox itself is not bundled",
        setup: (bundler) => {
          bundler.onResolve({ filter: /\/src\/index\.ts$/ }, () => ({ path: "../index.js", external: true }));
        },
      },
    ],
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
