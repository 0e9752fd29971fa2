/** What a check has to say about a data folder. */
export interface Finding {
  /** `damage`: something is lost or will not work as it is; `note`: good to know. */
  readonly level: "damage" | "note";
  readonly what: string;
  readonly remedy: string;
}
