import type { Readable } from "node:stream";
import { sleep } from "../../clock.ts";
import type { Context } from "../../context.ts";
import { managesTenant, type Principal } from "../../domain/access.ts";
import { asError, SignalboxError } from "../../errors.ts";
import type { LiveAudience } from "./audience.ts";
import { LiveCursors } from "./cursors.ts";
import type { LiveItem, LivePlace } from "./item.ts";
import { newestPlace } from "./load.ts";
import { type PumpDeps, pump } from "./pump.ts";
import { frame, LiveReader } from "./reader.ts";
import { FollowingShare } from "./share.ts";
import { LiveSight } from "./sight.ts";
import { LiveTail } from "./tail.ts";
import { type LiveFilter, readWanted } from "./wanted.ts";

/** Streams at once: of a principal, of a tenant, and in all. */
const most = { principal: 32, tenant: 128, all: 512 };
/** What happened since is given this often: a person sees no difference, and a stream costs ten writes a second. */
const giveEveryMs = 100;
/** It is asked this often whether a reader still may. */
const judgeEveryMs = 2_000;
const beatEveryMs = 15_000;
/** A reader whose stream was ended by a stop comes back after this. */
const retryMs = 1_000;

interface LiveRequest {
  readonly caller: Principal;
  /** Who asks at this moment. Rejects when that has ended. */
  readonly again: () => Promise<Principal>;
  readonly filter: LiveFilter;
  /** From where on: by default from now; `oldest`: from the oldest that is kept. */
  readonly cursor?: string | undefined;
  /** Where it ends: by default never; `now`: with what has happened. */
  readonly until?: string | undefined;
  readonly show: (item: LiveItem) => unknown;
  /** The same for what shows alike. */
  readonly showing: string;
  /** Aborts when the caller is gone. */
  readonly signal: AbortSignal;
}

interface Open {
  readonly reader: LiveReader;
  readonly request: LiveRequest;
  judgedMs: number;
  beatMs: number;
  isPumped: boolean;
}

/**
 * What happens, as streams of server-sent events that go on where they were cut: across reconnections, slow readers and kills of the process.
 * Nothing of it is in the way of what happens: the store is asked, ten times a second as long as there are readers, within a small share of the
 * thread's time.
 */
export class Live {
  readonly #deps: Pick<Context, "store" | "slices" | "clock" | "log">;
  readonly #stopping: AbortSignal;
  readonly #cursors: LiveCursors;
  readonly #open = new Set<Open>();
  readonly #tail: LiveTail;
  readonly #backlog = { characters: 0 };
  readonly #share = new FollowingShare();
  #runs = false;

