import { secretOf } from "../../config/secret-file.ts";
import { plainText } from "../../domain/plain-text.ts";
import { asError } from "../../errors.ts";
import type { Bundled } from "../bundle.ts";
import { type Client, client } from "../client.ts";
import { changes } from "./changes.ts";
import { type FolderFunction, folderFunctions } from "./folder-functions.ts";
import { coloured, plain, shownLines } from "./lines.ts";
import { type LiveEvent, liveEvents } from "./live-events.ts";
import { type DevOptions, devHelp, type GivenParams, givenParams, readDevOptions } from "./options.ts";
import { ownServer } from "./own-server.ts";
import { Places } from "./places.ts";
import { appFor, type SaidEvent, tryFunction } from "./trial-runs.ts";

/** `signalbox dev`: the functions of a folder, run as they are written. */

interface DevTerminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly fetch: typeof globalThis.fetch;
  /** Whether it is a terminal: then it has colours. */
  readonly isTerminal: boolean;
  /** Aborts when it is to end. */
  readonly stop: AbortSignal;
}

/** Resolves with the exit code; never rejects. */
export async function runDev(argv: readonly string[], terminal: DevTerminal): Promise<number> {
  const complain = (thrown: unknown): void => terminal.err(`signalbox: ${plainText(asError(thrown).message, "many")}`);
  try {
    const options = readDevOptions(argv);
    if (options === undefined) {
      terminal.out(devHelp);
      return 0;
    }
    await using server = await serverFor(options, terminal);
    const { api, app, where } = server;
    const watched = { ...terminal, complain, api, app, options };
    const happening = options.live === undefined ? "" : " with what happens there";
    terminal.out(`signalbox dev: functions of ${plainText(options.folder)}, run by ${where}${happening}; Ctrl-C ends`);
    return await new Watch(watched).run();
  } catch (thrown) {
    if (terminal.stop.aborted) return 0;
    complain(thrown);
    return 1;
  }
}

interface Server extends AsyncDisposable {
  readonly api: Client;
  /** Slug. */
  readonly app: string;
  readonly where: string;
}

async function serverFor(
  { app, tenant, live }: DevOptions & { readonly tenant: string | undefined },
  { env, fetch, stop }: DevTerminal,
): Promise<Server> {
  // What is under way when it ends is given up: the server stops the run.
  const stoppable: typeof globalThis.fetch = (input, init) => fetch(input, { ...init, signal: stop });
  const token = secretOf(env, "SIGNALBOX_TOKEN");
  const url = env["SIGNALBOX_URL"] || "http://127.0.0.1:8080";
  if (token !== undefined) {
    const chosen = tenant ?? env["SIGNALBOX_TENANT"];
    const api = client({
      url,
      token,
      fetch: stoppable,
      ...(chosen === undefined || chosen === "" ? {} : { tenant: chosen }),
    });
    return { api, app: await appFor(api, app), where: plainText(url), [Symbol.asyncDispose]: async () => {} };
  }
  if (env["SIGNALBOX_URL"] !== undefined) {
    throw new Error(
      "SIGNALBOX_TOKEN is not set: give it your token, or unset SIGNALBOX_URL to run without that server",
    );
  }
  if (live !== undefined)
    throw new Error("--live: SIGNALBOX_TOKEN is not set: it is for the server whose events they are");
  const own = await ownServer(env);
  const api = client({ url: own.url, token: own.token, fetch: stoppable });
  const slug = app ?? "dev";
  await api({ method: "POST", path: "/api/apps/", body: { name: slug, slug } });
  return { api, app: slug, where: "a server of its own", [Symbol.asyncDispose]: () => own[Symbol.asyncDispose]() };
}

interface WatchContext extends DevTerminal {
  readonly api: Client;
  readonly app: string;
  readonly options: DevOptions;
  readonly complain: (thrown: unknown) => void;
}

