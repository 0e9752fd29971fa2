/** What `npm run bench` runs, in this order: the file `bench/<name>.ts` with the flags of its npm script. */
export interface Bench {
  readonly name: string;
  /** What the figures of docs/performance.md are measured with. */
  readonly full?: readonly string[];
  /** A smoke test: seconds, and figures that say nothing. */
  readonly quick: readonly string[];
}

export const benches: readonly Bench[] = [
  { name: "deliver", quick: ["1", "--windows", "192"] },
  { name: "latency", quick: ["--rounds", "1", "--seconds", "1", "--stalls", "1"] },
  {
    name: "history",
    full: ["--events", "10000000", "--parked", "1000000"],
    quick: ["--events", "20000", "--parked", "4000", "--rounds", "1", "--seconds", "1"],
  },
  { name: "peers", quick: ["--rounds", "1", "--seconds", "1"] },
  { name: "sick", quick: ["1", "3"] },
  { name: "match", quick: ["20000", "1"] },
  { name: "watch", quick: ["2", "10000"] },
  { name: "hooks", quick: ["1"] },
  { name: "store", quick: ["1", "--window", "200"] },
  { name: "nodes", quick: ["1", "--window", "200"] },
  { name: "s3", quick: ["1"] },
  { name: "start", quick: ["1", "--events", "2000", "--idle", "1"] },
  { name: "lists", quick: ["2000", "5"] },
  { name: "soak", quick: ["0.5"] },
];
