import { lazy, type ReactNode, Suspense, useContext, useState } from "react";
import { Time, ZoneContext } from "../time.tsx";
import styles from "./chart.module.css";
import type { ChartSeries, ChartValue } from "./series.ts";

/** Figures over time: a drawing, what they come to, and the same figures as a table, for who cannot see or point. */

interface ChartProps {
  readonly title: string;
  /** When each step begins; the values are of these. */
  readonly at: readonly string[];
  /** Bars stand on one another, the last at the bottom. */
  readonly series: readonly ChartSeries[];
  readonly kind: "bars" | "lines";
  /** How a value is shown; the same function each time. */
  readonly shown: (value: number) => string;
  /** What is wrong with them, or not known. */
  readonly note?: ReactNode;
  /** Where a step leads to: the same function each time. */
  readonly onPick?: ((index: number) => void) | undefined;
  /** The same as a link, for the table. */
  readonly linkTo?: (index: number, text: ReactNode) => ReactNode;
}

const Plot = lazy(async () => ({ default: (await import("./plot.tsx")).Plot }));

export function Chart({ title, at, series, kind, shown, note, onPick, linkTo }: ChartProps) {
  const zone = useContext(ZoneContext);
  const [hovered, setHovered] = useState<number>();
  const [isOpen, setOpen] = useState(false);
  const isEmpty = series.every(({ values }) => values.every((value) => (value ?? 0) === 0));
  const time = hovered === undefined ? undefined : at[hovered];
  return (
    <figure className={styles["figure"]} aria-label={title}>
      <figcaption className={styles["caption"]}>
        <h2>{title}</h2>
        <ul className={styles["legend"]}>
          {series.map(({ name, tone, total }) => (
            <li key={name}>
              <span className={`${styles["swatch"]} ${styles[tone]}`} aria-hidden="true" />
              {name} <strong>{total}</strong>
            </li>
          ))}
        </ul>
      </figcaption>
      <div className={styles["plot"]}>
        {isEmpty ? (
          <p className={styles["nothing"]}>Nothing in this time.</p>
        ) : (
          <Suspense fallback={null}>
            <Plot at={at} series={series} kind={kind} zone={zone} shown={shown} onHover={setHovered} onPick={onPick} />
          </Suspense>
        )}
      </div>
      {note !== undefined && <p className={styles["note"]}>{note}</p>}
      <p className={styles["hovered"]} aria-hidden="true">
        {hovered !== undefined && time !== undefined && (
          <>
            <Time at={time} exact />:{" "}
            {series.map(({ name, values }) => `${name} ${textOf(values[hovered], shown)}`).join(" · ")}
          </>
        )}
      </p>
      {!isEmpty && (
        <details className={styles["details"]} onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary>As a table</summary>
          {isOpen && (
            <div className={styles["scroll"]} tabIndex={0} role="region" aria-label={`${title}, as a table`}>
              <table aria-label={title}>
                <thead>
                  <tr>
                    <th scope="col">From</th>
                    {series.map(({ name }) => (
                      <th key={name} scope="col">
                        {name}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {rowsOf(at, series).map(({ index, iso }) => (
                    <tr key={iso}>
                      <th scope="row">
                        {linkTo === undefined ? <Time at={iso} exact /> : linkTo(index, <Time at={iso} exact />)}
                      </th>
                      {series.map(({ name, values }) => (
                        <td key={name}>{textOf(values[index], shown)}</td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </details>
      )}
    </figure>
  );
}

/** Steps in which there was nothing are left out; the newest comes first. */
function rowsOf(at: readonly string[], series: readonly ChartSeries[]) {
  return at
    .map((iso, index) => ({ iso, index }))
    .filter(({ index }) => series.some(({ values }) => (values[index] ?? 0) !== 0))
    .toReversed();
}

function textOf(value: ChartValue | undefined, shown: (value: number) => string): string {
  return value === null || value === undefined ? "–" : shown(value);
}
