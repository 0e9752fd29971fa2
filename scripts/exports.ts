/**
 * What a file of `src/` exports, another file of `src/` imports; what only tests and tools import stands in `kept`, with the reason. Part of
 * `npm run check`; prints each export that no file imports.
 */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

/** What others import who are not here: hosts, authors of functions, users of the client, and workerd; and what is printed whole from the API's document. */
const published =
  /^src\/(?:index|function-types)\.ts$|^src\/sandbox\/workerd\/guest\/|^src\/client\/(?:index|node|operations|host-operations)\.ts$/;

/** Exports for tests and tools alone, by the reason why they have no other way. */
export const kept: Readonly<Record<string, readonly string[]>> = {
  "the build of the package makes the page by it": [
    "src/faces/dashboard/bundle.ts bundled",
    "src/faces/dashboard/bundle.ts partsFile",
  ],
  "the build of the package writes it around the program, and what hosts import": [
    "src/program/compiled-program.ts moduleParameters",
    "src/program/from-host.ts libraryForHosts",
  ],
  "types of what tests hand in or get back": [
    "src/delivery/retain.ts Retention",
    "src/domain/filter/filter-index.ts FilterEntry",
    "src/engine.ts Engine",
    "src/engine.ts EngineOptions",
    "src/faces/http/front/connections.ts Bounds",
    "src/faces/s3/wire/body.ts BodyDigest",
    "src/mail/kept.ts KeptOptions",
    "src/mail/smtp.ts SmtpOptions",
    "src/mail/templates.ts RenderedMail",
    "src/sandbox/workerd/slots.ts Slot",
    "src/sandbox/workerd/slots.ts TenantSlots",
    "src/sandbox/workerd/watchdog.ts WatchedProcess",
    "src/storage/rename-object.ts RenameRequest",
    "src/store/kept-mails.ts NewKeptMail",
    "src/targets/egress.ts EgressOptions",
  ],
  "declarations of the published types name them": [
    "src/subscriptions/target-kinds/email.ts EmailChange",
    "src/subscriptions/target-kinds/email.ts EmailInput",
    "src/subscriptions/target-kinds/function.ts FunctionTargetInput",
    "src/subscriptions/target-kinds/destination.ts DestinationInput",
  ],
  "the port of the store: adapters with many writers hold them": [
    "src/store/locks.ts changeLocks",
    "src/store/locks.ts conditionLocks",
    "src/store/locks.ts locksOf",
  ],
  "bounds and tables that tests go up to, or compare with what is written elsewhere": [
    "src/domain/notifications/expand.ts longestExpandedUrl",
    "src/domain/raised-events.ts ownKindNames",
    "src/domain/retry.ts longestAskedWaitMs",
    "src/faces/library/hook-tasks.ts keptTasks",
    "src/faces/library/hook-tasks.ts verdictKeptMs",
    "src/faces/s3/wire/errors.ts s3ErrorTable",
    "src/faces/s3/wire/sigv4.ts maxSkewMs",
    "src/mail/links.ts confirmLinkMs",
    "src/offload/serve.ts niceness",
    "src/sandbox/sandbox.ts lanes",
    "src/sandbox/workerd/networks.ts closedNets",
    "src/sandbox/workerd/privileges.ts guestUser",
  ],
  "parts that are tried alone, because what they do shows nowhere else, or only in a whole server": [
    "src/domain/breaker.ts Breaker",
    "src/domain/webhook-url.ts checkPlaces",
    "src/faces/notifications/face.ts faceRoutes",
    "src/storage/list-objects.ts successor",
    "src/store/sqlite/open.ts migrationFiles",
  ],
  "editors of filters, which a browser bundles": [
    "src/domain/filter/complete.ts mostSuggestions",
    "src/domain/filter/index.ts Completion",
    "src/domain/filter/index.ts CompletionCatalog",
    "src/domain/filter/index.ts ShownToken",
    "src/domain/filter/index.ts Suggestion",
    "src/domain/filter/index.ts complete",
    "src/domain/filter/index.ts tokensOf",
  ],
  "what tests, benches and generators begin with": [
    "src/config/help.ts shownDefault",
    "src/faces/http/front/connections.ts defaultBounds",
  ],
};

