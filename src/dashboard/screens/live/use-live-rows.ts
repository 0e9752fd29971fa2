import { useCallback, useEffect, useRef, useState } from "react";
import { useLiveProblem, useNews } from "../../api/live.ts";
import { type LiveQuery, type News, streamNews } from "../../api/live-stream.ts";

/** What the live screen shows: the newest of what came, first. */

export type LiveTopicName = "events" | "deliveries" | "invocations" | "redrives";

/** That are kept: more than anyone looks through. */
const mostRows = 500;
/** The rate is that of so long. */
const rateMs = 2_000;
const showEveryMs = 250;

interface Rows {
  readonly rows: readonly News[];
  /** Items a second. */
  readonly rate: number;
  /** How many came while it stood still. */
  readonly held: number;
  /** Why it cannot be followed. */
  readonly problem: string | undefined;
  readonly load: (gap: News) => void;
}

/** @param where a filter: what it narrows comes by a stream of its own. */
export function useLiveRows(topics: readonly LiveTopicName[], where: string, isPaused: boolean): Rows {
  const [rows, setRows] = useState<readonly News[]>([]);
  const [held, setHeld] = useState<readonly News[]>([]);
  const [rate, setRate] = useState(0);
  const [problem, setProblem] = useState<string>();
  const shared = useLiveProblem();
  const lately = useRef<{ readonly atMs: number; readonly count: number }[]>([]);
  const came = useCallback(
    (news: readonly News[]) => {
      const items = news.filter(({ event }) => event !== "open" && event !== "beat" && event !== "end");
      const nowMs = performance.now();
      const missed = items.reduce((sum, { event, data }) => sum + (event === "gap" ? Number(data["missed"]) : 1), 0);
      lately.current.push({ atMs: nowMs, count: missed });
      if (items.length === 0) return;
      (isPaused ? setHeld : setRows)((before) => [...items.toReversed(), ...before].slice(0, mostRows));
    },
    [isPaused],
  );
  useEffect(() => {
    const timer = setInterval(() => {
      const sinceMs = performance.now() - rateMs;
      lately.current = lately.current.filter(({ atMs }) => atMs >= sinceMs);
      setRate(Math.round((lately.current.reduce((sum, { count }) => sum + count, 0) * 1_000) / rateMs));
    }, 1_000);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    if (isPaused) return;
    setHeld((waiting) => {
      if (waiting.length > 0) setRows((before) => [...waiting, ...before].slice(0, mostRows));
      return [];
    });
  }, [isPaused]);
  useNews(where === "" ? topics : [], came);
  useOwnStream(where === "" ? undefined : { topics: topics.join(), where }, came, setProblem);
  const load = (gap: News): void => {
    const found: News[] = [];
    void streamNews({
      query: { ...(where === "" ? {} : { where }), topics: topics.join(), until: String(gap.data["until"]) },
      cursor: String(gap.data["cursor"]),
      signal: AbortSignal.timeout(30_000),
      onNews: (news) => found.push(...news.filter(({ event }) => event !== "open" && event !== "end")),
      onState: () => {},
    }).then(() => {
      setRows((before) => before.flatMap((row) => (row === gap ? found.toReversed() : [row])).slice(0, mostRows * 4));
    });
  };
  return { rows, rate, held: held.length, problem: where === "" ? shared : problem, load };
}

/** A stream of this screen alone, as long as the tab is looked at. */
function useOwnStream(
  query: LiveQuery | undefined,
  onNews: (news: readonly News[]) => void,
  onProblem: (problem: string | undefined) => void,
): void {
  const key = query === undefined ? "" : JSON.stringify(query);
  const latest = useRef(onNews);
  useEffect(() => {
    latest.current = onNews;
  });
  useEffect(() => {
    if (key === "") return undefined;
    let cursor: string | undefined;
    let stop: AbortController | undefined;
    let waiting: News[] = [];
    const read = (): void => {
      stop?.abort();
      stop = undefined;
      if (document.hidden) return;
      stop = new AbortController();
      void streamNews({
        query: JSON.parse(key) as LiveQuery,
        cursor,
        signal: stop.signal,
        onNews: (news) => {
          cursor = news.at(-1)?.id || cursor;
          waiting.push(...news);
        },
        onState: (_, problem) => onProblem(problem),
      });
    };
    const timer = setInterval(() => {
      if (waiting.length === 0) return;
      latest.current(waiting);
      waiting = [];
    }, showEveryMs);
    document.addEventListener("visibilitychange", read);
    read();
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", read);
      stop?.abort();
    };
  }, [key, onProblem]);
}
