/**
 * Holds the arrows of `src/`, types included: a file imports from its own layer or from a lower one, and nothing that imports it, be it a
 * file or a folder. Part of `npm run check`; prints each wrong import.
 */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** From the top to the bottom: the order in which docs/architecture.md tells them. */
export const layers: readonly string[] = [
  "dashboard",
  "client",
  "program",
  "main.ts",
  "cli",
  "index.ts",
  "function-types.ts",
  "start.ts",
  "open-bytes.ts",
  "wire.ts",
  "check",
  "faces",
  "history",
  "subscriptions",
  "storage",
  "platform",
  "engine.ts",
  "context.ts",
  "hooks",
  "delivery",
  "targets",
  "invocation",
  "ports.ts",
  "mail",
  "inbox",
  "sandbox",
  "offload",
  "open-folder",
  "metrics",
  "config",
  "store",
  "blobs",
  "folder",
  "secrets",
  "pace",
  "log.ts",
  "log-writer.ts",
  "domain",
  "clock.ts",
  "version.ts",
  "errors.ts",
];

/** Adapters, and who may name them: everybody else knows the port. */
const adapters = [
  "store/sqlite/",
  "store/postgres/",
  "blobs/files.ts",
  "blobs/s3/",
  "inbox/postgres/",
  "sandbox/workerd/",
];
const mayNameAdapters = ["open-bytes.ts", "start.ts", "open-folder/", "check/", "config/", "cli/inbox-schema.ts"];

/** Programs of their own, which run in browsers: what they may import beside themselves. */
const inBrowsers = [
  { folder: "dashboard/", mayImport: ["domain/", "client/"] },
  { folder: "client/", mayImport: ["domain/"] },
];

/** One file imports another; both are paths below the root, with `/`. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
}

/** What is wrong with these arrows, a sentence each; empty when nothing is. */
export function wrongArrows(arrows: readonly Arrow[]): string[] {
  const sentences = arrows.flatMap(({ from, to }) => {
    const [above, below] = [layerOf(from), layerOf(to)];
    const unknown = [above, below].find((layer) => !layers.includes(layer));
    if (unknown !== undefined) return [`${unknown} is in no layer: scripts/layers.ts lists them`];
    const [adapter] = adapters.filter((path) => to.startsWith(path) && layerOf(from) !== layerOf(path));
    if (adapter !== undefined && !mayNameAdapters.some((path) => from.startsWith(path))) {
      return [`${from} imports ${to}: ${adapter} is known by its port only`];
    }
    const own = inBrowsers.find(({ folder }) => from.startsWith(folder));
    if (own !== undefined && ![own.folder, ...own.mayImport].some((path) => to.startsWith(path))) {
      const shared = own.mayImport.join(" and ");
      return [
        `${from} imports ${to}: ${own.folder} is a client of the API, and shares ${shared} with others and nothing else`,
      ];
    }
    if (layers.indexOf(above) <= layers.indexOf(below)) return [];
    return [`${from} imports ${to}: ${above} is a layer below ${below}`];
  });
  const folders = new Set(arrows.flatMap(({ from, to }) => [...parentsOf(from), ...parentsOf(to)]));
  return [...new Set([...sentences, ...[...folders].sort().flatMap((folder) => circlesIn(folder, arrows))])];
}

function layerOf(file: string): string {
  return file.split("/", 1)[0] ?? file;
}

function parentsOf(file: string): string[] {
  const parts = file.split("/").slice(0, -1);
  return ["", ...parts.map((_, at) => `${parts.slice(0, at + 1).join("/")}/`)];
}

/** Circles among what lies directly in a folder: its files, and its folders as one each. */
function circlesIn(folder: string, arrows: readonly Arrow[]): string[] {
  const childOf = (file: string): string | undefined =>
    file.startsWith(folder) ? file.slice(folder.length).split("/", 1)[0] : undefined;
  const inner = new Map<string, Map<string, Arrow>>();
  for (const arrow of arrows) {
    const [from, to] = [childOf(arrow.from), childOf(arrow.to)];
    if (from === undefined || to === undefined || from === to) continue;
    const known = inner.get(from) ?? new Map<string, Arrow>();
    inner.set(from, known.set(to, known.get(to) ?? arrow));
  }
  return circlesOf(inner).map(
    (circle) => `${folder || "src/"}: a circle: ${circle.map(({ from, to }) => `${from} -> ${to}`).join(", ")}`,
  );
}

/** One circle for each node that closes one when all are walked depth first. */
function circlesOf(graph: ReadonlyMap<string, ReadonlyMap<string, Arrow>>): Arrow[][] {
  const found: Arrow[][] = [];
  const done = new Set<string>();
  const walk = (node: string, path: readonly string[], along: readonly Arrow[]): void => {
    const at = path.indexOf(node);
    if (at >= 0) return void found.push(along.slice(at));
    if (done.has(node)) return;
    for (const [next, arrow] of graph.get(node) ?? []) walk(next, [...path, node], [...along, arrow]);
    done.add(node);
  };
  for (const node of graph.keys()) walk(node, [], []);
  return found;
}

/** Every import between files of `root`, tests left out: of values and of types, static and dynamic. */
export function arrowsOf(root: string): Arrow[] {
  const files = globSync("**/*.{ts,tsx,js}", { cwd: root }).filter((file) => !file.endsWith(".test.ts"));
  const known = new Set(files);
  const imported = /(?:\bfrom\s*|\bimport\s*\(?\s*)"(\.{1,2}\/[^"]+)"/g;
  return files.flatMap((from) => {
    const text = readFileSync(join(root, from), "utf8");
    return [...text.matchAll(imported)]
      .map(([, path = ""]) => normalize(join(dirname(from), path)))
      .filter((to) => known.has(to))
      .map((to) => ({ from, to }));
  });
}

if (import.meta.main) {
  const root = fileURLToPath(new URL("../src", import.meta.url));
  const wrong = wrongArrows(arrowsOf(root));
  for (const sentence of wrong) process.stderr.write(`${sentence}\n`);
  if (wrong.length > 0) process.stderr.write(`${wrong.length} wrong imports in ${relative(process.cwd(), root)}\n`);
  process.exitCode = wrong.length > 0 ? 1 : 0;
}
