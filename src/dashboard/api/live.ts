import { useEffect, useRef, useSyncExternalStore } from "react";
import { base, tenantChosen } from "./client.ts";
import { type News, streamNews } from "./live-stream.ts";

/**
 * What happens, for all who show it: one stream for the tabs of a browser, which the tab that holds the lock reads and passes on. A tab that
 * is hidden reads nothing, and goes on where it was when it is looked at again. Where there are no locks (plain http under another name than
 * localhost) each tab that is looked at has a stream of its own.
 */

type LiveTopic = "events" | "deliveries" | "invocations" | "redrives";
type LiveState = "off" | "connecting" | "live";

interface Listener {
  readonly topics: readonly LiveTopic[];
  readonly onNews: (news: readonly News[]) => void;
}

type Message =
  | { readonly kind: "wants"; readonly tab: string; readonly topics: readonly LiveTopic[] }
  | { readonly kind: "who" }
  | { readonly kind: "news"; readonly news: readonly News[] }
  | { readonly kind: "state"; readonly state: LiveState; readonly problem: string | undefined };

/** News are handed on so often at the most: a reader sees no more. */
const handOnEveryMs = 250;
const topicOf: Readonly<Record<string, LiveTopic>> = {
  event: "events",
  delivery: "deliveries",
  invocation: "invocations",
  redrive: "redrives",
};

class SharedStream {
  readonly #tab = String(performance.now() + performance.timeOrigin);
  readonly #channel: BroadcastChannel | undefined;
  readonly #name: string;
  readonly #listeners = new Set<Listener>();
  /** Of other tabs. */
  readonly #wanted = new Map<string, readonly LiveTopic[]>();
  readonly #watchers = new Set<() => void>();
  #state: LiveState = "off";
  #problem: string | undefined;
  #cursor: string | undefined;
  /** Has the lock, or waits for it. */
  #leading: AbortController | undefined;
  #holds = false;
  #reading: { readonly key: string; readonly stop: AbortController } | undefined;
  #waiting: News[] = [];
  #handsOn = false;

  constructor(tenant: string) {
    this.#name = `signalbox-live ${base} ${tenant}`;
    this.#channel = "locks" in navigator ? new BroadcastChannel(this.#name) : undefined;
    this.#channel?.addEventListener("message", ({ data }: MessageEvent<Message>) => this.#received(data));
    document.addEventListener("visibilitychange", () => this.#changed());
    window.addEventListener("pagehide", () => this.#tell({ kind: "wants", tab: this.#tab, topics: [] }));
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.#changed();
    return () => {
      this.#listeners.delete(listener);
      this.#changed();
    };
  }

  watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  };

  state = (): LiveState => this.#state;

  /** Why it is refused. */
  problem = (): string | undefined => this.#problem;

  #tell(message: Message): void {
    this.#channel?.postMessage(message);
  }