/** Files that import a name, by `file name`. A file that imports all names as one is under `file *`. */
type Importers = ReadonlyMap<string, ReadonlySet<string>>;

const definition =
  /^export (?:declare )?(?:async )?(?:abstract )?(?:function\*?|class|const|let|interface|type|enum)\s+([A-Za-z_$][\w$]*)(?!.*\bfrom\b)/gm;
const list = /^(import|export) (?:type )?(?:\w+, )?\{([^}]*)\}(?: from "(\.[^"]+)")?/gm;
const whole = /^import (?:type )?\* as \w+ from "(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/gm;
const passedOn = /^export (?:type )?\* from "(\.[^"]+)"/gm;

/** The exports, as `file name`, of the files of `src/` that no other of them imports, and that are not `kept`; and what is kept for nothing. */
export function unasked(texts: ReadonlyMap<string, string>, keep = kept): string[] {
  const importers = importersOf(texts);
  const passers = passersOf(texts);
  const runs = (file: string): boolean => file.startsWith("src/") && !file.endsWith(".test.ts");
  const reasons = new Set(Object.values(keep).flat());
  const alone = new Set<string>();
  for (const [file, text] of texts) {
    if (!runs(file) || published.test(file)) continue;
    for (const name of exportsOf(text)) {
      const places = [file, ...(passers.get(file) ?? [])];
      const asked = places.flatMap((at) => [
        ...(importers.get(`${at} ${name}`) ?? []),
        ...(importers.get(`${at} *`) ?? []),
      ]);
      if (!asked.some(runs)) alone.add(`${file} ${name}`);
    }
  }
  return [
    ...[...alone]
      .filter((name) => !reasons.has(name))
      .map((name) => `${name} is exported, and nothing that runs imports it`),
    ...[...reasons].filter((name) => !alone.has(name)).map((name) => `${name} need not stand in scripts/exports.ts`),
  ];
}

function exportsOf(text: string): string[] {
  const defined = [...text.matchAll(definition)].map(([, name = ""]) => name);
  const listed = [...text.matchAll(list)].filter(([, verb]) => verb === "export");
  return [...defined, ...listed.flatMap(([, , names = ""]) => namesOf(names).map(([, outer]) => outer))];
}

function importersOf(texts: ReadonlyMap<string, string>): Importers {
  const found = new Map<string, Set<string>>();
  const add = (key: string, file: string): void => void found.set(key, (found.get(key) ?? new Set()).add(file));
  for (const [file, text] of texts) {
    const at = (path: string): string => normalize(join(dirname(file), path));
    for (const [, , names = "", path] of text.matchAll(list)) {
      for (const [inner] of path === undefined ? [] : namesOf(names)) add(`${at(path ?? "")} ${inner}`, file);
    }
    for (const [, named, asked] of text.matchAll(whole)) add(`${at(named ?? asked ?? "")} *`, file);
  }
  return found;
}

/** Files that pass on all that another exports, by that other. */
function passersOf(texts: ReadonlyMap<string, string>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [file, text] of texts) {
    for (const [, path = ""] of text.matchAll(passedOn)) {
      const from = normalize(join(dirname(file), path));
      found.set(from, [...(found.get(from) ?? []), file]);
    }
  }
  return found;
}

/** Of `a, type b as c`: what each is called in the file that defines it, and in the file that names it. */
function namesOf(list: string): [inner: string, outer: string][] {
  const names = list.split(",").map((name) => name.trim().replace(/^type /, ""));
  return names.filter(Boolean).map((name) => {
    const [inner = "", outer = inner] = name.split(" as ");
    return [inner, outer];
  });
}

if (import.meta.main) {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const files = globSync("{src,test,bench,scripts,examples}/**/*.{ts,tsx,js}", {
    cwd: root,
    exclude: ["**/node_modules/**"],
  });
  const found = unasked(new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")])));
  for (const sentence of found) process.stderr.write(`${sentence}\n`);
  process.exitCode = found.length > 0 ? 1 : 0;
}