/** Runs what is new since it was run last, at the beginning everything; with `live`, everything with each event. */
class Watch {
  readonly #context: WatchContext;
  /** Of each file, what was run last. */
  readonly #ran = new Map<string, string>();
  #functions: readonly FolderFunction[] = [];
  #happened: LiveEvent | undefined;
  /** What is under way: a change and an event do not run at once. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(context: WatchContext) {
    this.#context = context;
  }

  async run(): Promise<number> {
    const { options, stop, out } = this.#context;
    if (options.once) return (await this.#look()) ? 0 : 1;
    const closing = new AbortController();
    const ending = AbortSignal.any([stop, closing.signal]);
    const following = changes(options.folder, ending);
    try {
      // Watched before the first look, so that nothing is missed in between.
      const first = following.next();
      await this.#look();
      const watching = this.#watch(first, following);
      await (options.live === undefined ? watching : Promise.race([watching, this.#follow(ending)]));
      out("signalbox dev: ended");
      return 0;
    } finally {
      closing.abort();
      await following.return();
    }
  }

  async #watch(first: Promise<IteratorResult<void, void>>, following: AsyncGenerator<void, void, void>): Promise<void> {
    for (let next = await first; next.done !== true; next = await following.next()) {
      await this.#inTurn(() => this.#look());
    }
  }

  async #follow(stop: AbortSignal): Promise<void> {
    const { err } = this.#context;
    const note = (text: string): void => err(`signalbox: ${plainText(text)}`);
    for await (const event of liveEvents({ ...this.#context, note, stop })) {
      await this.#inTurn(() => this.#happen(event));
    }
  }

  #inTurn(work: () => Promise<unknown>): Promise<unknown> {
    this.#turn = this.#turn.then(work);
    return this.#turn;
  }

  async #happen(event: LiveEvent): Promise<void> {
    const { out, stop, complain } = this.#context;
    let isTold = false;
    for (const fn of this.#functions) {
      if (stop.aborted) return;
      try {
        const said = await event.for(fn.slug);
        if (said === undefined) continue;
        this.#happened = event;
        if (!isTold) out(event.line);
        isTold = true;
        if (!("problem" in fn.bundled)) await this.#try(fn, fn.bundled, { said, params: undefined });
      } catch (thrown) {
        if (!stop.aborted) complain(thrown);
      }
    }
  }

  /** Whether all went well. */
  async #look(): Promise<boolean> {
    const { options, out, complain } = this.#context;
    try {
      const functions = await folderFunctions(options.folder);
      const params = options.params === undefined ? undefined : await givenParams(options.params);
      if (functions.length === 0 && this.#ran.size === 0) {
        out("no file with a default export yet: export default async (event, { log }) => { log(event.params); };");
      }
      this.#forget(functions);
      this.#functions = functions;
      let well = true;
      for (const fn of functions) well = (await this.#again(fn, params)) && well;
      return well;
    } catch (thrown) {
      if (options.once) throw thrown;
      // What cannot be read now may be in the middle of being written.
      complain(thrown);
      return false;
    }
  }

  #forget(functions: readonly FolderFunction[]): void {
    const files = new Set(functions.map(({ file }) => file));
    for (const file of this.#ran.keys()) {
      if (files.has(file)) continue;
      this.#ran.delete(file);
      this.#context.out(`gone ${plainText(file)}`);
    }
  }

  async #again(fn: FolderFunction, params: GivenParams | undefined): Promise<boolean> {
    const { out, err, complain, stop, options } = this.#context;
    const { slug, file, bundled } = fn;
    const made = JSON.stringify([bundled, params]);
    if (stop.aborted || this.#ran.get(file) === made) return true;
    this.#ran.set(file, made);
    if ("problem" in bundled) {
      err(`not run ${slug}\n  ${plainText(bundled.problem, "many").replaceAll("\n", "\n  ")}`);
      return false;
    }
    try {
      if (options.live === undefined) return await this.#try(fn, bundled, { params });
      const said = await this.#happened?.for(slug);
      if (said !== undefined) return await this.#try(fn, bundled, { said, params });
      out(`waits ${slug}`);
      return true;
    } catch (thrown) {
      if (!stop.aborted) complain(thrown);
      // It is tried again with the next change, whatever that is.
      this.#ran.delete(file);
      return false;
    }
  }

  async #try(
    { slug, file }: FolderFunction,
    bundled: Bundled,
    { said, params }: { readonly said?: SaidEvent; readonly params: GivenParams | undefined },
  ): Promise<boolean> {
    const { out, isTerminal } = this.#context;
    const tried = await tryFunction({ ...this.#context, params }, { slug, ...bundled }, said);
    const shown = { slug, file, tried, places: new Places(file, bundled) };
    out(shownLines(shown, isTerminal ? coloured : plain).join("\n"));
    return tried.run?.status === "succeeded";
  }
}
