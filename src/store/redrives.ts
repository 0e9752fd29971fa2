import type { Uuid } from "../domain/ids.ts";
import type { DeliveryPlace } from "./deliveries.ts";
import type { Page } from "./page.ts";
import type { Redrive, RedriveFilter } from "./records.ts";

/** Jobs that send dead deliveries again. */
export interface Redrives {
  redrive(uuid: Uuid): Promise<Redrive | undefined>;
  /** Newest first; `after` is a uuid. */
  redrives(query: { readonly tenant: string }, page: Page<Uuid>): Promise<Redrive[]>;
  /**
   * Of the next `page.max` dead deliveries of a tenant, oldest event first, how many a redrive with that filter would send again. `next` is
   * where to go on, absent at the end.
   */
  countDead(
    query: { readonly tenant: string; readonly filter: RedriveFilter },
    page: Page<DeliveryPlace>,
  ): Promise<{ readonly wanted: number; readonly next?: DeliveryPlace }>;
  runningRedrives(): Promise<Redrive[]>;
  /** How many dead deliveries a running one still has to look at; `undefined` beyond 200,000, and of one that does not run. */
  redriveLeft(uuid: Uuid): Promise<number | undefined>;
  /** One step of a running redrive in one commit: at most `max` dead deliveries become waiting. Idempotent when done. */
  advanceRedrive(uuid: Uuid, options: { readonly max: number; readonly nowMs: number }): Promise<AdvancedRedrive>;
}

interface AdvancedRedrive {
  /** `done` also when it was cancelled. */
  readonly state: "running" | "done";
  /** Subscriptions that got something to send. */
  readonly subscriptions: readonly number[];
  /** How long the job's pace has the next step wait. */
  readonly waitMs?: number;
}

export type RedriveCondition =
  /** The job has not come to its end, and was not cancelled. */
  { readonly if: "redrive.running"; readonly uuid: Uuid };

export type RedriveChange =
  | { readonly do: "redrive.add"; readonly redrive: Redrive }
  /** A running one takes no more steps; what it sent again stays so. */
  | { readonly do: "redrive.cancel"; readonly uuid: Uuid };
