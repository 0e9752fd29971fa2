import { bundle } from "./bundle.ts";
import type { Client } from "./client.ts";
import { type Command, type Given, part } from "./command.ts";
import { printedLine } from "./print.ts";
import { unifiedDiff } from "./unified-diff.ts";

/** What differs between versions of a function, or between one and a file. */

interface Compared {
  /** For a person. */
  readonly name: string;
  readonly code: string;
}

type Data = Readonly<Record<string, unknown>>;

const isVersion = (text: string): boolean => /^\d+$/.test(text);

async function compared(api: Client, path: string, text: string): Promise<Compared> {
  if (!isVersion(text)) return { name: text, code: (await bundle(text, { minify: false })).code };
  const version = await api({ method: "GET", path: `${path}versions/${text}/` });
  const about = `${printedLine(version["created_at"])} by ${printedLine(version["created_by"])}`;
  return { name: `version ${text}  ${about}`, code: String(version["code"]) };
}

/** The newest version that is older than this one. */
async function versionBefore(api: Client, path: string, running: string): Promise<string> {
  for (let cursor: string | undefined; ; ) {
    const page = await api({ method: "GET", path: `${path}versions/`, query: { cursor } });
    const older = (page["versions"] as readonly { readonly version: number }[]).find(
      ({ version }) => version < Number(running),
    );
    if (older !== undefined) return String(older.version);
    if (typeof page["next_cursor"] !== "string") throw new Error(`there is no version before ${running}`);
    cursor = page["next_cursor"];
  }
}

async function diff({ positionals }: Given, api: Client): Promise<Data> {
  const [app, fn, first, second] = positionals;
  const path = `/api/apps/${part(app)}/functions/${part(fn)}/`;
  const running = String((await api({ method: "GET", path }))["version"]);
  const asked = await (async (): Promise<readonly [string, string]> => {
    if (first === undefined) return [await versionBefore(api, path, running), running];
    if (second !== undefined) return [first, second];
    return isVersion(first) ? [first, running] : [running, first];
  })();
  const [from, to] = await Promise.all(asked.map((text) => compared(api, path, text)));
  if (from === undefined || to === undefined) throw new Error("there is nothing to compare");
  return { from: from.name, to: to.name, diff: unifiedDiff(from.code, to.code) };
}

function shown({ from, to, diff }: Data): string {
  // A terminal shows tabs as it likes, which is why they would be printed as what they are.
  const names = [`--- ${printedLine(from)}`, `+++ ${printedLine(to)}`];
  return [...names, ...(diff === "" ? ["they are the same"] : [String(diff).replaceAll("\t", "    ")])].join("\n");
}

export const functionDiffCommand: Command = {
  words: "function diff",
  about:
    "Show what a version changed; with one version, against the one that runs; with a file, what deploying it changes",
  positionals: ["app", "function", "version", "version|file"],
  needed: 2,
  run: diff,
  print: shown,
};
