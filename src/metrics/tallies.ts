import { Counter, type Metric, type Registry } from "prom-client";

/**
 * What is counted for every delivery: plain numbers, which become metrics of the registry only when they are read. To count one is an
 * addition; through the registry's own metrics it was a tenth of a microsecond and more.
 */

interface Described {
  readonly name: string;
  readonly help: string;
}

/** A counter: returns how to add to it. */
export function tally(registry: Registry, described: Described): (count: number) => void {
  let added = 0;
  const counter = new Counter({
    ...described,
    registers: [],
    collect() {
      this.inc(added);
      added = 0;
    },
  });
  registry.registerMetric(counter);
  return (count) => {
    added += count;
  };
}

/** A counter by one label, each of whose values is shown from the start: one that appears with its first count has no increase to be alarmed by. */
export function talliesBy<Value extends string>(
  registry: Registry,
  described: Described,
  { label, values }: { readonly label: string; readonly values: readonly Value[] },
): (value: Value, count: number) => void {
  const added = new Map<Value, number>(values.map((value) => [value, 0]));
  const counter = new Counter({
    ...described,
    labelNames: [label],
    registers: [],
    collect() {
      for (const [value, count] of added) {
        this.inc({ [label]: value }, count);
        added.set(value, 0);
      }
    },
  });
  registry.registerMetric(counter);
  return (value, count) => void added.set(value, (added.get(value) ?? 0) + count);
}

/** A histogram without labels: returns how to observe. */
export function observations(
  registry: Registry,
  described: Described,
  bounds: readonly number[],
): (value: number) => void {
  /** By bound, and beyond the last. */
  const counts = new Float64Array(bounds.length + 1);
  let sum = 0;
  // The registry asks a metric for its values and writes them; what a metric of its own counts with is not asked for.
  const metric = {
    ...described,
    get: async () => ({
      ...described,
      type: "histogram",
      aggregator: "sum",
      values: valuesOf(described.name, { bounds, counts, sum }),
    }),
  };
  registry.registerMetric(metric as unknown as Metric);
  return (value) => {
    let at = 0;
    while (at < bounds.length && value > (bounds[at] ?? 0)) at += 1;
    counts[at] = (counts[at] ?? 0) + 1;
    sum += value;
  };
}

interface Observed {
  readonly bounds: readonly number[];
  readonly counts: Float64Array;
  readonly sum: number;
}

function valuesOf(name: string, { bounds, counts, sum }: Observed) {
  let below = 0;
  const buckets = bounds.map((bound, at) => {
    below += counts[at] ?? 0;
    return { metricName: `${name}_bucket`, labels: { le: bound }, value: below };
  });
  const count = below + (counts[bounds.length] ?? 0);
  return [
    ...buckets,
    { metricName: `${name}_bucket`, labels: { le: "+Inf" }, value: count },
    { metricName: `${name}_sum`, labels: {}, value: sum },
    { metricName: `${name}_count`, labels: {}, value: count },
  ];
}
