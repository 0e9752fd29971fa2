import { type BlobId, parseBlobId } from "../blobs/blobs.ts";
import type { Clock } from "../clock.ts";
import { type Kind, newUuid, type Uuid, uuidV7 } from "../domain/ids.ts";
import type { Piece } from "../store/records.ts";

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
