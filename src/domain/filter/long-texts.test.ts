import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { threadMsNow, within } from "../../../test/support/cpu-limits.ts";
import type { Json } from "../event.ts";
import type { Params } from "../lifecycle.ts";
import { finder } from "../patterns/text-test.ts";
import { explainInSteps, type Filter, paramFields, parseFilter, readParamField } from "./index.ts";

/** The most that params may hold. */
const long = "a".repeat(2 ** 18);

function filter(text: string): Filter {
  const parsed = parseFilter(text, paramFields);
  if (parsed.kind === "error") assert.fail(parsed.error.message);
  return parsed.filter;
}

/** The milliseconds of CPU that the longest of several turns takes, compiled. */
function worst(turns: () => Iterator<void, unknown, void>): { readonly ms: number; readonly steps: number } {
  turns().next();
  let ms = 0;
  let steps = 0;
  const iterator = turns();
  const next = (): boolean => {
    let isLast = false;
    const turnMs = threadMsNow(() => {
      isLast = iterator.next().done === true;
    });
    ms = Math.max(ms, turnMs);
    steps += 1;
    return !isLast;
  };
  while (next());
  return { ms, steps };
}

describe("a text is found", () => {
  test("where indexOf finds it, whatever repeats itself", () => {
    const texts = [long, `${"ab".repeat(2 ** 16)}aab`, `${"a".repeat(70_000)}b${"a".repeat(70_000)}`];
    const parts = [
      "b",
      "aab",
      `${"a".repeat(500)}b`,
      `${"a".repeat(40)}b${"a".repeat(500)}`,
      "ab".repeat(300),
      "ba".repeat(9),
    ];
    for (const text of texts) {
      for (const part of parts) {
        for (const from of [0, 1, 70_001, text.length - part.length, text.length]) {
          assert.equal(finder(part)(text, from), text.indexOf(part, from));
        }
      }
    }
  });

  const part = `aaaaab${"a".repeat(960)}`;
  for (const predicate of [`LIKE '%${part}%'`, `LIKE 'a%${part}%b'`, `REGEXP '${part}'`, `REGEXP 'x*${part}'`]) {
    test(`in time linear in both: ${predicate.slice(0, 24)}…`, () => {
      const wanted = filter(`bio ${predicate}`);
      const read = readParamField({ bio: long });
      wanted.matches(read);
      // A hundred milliseconds or more when each place is compared anew.
      within(
        50,
        threadMsNow(() => assert.equal(wanted.matches(read), false)),
      );
    });
  }
});

describe("many patterns on a long text", () => {
  const read = readParamField({ bio: long });
  const many = (one: (n: number) => string, joint: string, length = 200): string =>
    Array.from({ length }, (_, n) => `bio ${one(n)}`).join(joint);

  for (const [name, text] of [
    ["plain ones", many((n) => `LIKE '%aaaaaaaab${n}%'`, " OR ")],
    ["costly ones", many((n) => `REGEXP 'a[bc]${n}'`, " OR ", 100)],
    ["negated ones", `NOT (${many((n) => `NOT LIKE '%aaaaaaaab${n}%'`, " AND ")})`],
  ] as const) {
    test(`are asked in steps: ${name}`, () => {
      const wanted = filter(text);
      assert.equal(wanted.isQuick, false);
      const { ms, steps } = worst(() => wanted.matchesInSteps(read, 100_000));
      assert.ok(steps >= 100, `${steps} steps`);
      within(50, ms);
    });
  }

  test("are explained in steps, and no more of the text is written than is shown", () => {
    const wanted = filter(many((n) => `= '${n}'`, " OR "));
    const explaining = explainInSteps(wanted, readParamField({ bio: `"`.repeat(2 ** 18) }), 100_000);
    let steps = 0;
    for (let step = explaining.next(); ; step = explaining.next()) {
      if (step.done === true) {
        assert.deepEqual([step.value.reasons.length, step.value.reasons.at(-1)], [21, "and 180 more"]);
        break;
      }
      steps += 1;
    }
    assert.ok(steps >= 220, `${steps} steps`);
  });

  test("short texts are asked in one go", () => {
    const wanted = filter("email LIKE '%@example.com' AND name REGEXP '^[a-z]+$'");
    const steps = wanted.matchesInSteps(readParamField({ email: "a@example.com", name: "ann" }), 100_000);
    assert.deepEqual(steps.next(), { done: true, value: true });
  });

  test("without patterns a filter is quick", () => {
    assert.equal(filter("bio = 'x' OR bio > 'y' OR bio IN ('1', '2')").isQuick, true);
  });
});

test("a path that could lead through params in millions of ways is absent", () => {
  let params: Json = "x";
  for (let level = 0; level < 14; level += 1) params = { a: params, "a.a": params };
  const path = Array.from({ length: 31 }, () => "a").join(".");
  within(
    10,
    threadMsNow(() => assert.equal(readParamField(params as unknown as Params)(`${path}.b`), undefined)),
  );
});
