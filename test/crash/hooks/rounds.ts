/** Rounds of asking for users while processes are killed, and the judgement at their end. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type ServerProcess, serverProcess } from "../../support/server-process.ts";
import { until } from "../../support/until.ts";
import { type Dice, dice } from "../dice.ts";
import { Book } from "./book.ts";
import { askAgain, mustWork, type Signing, signUpUntilKilled } from "./clients.ts";
import { setUp } from "./functions.ts";
import { type Host, host, type Manners } from "./host.ts";
import { type SandboxProcess, type TemporaryFolder, temporaryFolder } from "./sandboxes.ts";
import { assertDecided, assertLogged, assertUsersFit, assertWelcomed, type Kept, keptBy, usersOf } from "./verdict.ts";

export interface HooksRun {
  readonly rounds: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** What the rounds kill, in turn, the second first: a run of two rounds has both kinds of loss of processes. */
const victims = ["the server", "processes, then the server", "both at once"] as const;
/** How far a round may get before the server is killed, in turn: there are long ones, and some that end as they begin. */
const depths = [100, 40, 5, 60] as const;
/** Acknowledgements between two losses of processes: too many failures in a minute would make the server leave hooks out. */
const recovery = 25;
const drainMs = 60_000;

type Sign = "request" | "acknowledgement" | "arrival";

interface Scene {
  readonly folder: string;
  readonly tmp: TemporaryFolder;
  readonly book: Book;
  readonly chance: Dice;
  readonly say: (line: string) => void;
  /** Told of every sign of life. */
  watch: (sign: Sign) => void;
}

export async function hooksRun({ rounds, seed, say }: HooksRun): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "signalbox-crash-"));
  cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  const tmp = cleanup.use(await temporaryFolder());
  const scene: Scene = { folder, tmp, book: new Book(), chance: dice(seed), say, watch: () => {} };
  const rude = dice(seed + 1);
  const heard = cleanup.use(
    await host(() => {
      scene.watch("arrival");
      // Silence costs the whole time of a function, so it is the rarest.
      const bad = rude.oneOf<Manners>(["error", "error", "error", "error", "hang up", "hang up", "hang up", "hold"]);
      return rude.chance(1 / 4) ? bad : "thanks";
    }),
  );
  {
    await using server = await serverProcess({ folder, env: tmp.env });
    await setUp(server, heard.url);
    assert.equal(await server.stop(), 0, server.log);
  }
  for (let round = 1; round <= rounds; round++) await oneRound(scene, round);
  const kept = await lastRound(scene, heard);
  assertUsersFit(kept, scene.book);
  assertDecided(kept, scene.book);
  assertWelcomed(kept, heard.welcomes);
  await assertLogged(folder, kept);
  say(summary(scene.book, heard, kept));
}

async function oneRound(scene: Scene, round: number): Promise<void> {
  const { folder, tmp, book, chance, say } = scene;
  const before = { ...book.counts };
  const what = victims[round % victims.length] ?? "the server";
  await using server = await serverProcess({ folder, env: tmp.env });
  let over = false;
  const signing: Signing = { url: server.url, book, dice: chance, told: (sign) => scene.watch(sign), over: () => over };
  const signingUp = signUpUntilKilled(signing);
  const events: string[] = [];
  const killing = async (): Promise<void> => {
    const losses = what === "processes, then the server" ? chance.between(2, 3) : 0;
    for (let loss = 1; loss <= losses; loss++) {
      events.push(await reached(scene, "acknowledgement", recovery));
      events.push(await loseProcesses(scene, server, signing));
    }
    const sign = chance.oneOf(["request", "acknowledgement", "arrival"] as const);
    events.push(await reached(scene, sign, chance.between(1, depths[round % depths.length] ?? 1)));
  };
  await Promise.race([
    killing(),
    signingUp,
    server.ended.then((ending) => assert.fail(`it ended by itself: ${ending} ${server.log}`)),
  ]);
  await pause(chance.between(0, 10));
  const processes = await tmp.processes();
  over = true;
  const noticed = book.losing();
  const alsoOne = what === "both at once" && started(processes).length > 0;
  const also = alsoOne ? kill(pick(chance, started(processes))) : undefined;
  await server.kill();
  const goneMs = await tmp.untilAllGone();
  await signingUp;
  noticed();
  await tmp.untilNoFolders(also);
  if (also !== undefined) events.push(`killed ${shown(also)} with it`);
  const [created, failed, lost] = (["created", "failed", "lost"] as const).map((of) => book.counts[of] - before[of]);
  say(
    `round ${round} (${what}): ${events.join(", ")}: ${created} made, ${failed} failed, ${lost} without an answer; ` +
      `${processes.length} processes were gone ${Math.round(goneMs)} ms after the server`,
  );
}

