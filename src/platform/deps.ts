import { type BlobId, type Blobs, parseBlobId } from "../blobs/blobs.ts";
import { BlobLeases } from "../blobs/leases.ts";
import type { Clock } from "../clock.ts";
import type { Publish } from "../delivery/publish.ts";
import { type Kind, newUuid, type Uuid, uuidV7 } from "../domain/ids.ts";
import type { Guard } from "../hooks/guard.ts";
import type { Log } from "../log.ts";
import { type EventRates, unlimitedRates } from "../pace/event-rates.ts";
import { KeyedMutex } from "../pace/keyed-mutex.ts";
import { QuotaRoom } from "../store/quota-room.ts";
import type { Piece } from "../store/records.ts";
import type { Store } from "../store/store.ts";

/** What the verbs on buckets and objects work with. Made once for a process by {@link resourceDeps}. */
export interface ResourceDeps extends ResourcePorts {
  readonly rates: EventRates;
  readonly leases: BlobLeases;
  readonly mutex: KeyedMutex;
  readonly room: QuotaRoom;
}

export interface ResourcePorts {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly publish: Publish;
  /** Asks the hooks of writes and deletes. */
  readonly guard: Guard;
  readonly clock: Clock;
  readonly log: Log;
  /** Default: unlimited. */
  readonly rates?: EventRates;
}

export function resourceDeps(ports: ResourcePorts): ResourceDeps {
  const { store, blobs, publish, guard, clock, log, rates = unlimitedRates() } = ports;
  return {
    store,
    blobs,
    publish,
    guard,
    clock,
    log,
    rates,
    leases: new BlobLeases(blobs, log),
    mutex: new KeyedMutex(),
    room: new QuotaRoom(store),
  };
}

/** The blobs of pieces that the store gave. Anything else in its place is a damaged store. */
export function blobsOf(pieces: readonly Pick<Piece, "blob">[]): BlobId[] {
  return pieces.map(({ blob }) => {
    const id = parseBlobId(blob);
    if (id === undefined) throw new TypeError("a piece does not name a blob");
    return id;
  });
}

/** A fresh uuid of the given kind. */
export function freshUuid(clock: Clock, kind: Kind): Uuid {
  return newUuid(kind, { nowMs: clock.now(), bytes: clock.bytes(10) });
}

/** A fresh id without a kind; later ones are greater. */
export function freshId(clock: Clock): string {
  return uuidV7({ nowMs: clock.now(), bytes: clock.bytes(10) });
}
