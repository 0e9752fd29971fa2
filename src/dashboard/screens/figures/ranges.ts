/** How much time the charts show, as it stands in the address. */
export const ranges = [
  { name: "1h", ms: 3_600_000, label: "1 hour" },
  { name: "6h", ms: 21_600_000, label: "6 hours" },
  { name: "24h", ms: 86_400_000, label: "24 hours" },
  { name: "7d", ms: 604_800_000, label: "7 days" },
] as const;
export type Range = (typeof ranges)[number];

const steps = {
  "1m": { name: "1m", ms: 60_000 },
  "5m": { name: "5m", ms: 300_000 },
  "1h": { name: "1h", ms: 3_600_000 },
} as const;

/** As fine as is kept: a day of a whole tenant has minutes, of anything less hours. */
export function stepOf({ name }: Range, isWhole: boolean): (typeof steps)[keyof typeof steps] {
  switch (name) {
    case "1h":
      return steps["1m"];
    case "6h":
      return steps["5m"];
    case "24h":
      return isWhole ? steps["5m"] : steps["1h"];
    case "7d":
      return steps["1h"];
    default:
      return name satisfies never;
  }
}

export function rangeOf(name: string | undefined): Range {
  return ranges.find((range) => range.name === name) ?? ranges[0];
}
