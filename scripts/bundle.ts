/**
 * Makes one program of the files of `src/` and of the packages that they import, for the servers and commands that tests start: a process then loads
 * a handful of files instead of 1,800, which takes a fourth of the time.
 */
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type Plugin, stop } from "esbuild";
import { bundled, partsFile } from "../src/faces/dashboard/bundle.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const kept = join(root, "node_modules/.cache/signalbox");
const fixtures = globSync("test/**/*.fixture.ts", { cwd: root }).toSorted();
/** What runs in processes and threads of its own, what programs of hosts import, and what processes of tests load first. */
const entries: Readonly<Record<string, string>> = {
  main: "src/main.ts",
  index: "src/index.ts",
  "store-worker": "src/store/sqlite/worker.ts",
  "offload-worker": "src/offload/worker.ts",
  "sender-worker": "src/targets/senders/worker.ts",
  "launcher-process": "src/sandbox/workerd/launcher-process.ts",
  preload: "test/support/preload.ts",
  ...Object.fromEntries(fixtures.map((file, index) => [`fixture-${index}`, file])),
};
/** Loaded by the places of their sources; what programs ask for by places of their own is not among them. */
const bySource = ["main", "index", ...fixtures.map((_, index) => `fixture-${index}`)];
/** Files that the program asks for beside its own, by the places where its own would lie. */
const asked: Readonly<Record<string, string>> = {
  "store/sqlite/worker.js": "../../store-worker.js",
  "offload/worker.js": "../offload-worker.js",
  "targets/senders/worker.js": "../../sender-worker.js",
  "sandbox/workerd/launcher-process.js": "../../launcher-process.js",
};
/** What the compiler of a function's author reads: the sources, in the place of the declarations that the package has. */
const functionTypes = `export * from ${JSON.stringify(join(root, "src/function-types.ts"))};\n`;
const data = ["store/migrations", "faces/openapi-examples.json", "sandbox/workerd/guest"];
/** Of programs that other sources than these were made into. */
const keptMs = 86_400_000;

/**
 * Gives the folder of the program, which holds its `main.js`. It is named for what is in it, so that what Node has compiled of it
 * serves the next run too.
 *
 * @param withPage it serves the dashboard, whose files take a second to make
 */
export async function bundledProgram({ withPage = false } = {}): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: "dist",
    bundle: true,
    splitting: true,
    write: false,
    minifyWhitespace: true,
    platform: "node",
    format: "esm",
    target: "node24",
    // They bring programs of their own, which they look for beside themselves; or are large, and needed by few. pg asks for pg-native only where that is wanted.
    external: ["esbuild", "workerd", "pg-native", "@aws-sdk/client-s3"],
    // CommonJS packages ask for Node's modules by require.
    banner: { js: 'const require = process.getBuiltinModule("node:module").createRequire(import.meta.url);' },
    plugins: [placesOfFiles],
    logLevel: "warning",
  });
  const page = withPage ? await pageFiles() : new Map<string, Uint8Array | string>();
  await stop();
  const hash = createHash("sha256");
  for (const { path, hash: ofFile } of outputFiles) hash.update(`${path} ${ofFile}\n`);
  hash.update(functionTypes);
  for (const [name, contents] of page) hash.update(name).update(contents);
  for (const path of data) hash.update(await digestOf(join(root, "src", path)));
  const folder = join(kept, hash.digest("hex").slice(0, 16));
  const program = join(folder, "dist");
  if (existsSync(folder)) return program;
  mkdirSync(kept, { recursive: true });
  for (const name of readdirSync(kept)) {
    const old = join(kept, name);
    if (statSync(old).mtimeMs < Date.now() - keptMs) rmSync(old, { recursive: true, force: true });
  }
  // Another run may make the same: whoever is first with all of it has made it.
  const made = mkdtempSync(join(kept, "made-"));
  for (const { path, contents } of outputFiles) await put(join(made, relative(root, path)), contents);
  for (const [path, entry] of Object.entries(asked)) await put(join(made, "dist", path), `import "${entry}";\n`);
  for (const path of data) cpSync(join(root, "src", path), join(made, "dist", path), { recursive: true });
  for (const [name, contents] of page) await put(join(made, "dist/dashboard", name), contents);
  cpSync(join(root, "package.json"), join(made, "package.json"));
  await put(join(made, "dist", "function-types.d.ts"), functionTypes);
  const programs = Object.fromEntries(bySource.map((name) => [entries[name], `${name}.js`]));
  await put(join(made, "dist", "programs.json"), JSON.stringify(programs));
  try {
    renameSync(made, folder);
  } catch (thrown) {
    if (!existsSync(folder)) throw thrown;
    rmSync(made, { recursive: true, force: true });
  }
  return program;
}

/** As the package has them, by name. */
async function pageFiles(): Promise<ReadonlyMap<string, Uint8Array | string>> {
  const { files, ...parts } = await bundled();
  return new Map<string, Uint8Array | string>([...files, [partsFile, JSON.stringify(parts)]]);
}

/** Where files look for what lies beside them: the program's in its folder, those of tests where they are. */
const placesOfFiles: Plugin = {
  name: "places of files",
  setup: (bundler) => {
    bundler.onLoad({ filter: /\/(?:src|test)\/.*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const place = relative(root, path);
      const here = place.startsWith("src/")
        ? `new URL("${relative("src", place).replace(/\.ts$/, ".js")}", import.meta.url).href`
        : JSON.stringify(pathToFileURL(path).href);
      return { contents: text.replaceAll("import.meta.url", here), loader: "ts" };
    });
  },
};

async function put(path: string, contents: Uint8Array | string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  await writeFile(path, contents);
}

async function digestOf(path: string): Promise<string> {
  if (!statSync(path).isDirectory()) return (await readFile(path)).toString("base64");
  const names = readdirSync(path, { recursive: true, encoding: "utf8" }).toSorted();
  const files = names.map((name) => join(path, name)).filter((file) => statSync(file).isFile());
  const texts = await Promise.all(files.map(async (file) => `${file}\n${await readFile(file, "utf8")}`));
  return texts.join("\n");
}
