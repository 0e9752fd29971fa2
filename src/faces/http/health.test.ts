import assert from "node:assert/strict";
import { it } from "node:test";
import { fakeClock } from "../../../test/support/clock.ts";
import { DiskReserve } from "../../folder/reserve.ts";
import { silentLog } from "../../log.ts";
import { DiskRoom } from "../../open-folder/disk-room.ts";
import type { Upkeep } from "../../store/store.ts";
import { health } from "./health.ts";

const cluster = { isReady: true };

it("looks once in a second, however many ask, and sees when it changes", async () => {
  const clock = fakeClock();
  let asked = 0;
  let refused: Error | undefined;
  const upkeep = {
    ready: async () => {
      asked += 1;
      if (refused !== undefined) throw refused;
    },
  } as Upkeep;
  const ask = health(
    { room: { fullness: async () => undefined }, upkeep, blobs: { ready: async () => {} }, cluster },
    clock,
  );
  const answers = await Promise.all(Array.from({ length: 1_000 }, ask));
  assert.deepEqual([new Set(answers), asked], [new Set([undefined]), 1]);
  refused = new Error("the disk is full");
  assert.equal(await ask(), undefined);
  clock.advance(1_000);
  assert.equal(await ask(), "the disk is full");
  refused = undefined;
  clock.advance(1_000);
  assert.equal(await ask(), undefined);
  assert.equal(asked, 3);
});

it("names what is wrong with the folder", async () => {
  const clock = fakeClock();
  const reserve = new DiskReserve("/nothing/here", 0, clock);
  const room = new DiskRoom({ reserve, clock, log: silentLog });
  const ready = { ready: async () => {} };
  const ask = health({ room, upkeep: ready, blobs: ready, cluster }, clock);
  assert.match((await ask()) ?? "", /ENOENT/);
});

it("says that the bytes of objects cannot be reached", async () => {
  const blobs = { ready: () => Promise.reject(new Error("the bytes of objects cannot be reached (ECONNREFUSED)")) };
  const room = { fullness: async () => undefined };
  const ask = health({ room, upkeep: { ready: async () => {} }, blobs, cluster }, fakeClock());
  assert.equal(await ask(), "the bytes of objects cannot be reached (ECONNREFUSED)");
});

it("sends others to another node while this one has no part of the work", async () => {
  const clock = fakeClock();
  const ready = { ready: async () => {} };
  let isReady = false;
  const cluster = {
    get isReady() {
      return isReady;
    },
  };
  const ask = health({ room: { fullness: async () => undefined }, upkeep: ready, blobs: ready, cluster }, clock);
  assert.match((await ask()) ?? "", /no part of the work/);
  isReady = true;
  clock.advance(1_000);
  assert.equal(await ask(), undefined);
});