/** Resolves after so many signs, and a moment: counting spares slow machines an early death. */
async function reached(scene: Scene, sign: Sign, count: number): Promise<string> {
  let left = count;
  scene.watch = (told) => {
    if (told === sign) left -= 1;
  };
  await until(`${sign} ${count}`, () => left <= 0);
  await pause(scene.chance.between(0, 10));
  return `${sign} ${count}`;
}

/**
 * Without those whose shell is just starting them: in the millisecond in which it does so nobody knows that the two belong together,
 * should the shell be killed.
 */
function started(processes: readonly SandboxProcess[]): readonly SandboxProcess[] {
  const running = new Set(processes.filter(({ what }) => what === "runs functions").map(({ folder }) => folder));
  return processes.filter(({ folder }) => running.has(folder));
}

function pick(chance: Dice, [first, ...others]: readonly SandboxProcess[]): SandboxProcess {
  assert.ok(first !== undefined, "there is a process of functions");
  return chance.oneOf([first, ...others]);
}

function kill(victim: SandboxProcess): SandboxProcess {
  try {
    process.kill(victim.pid, "SIGKILL");
  } catch {
    // It has ended by itself since it was seen.
  }
  return victim;
}

function shown({ what, lane }: SandboxProcess): string {
  return what === "shell" ? "a shell" : `a process (${lane})`;
}

/** Kills some processes of functions, or what watches over them, and shows that hooks work as soon as the server knows. */
async function loseProcesses({ tmp, book, chance }: Scene, server: ServerProcess, signing: Signing): Promise<string> {
  const processes = await tmp.processes();
  const noticed = book.losing();
  const all = processes.filter(({ what }) => what === "runs functions");
  // Spares compute nothing, so that the busiest is one in which hooks run.
  const busiest = all.toSorted((one, other) => other.ticks - one.ticks).slice(0, 1);
  const victims = chance
    .oneOf([() => all, () => busiest, () => busiest, () => [pick(chance, started(processes))]])()
    .map(kill);
  await Promise.all(victims.map((one) => tmp.untilGone(one)));
  // A turn of the server's loop, after which it has seen what the system had told it before.
  await fetch(`${server.url}/healthz`).then((answer) => answer.text());
  noticed();
  await mustWork(signing);
  return `killed ${victims.map(shown).join(" and ")}`;
}

/** What has no answer is asked for again, what waits is done, and everything is looked at after one more restart. */
async function lastRound({ folder, tmp, book, chance }: Scene, { welcomes }: Host): Promise<Kept> {
  {
    await using server = await serverProcess({ folder, env: tmp.env });
    await askAgain({ url: server.url, book, dice: chance, told: () => {}, over: () => false });
    const users = await usersOf(server);
    const thanked = (): ReadonlySet<string> =>
      new Set(welcomes.filter(({ answer }) => answer === "thanks").map(({ told }) => told.user));
    await idle(server, "everybody is welcomed", () => {
      const welcomed = thanked();
      return users.every(({ uuid }) => welcomed.has(uuid));
    });
    assert.equal(await server.stop(), 0, server.log);
  }
  await using server = await serverProcess({ folder, env: tmp.env });
  await idle(server, "nothing waits");
  const kept = await keptBy(server);
  assert.equal(await server.stop(), 0, server.log);
  await tmp.untilAllGone();
  await tmp.untilNoFolders();
  return kept;
}

/** Resolves when no delivery waits, and `isSo`. There is no dead letter then. */
async function idle(server: ServerProcess, what: string, isSo: () => boolean = () => true): Promise<void> {
  const some = async (status: string): Promise<readonly unknown[]> => {
    const path = `/api/cloud/deliveries/?status=${status}&limit=3`;
    return (await server.api<{ deliveries: readonly unknown[] }>("GET", path)).deliveries;
  };
  try {
    await until(what, async () => isSo() && (await some("waiting")).length === 0, drainMs);
  } catch (thrown) {
    const left = JSON.stringify([await some("waiting"), await some("dead")]);
    throw new Error(`${left} ${server.log.slice(-2_000)}`, { cause: thrown });
  }
  assert.deepEqual(await some("dead"), []);
}

function summary({ counts }: Book, { welcomes }: Host, { users, invocations }: Kept): string {
  const failed = welcomes.filter(({ answer }) => answer !== "thanks").length;
  const twice = welcomes.length - failed - users.length;
  return (
    `${users.length} users; of requests ${counts.created} made one, ${counts.replayed} were answered again, ` +
    `${counts.denied} refused, ${counts.failed} failed, ${counts.taken} found it made, ${counts.lost} without an answer; ` +
    `${invocations.length} invocations; ${welcomes.length} welcomes of which ${failed} failed, ${twice} duplicates`
  );
}
