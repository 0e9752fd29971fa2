import { latencyQuantile } from "../domain/latency.ts";

/** Counts, put into steps of time and into series. */

export interface SeriesShape {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly measure: "events" | "attempts" | "delivered" | "dead" | "latency_p50" | "latency_p99";
  readonly by?: "outcome" | "reason" | "face" | "subscription";
}

export interface Series {
  /** Of the outcome, reason or face; a subscription's number; null of what is not divided. */
  readonly name: string | number | null;
  /** Of all steps together; null where there is nothing to tell. */
  readonly total: number | null;
  readonly values: readonly (number | null)[];
}

/** What one row of figures counts. */
interface Counts {
  readonly events?: number;
  readonly attempts: number;
  readonly delivered: number;
  readonly dead: number;
  readonly bands?: readonly number[];
}

/** Series by subscription: those with most, and all others together. */
const mostSeries = 10;
export const otherSeries = "others";

type Steps = number[] | number[][];

export class Tally {
  readonly #shape: SeriesShape;
  readonly #series = new Map<string | number | null, Steps>();

  constructor(shape: SeriesShape) {
    this.#shape = shape;
    const { by, measure } = shape;
    if (by === undefined) this.#of(null);
    if (by === "outcome" && measure === "attempts") for (const name of ["acknowledged", "failed"]) this.#of(name);
  }

  get isLatency(): boolean {
    return this.#shape.measure.startsWith("latency");
  }

  /** @param name of the series, unless it is divided by outcome or not at all. */
  add(atMs: number, counts: Counts, name: string | number | null = null): void {
    const { by, measure } = this.#shape;
    if (by === "outcome") {
      this.#raise("acknowledged", atMs, counts.delivered);
      this.#raise("failed", atMs, counts.attempts - counts.delivered);
      return;
    }
    const series = by === undefined ? null : name;
    if (this.isLatency) this.#merge(series, atMs, counts.bands ?? []);
    else if (measure === "events") this.#raise(series, atMs, counts.events ?? 0);
    else if (measure === "attempts" || measure === "delivered" || measure === "dead") {
      this.#raise(series, atMs, counts[measure]);
    }
  }

  /** The greatest first. */
  series(): Series[] {
    const all = [...this.#series].map(([name, steps]) => this.#told(name, steps));
    const { by } = this.#shape;
    if (by === undefined || by === "outcome") return all;
    const sorted = all.toSorted((one, other) => (other.total ?? 0) - (one.total ?? 0));
    if (sorted.length <= mostSeries || by !== "subscription") return sorted;
    const rest = sorted.slice(mostSeries).flatMap(({ name }) => (name === null ? [] : [this.#series.get(name) ?? []]));
    return [...sorted.slice(0, mostSeries), this.#told(otherSeries, together(rest))];
  }

  #told(name: string | number | null, steps: Steps): Series {
    if (!this.isLatency) {
      const values = steps as number[];
      return { name, total: values.reduce((sum, value) => sum + value, 0), values };
    }
    const q = this.#shape.measure === "latency_p99" ? 0.99 : 0.5;
    const bands = steps as number[][];
    const all: number[] = [];
    for (const one of bands) mergeInto(all, one);
    return {
      name,
      total: latencyQuantile(all, q) ?? null,
      values: bands.map((one) => latencyQuantile(one, q) ?? null),
    };
  }

  #of(name: string | number | null): Steps {
    let steps = this.#series.get(name);
    if (steps === undefined) {
      const { fromMs, toMs, stepMs } = this.#shape;
      const length = Math.round((toMs - fromMs) / stepMs);
      steps = this.isLatency ? Array.from({ length }, () => []) : Array.from({ length }, () => 0);
      this.#series.set(name, steps);
    }
    return steps;
  }

  #step(atMs: number): number | undefined {
    const { fromMs, toMs, stepMs } = this.#shape;
    return atMs < fromMs || atMs >= toMs ? undefined : Math.floor((atMs - fromMs) / stepMs);
  }

  #raise(name: string | number | null, atMs: number, by: number): void {
    const step = this.#step(atMs);
    if (step === undefined || by === 0) return;
    const steps = this.#of(name) as number[];
    steps[step] = (steps[step] ?? 0) + by;
  }

  #merge(name: string | number | null, atMs: number, bands: readonly number[]): void {
    const step = this.#step(atMs);
    if (step === undefined || bands.length === 0) return;
    mergeInto((this.#of(name) as number[][])[step] ?? [], bands);
  }
}

function mergeInto(sum: number[], bands: readonly number[]): void {
  for (const [band, count] of bands.entries()) sum[band] = (sum[band] ?? 0) + count;
}

function together(all: readonly Steps[]): Steps {
  const [first, ...rest] = all;
  if (first === undefined) return [];
  if (Array.isArray(first[0])) {
    const sum = (first as number[][]).map((bands) => [...bands]);
    for (const steps of rest as number[][][])
      for (const [at, bands] of steps.entries()) mergeInto(sum[at] ?? [], bands);
    return sum;
  }
  const sum = [...(first as number[])];
  for (const steps of rest as number[][]) for (const [at, count] of steps.entries()) sum[at] = (sum[at] ?? 0) + count;
  return sum;
}
