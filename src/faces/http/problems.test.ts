import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Type } from "typebox";
import { SignalboxError } from "../../errors.ts";
import { checker } from "./problems.ts";

const closed = { additionalProperties: false };
const schema = Type.Object(
  {
    url: Type.String({ minLength: 1, maxLength: 8 }),
    count: Type.Optional(Type.Integer({ minimum: 0, maximum: 5 })),
    ack: Type.Optional(Type.Union([Type.Literal("200"), Type.Literal("2xx")])),
    auth: Type.Optional(
      Type.Union([
        Type.Union([
          Type.Object({ type: Type.Literal("basic"), username: Type.String(), password: Type.String() }, closed),
          Type.Object({ type: Type.Literal("bearer"), token: Type.String({ minLength: 1 }) }, closed),
        ]),
        Type.Null(),
      ]),
    ),
    backoff: Type.Optional(Type.Object({ steps: Type.Optional(Type.Array(Type.Integer(), { minItems: 1 })) }, closed)),
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    level: Type.Optional(Type.Enum(["debug", "info"])),
    note: Type.Optional(Type.Union([Type.String({ maxLength: 3 }), Type.Null()])),
    id: Type.Optional(Type.String({ pattern: "^a+$", "x-remedy": "must be nothing but a" })),
    at: Type.Optional(Type.String({ format: "date-time" })),
    by: Type.Optional(
      Type.Union([Type.String({ maxLength: 3 }), Type.Object({})], { "x-remedy": "must be a name or an object" }),
    ),
  },
  closed,
);
const check = checker(schema);

const table: readonly (readonly [unknown, readonly string[]])[] = [
  [undefined, ["body: must be a JSON object"]],
  [null, ["body: must be a JSON object"]],
  [[], ["body: must be a JSON object"]],
  [{}, ["url: is required"]],
  [{ url: "" }, ["url: must not be empty"]],
  [{ url: "123456789" }, ["url: must have at most 8 characters"]],
  [{ url: 1 }, ["url: must be a string"]],
  [{ url: "a", ur: 1 }, ['ur: is not a known property. Did you mean "url"?']],
  [{ url: "a", something: 1 }, ["something: is not a known property."]],
  [{ url: "a", count: 1.5 }, ["count: must be a whole number"]],
  [{ url: "a", count: -1 }, ["count: must be at least 0"]],
  [{ url: "a", count: 6 }, ["count: must be at most 5"]],
  [{ url: "a", ack: "2x" }, ['ack: must be one of "200", "2xx". Did you mean "2xx"?']],
  [{ url: "a", level: "inof" }, ['level: must be one of "debug", "info". Did you mean "info"?']],
  [{ url: "a", auth: {} }, ['auth: must be an object whose type is "basic" or "bearer"']],
  [{ url: "a", auth: { type: "basic", username: "u" } }, ["auth.password: is required"]],
  [{ url: "a", auth: { type: "bearer", token: "" } }, ["auth.token: must not be empty"]],
  [{ url: "a", auth: { type: "bearer", token: "t", usename: 1 } }, ["auth.usename: is not a known property."]],
  [{ url: "a", backoff: { steps: [] } }, ["backoff.steps: must have at least 1 entry"]],
  [{ url: "a", backoff: { steps: [1, "x"] } }, ["backoff.steps[1]: must be a whole number"]],
  [{ url: "a", note: "four" }, ["note: must have at most 3 characters"]],
  [{ url: "a", id: "b" }, ["id: must be nothing but a"]],
  [{ url: "a", by: 1 }, ["by: must be a name or an object"]],
  [{ url: "a", by: "four" }, ["by: must be a name or an object"]],
  [{ url: "a", at: "yesterday" }, ["at: must be an instant such as 2026-11-20T10:30:00Z"]],
  [
    { count: "x", "a/b~c": 1 },
    ["url: is required", "a/b~c: is not a known property.", "count: must be a whole number"],
  ],
];

describe("what is wrong with a value", () => {
  for (const [value, sentences] of table) {
    it(`says for ${JSON.stringify(value)} what and how to mend it`, () => {
      assert.throws(
        () => check(value),
        (thrown) => {
          assert.ok(thrown instanceof SignalboxError);
          assert.deepEqual(
            thrown.fields.map(({ path, message }) => `${path}: ${message}`),
            sentences,
          );
          assert.equal(thrown.message, sentences.join("; "));
          return true;
        },
      );
    });
  }

  it("says nothing of what fits", () => {
    check({ url: "a", auth: null, note: null, count: 5, ack: "2xx" });
  });

  it("costs little, however much is wrong", () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`urk${index}`, 1]));
    const wrong = [many, { url: "a", backoff: many }, { url: "a", auth: many }, { url: "a", headers: many }];
    const steps = { url: "a", backoff: { steps: Array<string>(200_000).fill("x") } };
    for (const value of [...wrong, steps]) {
      const before = process.threadCpuUsage();
      assert.throws(() => check(value), SignalboxError);
      const { user, system } = process.threadCpuUsage(before);
      // 90,000 took more than a second.
      assert.ok(user + system < 150_000, `${user + system} µs`);
    }
    const late = {
      url: "a",
      headers: { ...Object.fromEntries(Object.keys(many).map((name) => [name, "x"])), last: 1 },
    };
    assert.throws(() => check(late), /headers: must have at most 1000 entries/);
    check({ ...late, headers: { ...late.headers, last: "x" } });
  });

  it("stops at a number of problems that people read", () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`x${index}`, 1]));
    assert.throws(
      () => check({ url: "a", ...many }),
      (thrown) => thrown instanceof SignalboxError && thrown.fields.length === 20,
    );
  });
});
