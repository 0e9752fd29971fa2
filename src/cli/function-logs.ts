import type { AtHand, Command, Given } from "./command.ts";
import { part } from "./command.ts";
import { type Came, follow } from "./follow.ts";
import { fetchList } from "./list.ts";
import { liveLine } from "./live-line.ts";
import { printedLine } from "./print.ts";

/** What a function logged, run by run: the last ones, and those that come. */

type Run = Came["data"];

const usualRuns = 20;
/** Lines of a stack that are shown. */
const longestStack = 6;

function runLines(run: Run): string {
  const version = run["version"] === null ? "unsaved code" : `version ${printedLine(run["version"])}`;
  const head = `${liveLine({ id: "", event: "invocation", data: run })}  ${version}  run ${printedLine(run["id"])}`;
  const logs = run["logs"] as readonly { readonly level: string; readonly message: string }[];
  const lines = logs.map(({ level, message }) => `  ${level.padEnd(5)}  ${printedLine(message)}`);
  const cut = run["logs_cut"] === true ? ["  … more was logged than is kept"] : [];
  return [head, ...lines, ...cut, ...errorLines(run["error"] as RunError | null)].join("\n");
}

interface RunError {
  readonly reason: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string | null;
}

function errorLines(error: RunError | null): readonly string[] {
  if (error === null) return [];
  const reason = error.reason === "threw" ? "" : `${error.reason}: `;
  const stack = (error.stack ?? "").split("\n").slice(1, longestStack);
  return [
    `  error  ${printedLine(`${reason}${error.name}: ${error.message}`)}`,
    ...stack.map((line) => `    ${printedLine(line.trim())}`),
  ];
}

async function logs(given: Given, { api, out, err }: AtHand): Promise<void> {
  const [app, fn] = given.positionals;
  const status = given.text("status");
  const most = Number(given.text("runs") ?? usualRuns);
  if (!Number.isSafeInteger(most) || most < 1) throw new Error("--runs: must be a whole number above 0");
  const show = (run: Run): void => out(given.flag("json") ? JSON.stringify(run) : runLines(run));
  const last = async (): Promise<readonly Run[]> => {
    const path = `/api/apps/${part(app)}/functions/${part(fn)}/invocations/`;
    const list = { of: "invocations", paged: true };
    return (await fetchList(api, { method: "GET", path, query: { status } }, list, most)).entries.toReversed();
  };
  if (!given.flag("follow")) {
    for (const run of await last()) show(run);
    return;
  }
  // Followed first and listed then, so that nothing is missed in between.
  const shown = new Set<unknown>();
  const query = { topics: "invocations" };
  let isListed = false;
  for await (const { event, data } of follow(api, { query, note: (text) => err(`signalbox: ${text}`) })) {
    if (!isListed) {
      isListed = true;
      for (const run of await last()) {
        if (run["status"] === "pending") continue;
        shown.add(run["id"]);
        show(run);
      }
    }
    if (event === "gap") out(liveLine({ id: "", event, data }));
    const isOurs = event === "invocation" && data["app_slug"] === app && data["function_slug"] === fn;
    if (!isOurs || data["status"] === "pending" || shown.delete(data["id"])) continue;
    if (status === undefined || data["status"] === status) show(data);
  }
}

export const functionLogsCommand: Command = {
  words: "function logs",
  about: "Print what a function logged in its last runs, and how these ended; with --json a run a line",
  positionals: ["app", "function"],
  options: {
    follow: { about: "Go on with the runs that come, until Ctrl-C" },
    status: { value: "status", about: "Only runs that succeeded, failed or are pending" },
    runs: { value: "number", about: `How many of the last runs; default ${usualRuns}` },
  },
  follow: logs,
};
