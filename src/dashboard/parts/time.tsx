import { createContext, useContext, useMemo, useSyncExternalStore } from "react";
import styles from "./time.module.css";

/** Instants as the page shows them: relative where that reads best, exact in the tip, all in one time zone. */

export type Zone = "utc" | "local";

export const ZoneContext = createContext<Zone>("local");

function formatter(zone: Zone): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-GB", {
    dateStyle: "medium",
    timeStyle: "medium",
    ...(zone === "utc" ? { timeZone: "UTC" } : {}),
  });
}

/** With its zone, to the second. */
function exactTime(iso: string, zone: Zone): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const suffix =
    zone === "utc"
      ? "UTC"
      : (new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" })
          .formatToParts(date)
          .find(({ type }) => type === "timeZoneName")?.value ?? "");
  return `${formatter(zone).format(date)} ${suffix}`;
}

const units: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
];

/** `3 minutes ago`, `in 5 seconds`, `now`. */
function relativeTime(iso: string, nowMs: number): string {
  const differenceMs = new Date(iso).getTime() - nowMs;
  const unit = units.find(([, ms]) => Math.abs(differenceMs) >= ms);
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
  return unit === undefined ? words.format(0, "second") : words.format(Math.trunc(differenceMs / unit[1]), unit[0]);
}

/** Every ten seconds, while the page is looked at. */
function onTick(moved: () => void): () => void {
  const timer = setInterval(() => {
    if (!document.hidden) moved();
  }, 10_000);
  return () => clearInterval(timer);
}

/** Moves on with each tick, and is of this second whenever something is drawn: what came since the last tick lies in no future. */
function useNow(): number {
  return useSyncExternalStore(onTick, thisSecond);
}

function thisSecond(): number {
  return Math.floor(Date.now() / 1_000) * 1_000;
}

export function Time({ at, exact = false }: { readonly at: string; readonly exact?: boolean }) {
  const zone = useContext(ZoneContext);
  const nowMs = useNow();
  const whole = exactTime(at, zone);
  return (
    <time className={styles["time"]} dateTime={at} title={exact ? relativeTime(at, nowMs) : whole}>
      {exact ? whole : relativeTime(at, nowMs)}
    </time>
  );
}

/** In every time zone a day begins with one of these. */
const quarterMs = 900_000;

function thisQuarter(): number {
  return Math.floor(Date.now() / quarterMs);
}

/** For lists: the time of the day, and the day where that is not today. Made once for many rows. */
export function useClock(): (iso: string) => string {
  const zone = useContext(ZoneContext);
  const quarter = useSyncExternalStore(onTick, thisQuarter);
  return useMemo(() => {
    const at = zone === "utc" ? { timeZone: "UTC" } : {};
    const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", ...at });
    const year = new Intl.DateTimeFormat("en-GB", { year: "numeric", ...at });
    const time = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", ...at });
    const now = new Date(quarter * quarterMs);
    const [today, thisYear] = [day.format(now), year.format(now)];
    return (iso) => {
      const date = new Date(iso);
      if (Number.isNaN(date.getTime())) return iso;
      const [on, inYear] = [day.format(date), year.format(date)];
      if (inYear !== thisYear) return `${on} ${inYear} ${time.format(date)}`;
      return on === today ? time.format(date) : `${on} ${time.format(date)}`;
    };
  }, [zone, quarter]);
}

/** `12 ms`, `1.2 s`, `3 min`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toLocaleString("en", { maximumFractionDigits: 1 })} s`;
  if (ms < 3_600_000) return `${Math.round(ms / 60_000)} min`;
  return `${(ms / 3_600_000).toLocaleString("en", { maximumFractionDigits: 1 })} h`;
}

const byteUnits = ["B", "KiB", "MiB", "GiB", "TiB"];

/** `1.5 MiB`, of 1,024 each. */
export function bytes(count: number): string {
  const step = count < 1 ? 0 : Math.min(byteUnits.length - 1, Math.floor(Math.log2(count) / 10));
  const value = (count / 1_024 ** step).toLocaleString("en", { maximumFractionDigits: step === 0 ? 0 : 1 });
  return `${value} ${byteUnits[step]}`;
}
