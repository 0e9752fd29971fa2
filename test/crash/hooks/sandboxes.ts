/** The processes that run functions, as the system shows them: found by the folder they live in, whoever their parent is. */
import assert from "node:assert/strict";
import { chmod, mkdtemp, readdir, readFile, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../support/until.ts";

export interface SandboxProcess {
  readonly pid: number;
  /** Since the boot of the machine: with it, no later process has the same pid. */
  readonly started: string;
  /** The shell starts the other, watches over it, and takes its folder away. */
  readonly what: "shell" | "starts" | "runs functions";
  readonly lane: "pre" | "post, or a suspect" | "?";
  /** How much it has computed. */
  readonly ticks: number;
  /** That it lives in. */
  readonly folder: string;
}

/** How long it may take until all that a server had started has gone with it; it takes milliseconds. */
const goneMs = 10_000;

/** A folder for temporary files that only the servers of one test use, so that whatever is in it is theirs. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
  processes(): Promise<readonly SandboxProcess[]>;
  /** Resolves when none of its processes is left, with how long that took. */
  untilAllGone(): Promise<number>;
  /** Resolves when this one has ended and been collected: whoever watches over it has noticed then. */
  untilGone(process: SandboxProcess): Promise<void>;
  /**
   * Resolves when no folder is left in which a process has lived, or was about to, unless its shell was killed together with the server.
   * It may take a moment: a launcher that was starting when the server was killed starts a shell first, which takes the folder away.
   */
  untilNoFolders(killed?: SandboxProcess): Promise<void>;
}

export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), "signalbox-tmp-"));
  // As /tmp is: functions run as another user, who takes its own folder away.
  await chmod(path, 0o1777);
  const processes = (): Promise<readonly SandboxProcess[]> => sandboxProcesses(path);
  const left = async (): Promise<string> => JSON.stringify(await processes());
  return {
    path,
    env: { TMPDIR: path },
    processes,
    untilAllGone: async () => {
      const sinceMs = performance.now();
      await until("all processes of functions are gone", async () => (await left()) === "[]", goneMs).catch(
        async (thrown) => assert.fail(`${String(thrown)}; left: ${await left()}`),
      );
      return performance.now() - sinceMs;
    },
    untilGone: async ({ pid, started }) => {
      const isThere = async (): Promise<boolean> =>
        (await readFile(`/proc/${pid}/stat`, "utf8").then(startOf, () => undefined)) === started;
      await until(`${pid} is gone`, async () => !(await isThere()), goneMs);
    },
    untilNoFolders: async (killed) => {
      const orphaned = killed?.what === "shell" ? [killed.folder] : [];
      let lived: readonly string[] = [];
      await until(
        "no folder of a process is left",
        async () => {
          lived = (await livedIn(path)).filter((folder) => !orphaned.includes(folder));
          return lived.length === 0;
        },
        goneMs,
      ).catch((thrown) => assert.fail(`${String(thrown)}; left: ${lived.join()}`));
      for (const folder of await foldersIn(path)) await rm(folder, { recursive: true, force: true });
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

const foldersIn = async (path: string): Promise<string[]> =>
  (await readdir(path)).filter((name) => name.startsWith("sbx-")).map((name) => join(path, name));

/** A server that is killed between making a folder and starting a process in it leaves it, without a socket. */
async function livedIn(path: string): Promise<string[]> {
  const lived: string[] = [];
  for (const folder of await foldersIn(path)) {
    const left = await readdir(folder).catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code === "ENOENT") return [];
      throw thrown;
    });
    if (left.some((file) => !file.endsWith(".capnp"))) lived.push(folder);
  }
  return lived;
}

async function sandboxProcesses(path: string): Promise<SandboxProcess[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => sandboxProcess(path, pid)));
  return found.filter((one) => one !== undefined);
}

/** `undefined` also of one that has ended, whether or not its parent has taken notice. */
async function sandboxProcess(path: string, pid: string): Promise<SandboxProcess | undefined> {
  const own = join(path, "sbx-");
  try {
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8");
    const isShell = command.startsWith("/bin/sh\0-c\0");
    // The shell leaves its folder before it takes it away; whoever else is in it may see it gone.
    const [folder = ""] = isShell
      ? command.slice(command.indexOf(own)).split("\0")
      : [await readlink(`/proc/${pid}/cwd`)];
    if (!folder.startsWith(own)) return undefined;
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    const fields = fieldsOf(stat);
    const [user, system, nice] = [Number(fields[11]), Number(fields[12]), Number(fields[16])];
    return {
      pid: Number(pid),
      started: startOf(stat),
      what: isShell
        ? "shell"
        : command.includes("workerd\0serve\0") || command.startsWith("/proc/")
          ? "runs functions"
          : "starts",
      lane: isShell ? "?" : nice > 0 ? "post, or a suspect" : "pre",
      ticks: user + system,
      folder,
    };
  } catch {
    return undefined;
  }
}

/** From the third on. */
function fieldsOf(stat: string): readonly string[] {
  // The second is a name in parentheses.
  return stat.split(") ").at(-1)?.split(" ") ?? [];
}

function startOf(stat: string): string {
  return fieldsOf(stat)[19] ?? "";
}
