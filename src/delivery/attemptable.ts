import type { DeliveryRecord, DueDelivery } from "../domain/delivery.ts";
import type { Event } from "../domain/event.ts";
import type { InLine } from "./line.ts";

/** Gets to know what came of a delivery: `undefined` when it was cancelled, and there is nothing to record. */
export interface OutcomeTaker {
  ended(record: DeliveryRecord | undefined): void;
}

/** What can be attempted, alone or with others. */
export interface Attemptable {
  readonly due: DueDelivery;
  readonly to: OutcomeTaker;
}

/** A first delivery, as its lane knows it from the moment it is handed over until what first came of it is durable. */
export interface First extends InLine, Attemptable {
  readonly event: Event;
  /** Makes its first attempt. */
  begin(): void;
  /** Its first attempt was begun with those of others. */
  began(nowMs: number): void;
  /** Puts it into the store. */
  park(): void;
  /** If it has been under way for long, the store is told that it waits. */
  recordLong(nowMs: number): void;
}
