import assert from "node:assert/strict";
import { it } from "node:test";
import { SignalboxError } from "../errors.ts";
import { QuotaRoom } from "./quota-room.ts";
import type { Store } from "./store.ts";

const quotas = {
  one: async () => ({ limit: 100, used: 0 }),
} as unknown as Store["quotas"];

const exceeds = (error: unknown): boolean => error instanceof SignalboxError && error.code === "quota_exceeded";

it("bytes on their way are refused where all nodes together may have no room for them", async () => {
  const room = new QuotaRoom({ quotas }, { size: 2 });
  {
    using _one = await room.take("acme", { size: 80 });
    await assert.rejects(room.take("acme", { size: 15 }), exceeds);
    using _other = await room.take("umbrella", { size: 15 });
  }
  using _first = await room.take("acme", { size: 35 });
  using _second = await room.take("acme", { size: 15 });
  await assert.rejects(room.take("acme", { size: 1 }), exceeds);
});
