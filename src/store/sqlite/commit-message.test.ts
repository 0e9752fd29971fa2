import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import fc from "fast-check";
import type { Reply, Request } from "../sql/requests.ts";
import {
  moving,
  type PackedReply,
  type PackedRequest,
  packReply,
  packRequest,
  unpackReply,
  unpackRequest,
} from "./commit-message.ts";

/** What comes out at the other end of a real channel between threads. */
function across<T extends PackedRequest | PackedReply>(sent: T): T {
  const { port1, port2 } = new MessageChannel();
  try {
    port1.postMessage(sent, moving(sent));
    return (receiveMessageOnPort(port2) as { readonly message: T }).message;
  } finally {
    port1.close();
  }
}

const there = (request: Request): Request => unpackRequest(across(packRequest(request)));
const back = (reply: Reply): Reply => unpackReply(across<PackedReply>(packReply(reply)));

/** With NUL, halves of surrogate pairs and whatever else a text may hold. */
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.constantFrom("", "\0", "\ud800", "\udc00", "\ud83d", "\ude00", "same", "same as others"),
);
const whole = fc.oneof(
  fc.maxSafeInteger(),
  fc.nat(2_000),
  fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
);
const value = fc.oneof(text, whole, fc.double({ noNaN: true }), fc.constant(null));
const list = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(one, { maxLength: 6 });
const row = fc.array(value, { maxLength: 17 });
const rows = list(row);

const event = fc.record(
  { tenant: text, counted: text, row: fc.array(value, { minLength: 12, maxLength: 12 }) },
  {
    noNullPrototype: true,
    requiredKeys: ["tenant", "row"],
  },
);
const plain = { noNullPrototype: true };
const step = fc.record({ sql: text, params: row }, plain);
const check = fc.record({ sql: text, params: row, expect: fc.constantFrom("row" as const, "none" as const) }, plain);
const unit = fc.record({ checks: list(check), steps: list(step), events: list(event) }, plain);
const settlement = fc.record(
  {
    deliveries: rows,
    waiting: rows,
    inLine: rows,
    released: list(fc.tuple(whole, text, whole)),
    attempts: rows,
    invocations: rows,
    buried: list(fc.tuple(whole, whole)),
    outcomes: list(fc.tuple(whole, whole, fc.constantFrom("complete" as const, "failed" as const))),
    events: list(event),
    figures: fc.record({ counts: list(list(whole)), reasons: list(fc.tuple(whole, text, whole, whole)) }, plain),
    marks: whole.map((watermark) => ({ watermarks: [[0, watermark] as const], losses: 0 })),
  },
  plain,
);
const commit = fc.record(
  { kind: fc.constant("commit" as const), nowMs: whole, units: list(unit), settlement },
  { noNullPrototype: true, requiredKeys: ["kind", "nowMs", "units"] },
);

const placed = { sequences: list(whole), revisions: list(whole) };
const failed = fc.record(
  { kind: fc.constant("failed" as const), full: fc.boolean(), damaged: fc.boolean(), message: text },
  { noNullPrototype: true, requiredKeys: ["kind", "full", "message"] },
);
const result = fc.oneof(
  fc.record({ kind: fc.constant("committed" as const), ...placed }, plain),
  fc.record({ kind: fc.constant("refused" as const), check: fc.nat() }, plain),
  fc.record(
    {
      kind: fc.constant("exceeded" as const),
      exceeded: fc.record(
        {
          tenant: fc.string(),
          quota: fc.constantFrom("functions" as const, "buckets" as const),
          limit: whole,
          used: whole,
          wanted: whole,
        },
        plain,
      ),
    },
    plain,
  ),
  failed,
);
const committed = fc.record(
  {
    kind: fc.constant("committed" as const),
    units: list(result),
    settlement: fc.oneof(fc.record({ kind: fc.constant("settled" as const), ...placed }, plain), failed),
  },
  { noNullPrototype: true, requiredKeys: ["kind", "units"] },
);

describe("a group commit", () => {
  it("crosses to the writer's thread as it is, whatever it holds", () => {
    fc.assert(
      fc.property(commit, (request) => assert.deepStrictEqual(there(request), request)),
      { numRuns: 300 },
    );
  });

  it("is answered with what became of each of its units", () => {
    fc.assert(
      fc.property(committed, (reply) => assert.deepStrictEqual(back(reply), reply)),
      { numRuns: 300 },
    );
  });

  it("may be larger than any before it, in texts and in rows, and the next one holds nothing of it", () => {
    const large = "\u{1f600}x".repeat(2 ** 19);
    const params = Array.from({ length: 40_000 }, (_, index) => (index % 3 === 0 ? `${index}` : index));
    const units = [{ checks: [], steps: [{ sql: large, params: [large, large, ...params] }], events: [] }];
    const request: Request = { kind: "commit", nowMs: 1, units };
    assert.deepStrictEqual(there(request), request);
    const small: Request = { kind: "commit", nowMs: 2, units: [] };
    assert.deepStrictEqual(there(small), small);
  });

  it("leaves every other request and reply as it is", () => {
    const requests: Request[] = [{ kind: "fold" }, { kind: "reserve", counter: "last_user", count: 3 }];
    for (const request of requests) assert.deepStrictEqual(there(request), request);
    const replies: Reply[] = [{ kind: "ok" }, { kind: "failed", full: true, message: "no room" }];
    for (const reply of replies) assert.deepStrictEqual(back(reply), reply);
  });
});
