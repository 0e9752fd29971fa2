import assert from "node:assert/strict";
import { it } from "node:test";
import { aRecord } from "../../../test/conformance/store/given.ts";
import { silentLog } from "../../log.ts";
import type { Committer } from "./committer.ts";
import type { EventLog } from "./event-log.ts";
import { LogFeed } from "./feed.ts";
import type { WireSettlement } from "./wire.ts";

it("settles what is left when a part of the log was given away meanwhile, also while it stops", async () => {
  let losses = 0;
  const log = {
    done: () => {},
    recorded: () => {},
    marked: () => {},
    holds: (sequence: number) => losses === 0 || sequence !== 1,
    marks: () => ({ watermarks: [], losses }),
  } as unknown as EventLog;
  const made: number[][] = [];
  const committer = {
    stopping: () => {},
    settle: async ({ deliveries, marks }: WireSettlement) => {
      if (made.length === 0 && marks.losses === losses) {
        losses += 1;
        made.push([]);
        throw new Error("a part of the log is another's");
      }
      made.push(deliveries.map(([sequence]) => Number(sequence)));
      return { sequences: [], revisions: [] };
    },
  } as unknown as Committer;
  const feed = new LogFeed(log, { committer, log: silentLog });
  feed.stopping();
  const place = { number: 1, tenant: "acme" };
  const records = [1, 2].map((sequence) => aRecord(sequence, place, { status: "delivered" }));
  const durable = await new Promise<boolean>((settled) => feed.take({ records, done: [1, 2], settled }));
  assert.deepEqual([made, durable], [[[], [2]], true]);
});