  /** @param stopping ends all streams. */
  constructor(deps: Pick<Context, "store" | "slices" | "clock" | "log" | "vault">, stopping: AbortSignal) {
    this.#deps = deps;
    this.#stopping = stopping;
    this.#cursors = new LiveCursors(deps.vault);
    this.#tail = new LiveTail({ store: deps.store, cursors: this.#cursors, share: this.#share });
    stopping.addEventListener("abort", () => this.#end(), { once: true });
  }

  /**
   * @throws SignalboxError `invalid_request` for a filter or cursor; `forbidden` for topics that the caller may not follow;
   * `too_many_requests` when there are too many streams; `unavailable` while the process stops.
   */
  async stream(request: LiveRequest): Promise<Readable> {
    const { caller, filter, signal } = request;
    this.#judgeRoom(caller);
    const audience = await this.#audience(request);
    const cursor = (place: LivePlace): string => this.#cursors.give(caller.tenant, place);
    const from =
      request.cursor === undefined ? await this.#tail.place() : this.#place(caller, request.cursor, "cursor");
    const until =
      request.until === undefined
        ? undefined
        : request.until === "now"
          ? await newestPlace(this.#deps.store)
          : this.#place(caller, request.until, "until");
    if (signal.aborted || this.#stopping.aborted) throw new SignalboxError("unavailable", "the server is stopping");
    this.#judgeRoom(caller);
    const reader = new LiveReader(from, cursor, this.#backlog);
    const nowMs = this.#deps.clock.steady();
    const open: Open = { reader, request, judgedMs: nowMs, beatMs: nowMs, isPumped: true };
    this.#open.add(open);
    reader.stream.once("close", () => this.#open.delete(open));
    reader.say(`retry: ${retryMs}\n${frame("open", { topics: filter.topics ?? [...audience.topics] }, cursor(from))}`);
    reader.flush();
    const sight = new LiveSight(this.#deps.store, caller);
    void this.#pump(open, { audience, sight, until });
    this.#run();
    return reader.stream;
  }

  #place({ tenant }: Principal, cursor: string, path: string): LivePlace {
    return cursor === "oldest" ? { events: 0, news: 0 } : this.#cursors.take(tenant, cursor, path);
  }

  async #audience({ caller, filter, show, showing, signal }: LiveRequest): Promise<LiveAudience> {
    const isRefused = !managesTenant(caller);
    if (isRefused && filter.topics?.includes("invocations") === true) {
      throw new SignalboxError("forbidden", "topics: invocations are for developers and admins: leave them out");
    }
    const wanted = await readWanted(this.#deps, caller, filter, signal);
    const topics = new Set([...wanted.topics].filter((topic) => !isRefused || topic !== "invocations"));
    return { wanted, topics, show, key: `${showing}\n${wanted.key}` };
  }

  #judgeRoom({ tenant, name }: Principal): void {
    const ofTenant = [...this.#open].filter(({ request }) => request.caller.tenant === tenant);
    const own = ofTenant.filter(({ request }) => request.caller.name === name).length;
    if (own >= most.principal) throw tooMany(`you have ${own} live streams`, "end one of them");
    if (ofTenant.length >= most.tenant) throw tooMany(`this tenant has ${most.tenant} live streams`, "try again later");
    if (this.#open.size >= most.all) throw tooMany(`this server has ${most.all} live streams`, "try again later");
  }

  async #pump(
    open: Open,
    of: { readonly audience: LiveAudience; readonly sight: LiveSight; readonly until: LivePlace | undefined },
  ): Promise<void> {
    const { reader, request } = open;
    const { audience, sight, until } = of;
    const deps: PumpDeps = {
      ...this.#deps,
      cursors: this.#cursors,
      share: this.#share,
      tail: this.#tail,
      pumps: () => [...this.#open].filter(({ isPumped }) => isPumped).length,
    };
    const pumped = { reader, caller: request.caller, audience, sight, ...(until === undefined ? {} : { until }) };
    try {
      await pump(deps, pumped);
      if (until !== undefined) reader.end(frame("end", { code: "done", message: "that is all" }));
    } catch (thrown) {
      this.#deps.log.error({ error: asError(thrown).message }, "a live stream ended");
      reader.end(frame("end", { code: "internal", message: "something went wrong: open it again" }));
    } finally {
      open.isPumped = false;
    }
  }

  /** Goes on as long as there are readers. */
  #run(): void {
    if (this.#runs) return;
    this.#runs = true;
    const run = async (): Promise<void> => {
      try {
        while (this.#open.size > 0) {
          await sleep(this.#deps.clock, giveEveryMs, this.#stopping);
          if (this.#stopping.aborted) break;
          await this.#tail.advance(giveEveryMs);
          for (const open of this.#open) await this.#look(open);
        }
      } finally {
        this.#runs = false;
      }
    };
    run().catch((thrown: unknown) => {
      this.#deps.log.error({ error: asError(thrown).message }, "live streams ended");
      for (const { reader } of this.#open) {
        reader.end(frame("end", { code: "internal", message: "something went wrong: open it again" }));
      }
    });
  }

  /** Whether it still may, and whether it has to be shown that the connection is alive. */
  async #look(open: Open): Promise<void> {
    const nowMs = this.#deps.clock.steady();
    const { reader, request } = open;
    if (nowMs - open.beatMs >= beatEveryMs) {
      open.beatMs = nowMs;
      reader.beat();
    }
    if (nowMs - open.judgedMs < judgeEveryMs) return;
    open.judgedMs = nowMs;
    const { caller } = request;
    try {
      const { name, role, tenant } = await request.again();
      if (name === caller.name && role === caller.role && tenant === caller.tenant) return;
      reader.end(frame("end", { code: "changed", message: "your role is another now: open it again" }));
    } catch (thrown) {
      const { code, message } = thrown instanceof SignalboxError ? thrown : { code: "internal", message: "try again" };
      reader.end(frame("end", { code, message }));
    }
  }

  #end(): void {
    for (const { reader } of this.#open) {
      reader.end(
        `retry: ${retryMs}\n${frame("end", { code: "stopping", message: "the server is stopping: come back with the last id" })}`,
      );
    }
  }
}

function tooMany(what: string, remedy: string): SignalboxError {
  return new SignalboxError("too_many_requests", `${what}: ${remedy}`);
}