  #received(message: Message): void {
    switch (message.kind) {
      case "wants":
        this.#wanted.set(message.tab, message.topics);
        if (message.topics.length === 0) this.#wanted.delete(message.tab);
        if (this.#leading !== undefined) this.#read();
        return;
      case "who":
        this.#tell({ kind: "wants", tab: this.#tab, topics: this.#own() });
        return;
      case "news":
        this.#came(message.news);
        return;
      case "state":
        if (this.#own().length > 0) this.#say(message.state, message.problem);
        return;
      default:
        message satisfies never;
    }
  }

  #own(): readonly LiveTopic[] {
    if (document.hidden) return [];
    return [...new Set([...this.#listeners].flatMap(({ topics }) => topics))].toSorted();
  }

  /** Who listens here, or whether anybody looks, is another. */
  #changed(): void {
    const topics = this.#own();
    this.#tell({ kind: "wants", tab: this.#tab, topics });
    if (topics.length === 0) {
      this.#leading?.abort();
      this.#leading = undefined;
      this.#holds = false;
      // Nothing here waits for what comes meanwhile.
      if (this.#listeners.size === 0) this.#cursor = undefined;
      this.#reading?.stop.abort();
      this.#reading = undefined;
      this.#say("off");
      return;
    }
    if (this.#leading !== undefined) this.#read();
    else this.#lead();
  }

  #lead(): void {
    const leading = new AbortController();
    this.#leading = leading;
    if (this.#state === "off") this.#say("connecting");
    if (this.#channel === undefined) {
      this.#read();
      return;
    }
    const held = async (): Promise<void> => {
      if (leading.signal.aborted) return;
      this.#holds = true;
      this.#tell({ kind: "who" });
      this.#read();
      await new Promise((resolve) => leading.signal.addEventListener("abort", resolve, { once: true }));
    };
    // Given up while it waited: another tab has it.
    navigator.locks.request(this.#name, { signal: leading.signal }, held).catch(() => {});
  }

  /** Reads what this and the other tabs want, from where it was. */
  #read(): void {
    if (this.#channel !== undefined && !this.#holds) return;
    const topics = [...new Set([...this.#own(), ...[...this.#wanted.values()].flat()])].toSorted().join(",");
    if (this.#reading?.key === topics) return;
    this.#reading?.stop.abort();
    const stop = new AbortController();
    this.#reading = { key: topics, stop };
    void streamNews({
      query: { topics },
      cursor: this.#cursor,
      signal: stop.signal,
      onNews: (news) => {
        this.#tell({ kind: "news", news });
        this.#came(news);
      },
      onState: (isConnected, problem) => {
        const state = isConnected ? "live" : problem === undefined ? "connecting" : "off";
        this.#tell({ kind: "state", state, problem });
        this.#say(state, problem);
      },
    });
  }

  #came(news: readonly News[]): void {
    this.#cursor = news.at(-1)?.id || this.#cursor;
    if (this.#state !== "live" && this.#own().length > 0) this.#say("live");
    this.#waiting.push(...news);
    if (this.#handsOn) return;
    this.#handsOn = true;
    setTimeout(() => {
      this.#handsOn = false;
      const waiting = this.#waiting.splice(0);
      for (const { topics, onNews } of this.#listeners) {
        const wanted = waiting.filter(({ event }) => event === "gap" || topics.includes(topicOf[event] ?? "events"));
        const shown = wanted.filter(({ event }) => event === "gap" || topicOf[event] !== undefined);
        if (shown.length > 0) onNews(shown);
      }
    }, handOnEveryMs);
  }

  #say(state: LiveState, problem?: string): void {
    if (this.#state === state && this.#problem === problem) return;
    this.#state = state;
    this.#problem = problem;
    for (const watcher of this.#watchers) watcher();
  }
}

const streams = new Map<string, SharedStream>();

function stream(): SharedStream {
  const tenant = tenantChosen() ?? "";
  const known = streams.get(tenant) ?? new SharedStream(tenant);
  streams.set(tenant, known);
  return known;
}

/** Calls `onNews` with what happens, at most four times a second, as long as the component is shown and the tab looked at. */
export function useNews(topics: readonly LiveTopic[], onNews: (news: readonly News[]) => void): void {
  const latest = useRef(onNews);
  useEffect(() => {
    latest.current = onNews;
  });
  const key = topics.join();
  useEffect(() => {
    if (key === "") return undefined;
    return stream().listen({ topics: key.split(",") as LiveTopic[], onNews: (news) => latest.current(news) });
  }, [key]);
}

/** Whether what happens comes to this tab. */
export function useLiveState(): LiveState {
  const shared = stream();
  return useSyncExternalStore(shared.watch, shared.state);
}

/** Why nothing comes to this tab, when the server refuses it. */
export function useLiveProblem(): string | undefined {
  const shared = stream();
  return useSyncExternalStore(shared.watch, shared.problem);
}
