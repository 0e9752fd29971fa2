/** What charts are made of. */

export type ChartValue = number | null;

export interface ChartSeries {
  readonly name: string;
  readonly tone: "good" | "bad" | "warn" | "accent";
  readonly values: readonly ChartValue[];
  /** Of all steps, as it is shown. */
  readonly total: string;
}
