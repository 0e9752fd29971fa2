import type { DeliveryRecord } from "../domain/delivery.ts";
import type { Event } from "../domain/event.ts";

/** An event on its way to dispatch. */
export interface FedEvent {
  readonly event: Event;
  /** It may have been dispatched before, wholly or in part: the dispatcher looks up what is recorded. */
  readonly again: boolean;
  /** About what its data takes in memory. */
  readonly bytes: number;
  /** It was set aside: the feed knows it as done, and it is when it is no longer aside. */
  readonly aside?: true;
}

/** What has become of some events and deliveries. */
export interface Settlement {
  /** Outcomes, each with its delivery; what they announce becomes durable with them. */
  readonly records: readonly DeliveryRecord[];
  /** Sequences of events whose every first outcome is in this or an earlier settlement. */
  readonly done: readonly number[];
}

/** One that hears what became of it: there is one for each delivery, which is too many for promises. */
export interface ToldSettlement extends Settlement {
  /** Called once, after what heeds all of them. Not `durable`: it was given up, as the process stops. */
  settled(durable: boolean): void;
}

/** Who knows for whom outcomes are announced. */
export interface Observers {
  /** Up to which all that is to be known is known; `undefined` where no other process adds to it: then there is nothing to ask. */
  readonly revision: number | undefined;
  /** Reads what others have added; whether there was anything. */
  renew(): Promise<boolean>;
  /** The record with an announcement that it lacks, as of what is known now. */
  announced(record: DeliveryRecord): DeliveryRecord;
}

/**
 * Hands committed events to dispatchers, each event to one of them at a time, until it is done; after a crash those that
 * were not done come again. Wake-ups are hints: `next` is correct by looking at the store alone.
 */
export interface Feed {
  /**
   * At least one and at most `max` events in order of sequence, as soon as there are any, and no more than a megabyte of them unless the
   * first alone is more; none once `signal` aborts.
   */
  next(max: number, signal: AbortSignal): Promise<FedEvent[]>;
  /** Makes the records durable and the events done in one commit (which may be shared with others'). Of two, the first is durable first. */
  take(settlement: ToldSettlement): void;
  /** The same; resolves when it is settled. */
  settle(settlement: Settlement): Promise<void>;
  /** Whether what becomes of an event is this process's to say: otherwise another has taken it over, and what is settled of it comes to nothing. */
  holds(sequence: number): boolean;
}

/** The feed of this process, which can be given hints of what it would find out by itself. */
export interface LocalFeed extends Feed {
  /** A hint that there are new events. */
  wake(): void;
  /** When the oldest event that is here and not done was committed, by its sequence; `undefined`: there is none. */
  readonly oldestMs: number | undefined;
  /** Calls `heard` with each settlement that has become durable, before who made it knows. */
  listen(heard: (settlement: Settlement) => void): void;
  /** From now on no outcome is made durable without its announcement, also where one has begun to observe it on another node. */
  observe(observers: Observers): void;
  /** From now on what cannot be made durable is given up: those events are not done, and come again after the next start. */
  stopping(): void;
}
