import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useCallback, useMemo } from "react";
import { type Answer, call } from "../../api/client.ts";
import { reaches, useSelf } from "../../api/session.ts";
import { Chart } from "../../parts/chart/chart.tsx";
import type { ChartSeries } from "../../parts/chart/series.ts";
import { Loading, Problem } from "../../parts/notice.tsx";
import { duration, Time } from "../../parts/time.tsx";
import styles from "./figures.module.css";
import { type Range, stepOf } from "./ranges.ts";

type Stats = Answer<"listStats">;
type Measure = Stats["measure"];

interface FiguresProps {
  readonly tenant: string;
  readonly range: Range;
  /** Of one subscription alone, by id. */
  readonly rule?: string;
}

/** What was accepted and sent over time, and how long it took. */
export function Figures({ tenant, range, rule }: FiguresProps) {
  const self = useSelf();
  const isWhole = reaches(self, "admin") && rule === undefined;
  const asked = { range, step: stepOf(range, isWhole), ...(rule === undefined ? {} : { rule }) };
  const events = useStats({ ...asked, measure: "events" }, isWhole);
  const attempts = useStats({ ...asked, measure: "attempts", by: "outcome" });
  const half = useStats({ ...asked, measure: "latency_p50" });
  const most = useStats({ ...asked, measure: "latency_p99" });
  const pick = usePick({
    tenant,
    at: attempts.data?.at,
    stepMs: asked.step.ms,
    ...(rule === undefined ? {} : { rule }),
  });
  const sent = useMemo(() => (attempts.data === undefined ? [] : outcomes(attempts.data)), [attempts.data]);
  const accepted = useMemo(() => (events.data === undefined ? [] : [total(events.data)]), [events.data]);
  const took = useMemo(() => [...latency(half.data, "p50"), ...latency(most.data, "p99")], [half.data, most.data]);
  const failed = [attempts, half, most, ...(isWhole ? [events] : [])].find(({ isError }) => isError);
  if (failed !== undefined) return <Problem error={failed.error} onRetry={() => void failed.refetch()} />;
  if (attempts.data === undefined || half.data === undefined || most.data === undefined) return <Loading rows={6} />;
  const note = noteOf(attempts.data);
  return (
    <div className={styles["charts"]}>
      {events.data !== undefined && (
        <Chart title="Events" at={events.data.at} series={accepted} kind="bars" shown={count} {...pick} />
      )}
      <Chart title="Attempts" at={attempts.data.at} series={sent} kind="bars" shown={count} note={note} {...pick} />
      <Chart title="Latency" at={half.data.at} series={took} kind="lines" shown={duration} {...pick} />
    </div>
  );
}

interface Asked {
  readonly range: Range;
  readonly step: { readonly name: Stats["step"]; readonly ms: number };
  readonly measure: Measure;
  readonly by?: "outcome";
  readonly rule?: string;
}

function useStats({ range, step, measure, by, rule }: Asked, enabled = true) {
  return useQuery({
    queryKey: ["listStats", range.name, step.name, measure, by, rule],
    queryFn: ({ signal }) => {
      const to = new Date();
      const from = new Date(to.getTime() - range.ms + step.ms);
      const query = { from: from.toISOString(), to: to.toISOString(), step: step.name, measure };
      return call(
        "listStats",
        { query: { ...query, ...(by === undefined ? {} : { by }), ...(rule === undefined ? {} : { rule }) } },
        { signal },
      );
    },
    enabled,
    placeholderData: keepPreviousData,
    refetchInterval: Math.max(10_000, Math.min(step.ms, 60_000)),
  });
}

function outcomes({ series }: Stats): ChartSeries[] {
  const of = (name: string, tone: ChartSeries["tone"]): ChartSeries => {
    const found = series.find((one) => one.name === name);
    return { name, tone, values: found?.values ?? [], total: count(found?.total ?? 0) };
  };
  return [of("failed", "bad"), of("acknowledged", "good")];
}

function total({ series }: Stats): ChartSeries {
  const [all] = series;
  return { name: "accepted", tone: "accent", values: all?.values ?? [], total: count(all?.total ?? 0) };
}

function latency(stats: Stats | undefined, name: "p50" | "p99"): ChartSeries[] {
  if (stats === undefined) return [];
  const [all] = stats.series;
  const whole = all?.total;
  return [
    {
      name,
      tone: name === "p50" ? "accent" : "warn",
      values: all?.values ?? [],
      total: typeof whole === "number" ? duration(whole) : "–",
    },
  ];
}

function count(value: number): string {
  return value.toLocaleString("en", value >= 10_000 ? { notation: "compact", maximumFractionDigits: 1 } : {});
}

function noteOf({ counted_since: since }: Stats) {
  if (since === null) return undefined;
  return (
    <>
      All is counted since <Time at={since} exact />.
    </>
  );
}

interface Picked {
  readonly tenant: string;
  readonly at: readonly string[] | undefined;
  readonly stepMs: number;
  readonly rule?: string;
}

/** A step leads to the deliveries of its time. */
function usePick({ tenant, at, stepMs, rule }: Picked) {
  const navigate = useNavigate();
  const searchOf = useCallback(
    (index: number) => {
      const since = at?.[index] ?? "";
      const until = new Date(Date.parse(since) + stepMs).toISOString();
      return { since, until, ...(rule === undefined ? {} : { rule }) };
    },
    [at, stepMs, rule],
  );
  const onPick = useCallback(
    (index: number) => void navigate({ to: "/t/$tenant/deliveries", params: { tenant }, search: searchOf(index) }),
    [navigate, searchOf, tenant],
  );
  const linkTo = (index: number, text: ReactNode) => (
    <Link to="/t/$tenant/deliveries" params={{ tenant }} search={searchOf(index)}>
      {text}
    </Link>
  );
  return { onPick, linkTo };
}
