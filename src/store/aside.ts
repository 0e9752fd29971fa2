import type { Event } from "../domain/event.ts";
import type { Page } from "./page.ts";

/** `waiting` until its tenant's share of matching lasts; `poisoned`: its dispatch killed the process twice. */
type AsideState = "waiting" | "poisoned";

/** An event that has not been dispatched, although those behind it are. */
export interface AsideEvent {
  readonly event: Event;
  readonly state: AsideState;
  readonly sinceMs: number;
  /** About what its data takes in memory. */
  readonly bytes: number;
}

/** Events that were taken out of their turn, so that the others go on. They stay until they are dispatched, whatever their age. */
export interface AsideEvents {
  /** In order of sequence; `after` is a sequence. No more than a megabyte of them unless the first alone is more. */
  list(query: { readonly tenant: string; readonly state: AsideState }, page: Page<number>): Promise<AsideEvent[]>;
  /** By the event's id. */
  poisoned(tenant: string, id: string): Promise<AsideEvent | undefined>;
  /** Sequences of those between two sequences, these included. */
  among(from: number, to: number): Promise<ReadonlySet<number>>;
  /** Those that have any waiting. */
  tenants(): Promise<string[]>;
  /** Of all tenants, or of one. */
  counts(tenant?: string): Promise<{ readonly waiting: number; readonly poisoned: number }>;
}

export type AsideCondition =
  /** Its dispatch killed the process twice, and it was not redriven since. */
  { readonly if: "event.poisoned"; readonly tenant: string; readonly sequence: number };

export type AsideChange =
  /** Sets events aside that are not dispatched in their turn, or changes why. */
  | {
      readonly do: "event.aside";
      readonly tenant: string;
      readonly sequences: readonly number[];
      readonly state: AsideState;
      readonly atMs: number;
    }
  /** Events that were set aside are dispatched. */
  | { readonly do: "event.done"; readonly sequences: readonly number[] };
