import { useEffect, useRef } from "react";
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Zone } from "../time.tsx";
import type { ChartSeries, ChartValue } from "./series.ts";

interface PlotProps {
  readonly at: readonly string[];
  readonly series: readonly ChartSeries[];
  readonly kind: "bars" | "lines";
  readonly zone: Zone;
  readonly shown: (value: number) => string;
  readonly onHover: (index: number | undefined) => void;
  readonly onPick: ((index: number) => void) | undefined;
}

const height = 132;
/** Bars count things, of which there are no halves. */
const wholeSteps = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();

/** The drawing itself. It is decoration to screen readers, who have the table. */
export function Plot({ at, series, kind, zone, shown, onHover, onPick }: PlotProps) {
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const drawn = { plot: undefined as UPlot | undefined };
    const draw = (): void => {
      drawn.plot?.destroy();
      const colours = coloursOf(element);
      const data = [at.map((iso) => Date.parse(iso) / 1_000), ...stacked(series, kind)] as UPlot.AlignedData;
      drawn.plot = new UPlot(
        {
          width: Math.max(1, element.clientWidth),
          height,
          legend: { show: false },
          cursor: { y: false, drag: { x: false, y: false }, points: { show: kind === "lines" } },
          tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1_000), zone === "utc" ? "Etc/UTC" : ownZone()),
          scales: {
            x: { time: true, range: () => spanOf(at) },
            y: { range: (_, _low, high) => [0, high > 0 ? high * 1.1 : 1] },
          },
          axes: [
            { ...axis(colours), size: 26, space: 70, values: timesOf(zone) },
            {
              ...axis(colours),
              size: 52,
              space: 34,
              values: (_, values) => values.map((value) => shown(value)),
              ...(kind === "bars" ? { incrs: wholeSteps } : {}),
            },
          ],
          series: [
            {},
            ...series.map(({ name, tone }) => ({
              label: name,
              stroke: colours[tone],
              spanGaps: false,
              points: { show: false },
              ...(kind === "bars"
                ? { fill: colours[tone], width: 0, ...bars }
                : { width: 2 / devicePixelRatio, points: { show: true, size: 4 } }),
            })),
          ],
          hooks: { setCursor: [(plot) => onHover(plot.cursor.idx ?? undefined)] },
        },
        data,
        element,
      );
    };
    draw();
    const pick = (): void => {
      const index = drawn.plot?.cursor.idx;
      if (typeof index === "number") onPick?.(index);
    };
    element.addEventListener("click", pick);
    const sized = new ResizeObserver(() => drawn.plot?.setSize({ width: Math.max(1, element.clientWidth), height }));
    sized.observe(element);
    const themed = new MutationObserver(draw);
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => {
      element.removeEventListener("click", pick);
      sized.disconnect();
      themed.disconnect();
      drawn.plot?.destroy();
    };
  }, [at, series, kind, zone, shown, onHover, onPick]);
  return (
    <div ref={frame} aria-hidden="true" style={{ height, cursor: onPick === undefined ? "default" : "pointer" }} />
  );
}

/** To the end of the last step. */
function spanOf(at: readonly string[]): [number, number] {
  const [first = 0, second = first + 60] = at.map((iso) => Date.parse(iso) / 1_000);
  return [first, first + at.length * (second - first)];
}

const bars = UPlot.paths.bars === undefined ? {} : { paths: UPlot.paths.bars({ size: [0.82, 40], align: 1 }) };

/** Bars stand on one another: the first that is drawn is all of them together. */
function stacked(series: readonly ChartSeries[], kind: PlotProps["kind"]): ChartValue[][] {
  if (kind === "lines") return series.map(({ values }) => [...values]);
  return series.map((_, first) =>
    (series[first]?.values ?? []).map((_value, index) =>
      series.slice(first).reduce((sum, { values }) => sum + (values[index] ?? 0), 0),
    ),
  );
}

function ownZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Of the clock within a day, of the calendar where a day begins. */
function timesOf(zone: Zone): UPlot.Axis.Values {
  const timeZone = zone === "utc" ? { timeZone: "UTC" } : {};
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", ...timeZone });
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", ...timeZone });
  return (_, splits) =>
    splits.map((seconds) => {
      const text = clock.format(seconds * 1_000);
      return text === "00:00" ? day.format(seconds * 1_000) : text;
    });
}

type Colours = Readonly<Record<ChartSeries["tone"] | "line" | "ink", string>>;

function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    good: token("good"),
    bad: token("bad"),
    warn: token("warn"),
    accent: token("accent"),
    line: token("line"),
    ink: token("ink-3"),
  };
}

function axis({ line, ink }: Colours): UPlot.Axis {
  return {
    stroke: ink,
    font: "11px system-ui, sans-serif",
    grid: { stroke: line, width: 1 / devicePixelRatio },
    ticks: { show: false },
  };
}
