import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { SignalboxError } from "../errors.ts";
import {
  defaultRequestedRetries,
  mailRetryPolicy,
  readRequestedRetries,
  retryPolicyOf,
  retryStrategies,
} from "./requested-retries.ts";
import { nextStep, type RetryPolicy } from "./retry.ts";

/** Seconds between the tries of a delivery that never succeeds, until it is given up. */
function waits(policy: RetryPolicy, roll = 0.5): number[] {
  const outcome = { kind: "failed", reason: "status" } as const;
  const seconds: number[] = [];
  let nowMs = 1_000_000;
  for (let attempt = 1; ; attempt++) {
    const step = nextStep(policy, { outcome, attempt, nowMs, random: () => roll });
    if (step.kind !== "retry") return seconds;
    seconds.push((step.dueMs - nowMs) / 1000);
    nowMs = step.dueMs;
  }
}

function problemsOf(input: unknown): readonly string[] {
  try {
    readRequestedRetries(input);
  } catch (thrown) {
    assert.ok(thrown instanceof SignalboxError && thrown.code === "invalid_request");
    return thrown.fields.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

describe("the retry policy of a request", () => {
  it("is the default when nothing is said", () => {
    const rows = [undefined, null, {}];
    for (const input of rows) assert.deepEqual(readRequestedRetries(input), defaultRequestedRetries);
    assert.deepEqual(defaultRequestedRetries, {
      retryStrategy: "IMMEDIATE",
      retryLimit: 5,
      retryRate: 5,
      retryDelay: 0,
      saveOnFailure: false,
    });
  });

  it("is read in any case, and as forms send it", () => {
    const requested = {
      retryStrategy: "DELAYED",
      retryLimit: 1440,
      retryRate: 86_400,
      retryDelay: 1,
      saveOnFailure: true,
    };
    assert.deepEqual(readRequestedRetries(requested), requested);
    assert.deepEqual(
      readRequestedRetries({
        RETRYSTRATEGY: "delayed",
        retrylimit: 1440,
        RetryRate: 86_400,
        retryDelay: 1,
        saveonfailure: true,
      }),
      requested,
    );
    assert.deepEqual(
      readRequestedRetries({
        retryStrategyType: "Delayed",
        retryLimit: "1440",
        retryRate: "86400",
        retryDelay: "1",
        saveOnFailure: "TRUE",
      }),
      requested,
    );
  });

  const limit = /^policy\.retryLimit: must be a whole number from 0 to 1440$/;
  const rate = /^policy\.retryRate: must be a whole number of seconds from 0 to 86400$/;
  const delay = /^policy\.retryDelay: must be a whole number of seconds from 0 to 86400$/;
  const refused: readonly (readonly [unknown, readonly RegExp[]])[] = [
    ["IMMEDIATE", [/^policy: must be an object/]],
    [[], [/^policy: must be an object/]],
    [5, [/^policy: must be an object/]],
    ...[
      -1,
      1441,
      1.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      null,
      true,
      "",
      "-1",
      "1e2",
      " 5",
      "9".repeat(400),
      [5],
      {},
    ].map((retryLimit) => [{ retryLimit }, [limit]] as const),
    [{ retryLimit: 1441, retryRate: 86_401, retryDelay: -1 }, [limit, rate, delay]],
    [{ retryStrategy: "IMEDIATE" }, [/^policy\.retryStrategy: must be one of NONE, .* Did you mean "IMMEDIATE"\?/]],
    [{ retryStrategy: null }, [/^policy\.retryStrategy: must be one of NONE, IMMEDIATE, DELAYED, EXPONENTIAL\.$/]],
    [{ saveOnFailure: 1 }, [/^policy\.saveOnFailure: must be true or false/]],
    [{ retryLimits: 3 }, [/^policy\.retryLimits: is not a known property\. Did you mean "retryLimit"\?/]],
    [JSON.parse('{"__proto__":{"retryLimit":1}}'), [/^policy\.__proto__: is not a known property/]],
    [{ retryLimit: 1, retrylimit: 2 }, [/^policy\.retrylimit: says retryLimit a second time/]],
    [{ retryStrategy: "NONE", retryDelay: 1 }, [/^policy\.retryDelay: must be 0 with NONE; .* use DELAYED/]],
    [{ retryStrategy: "IMMEDIATE", retryDelay: 1 }, [/^policy\.retryDelay: must be 0 with IMMEDIATE/]],
    [{ retryDelay: 1 }, [/^policy\.retryDelay: must be 0 with IMMEDIATE/]],
    [{ retryStrategy: "DELAYED" }, [/^policy\.retryDelay: must be at least 1 second with DELAYED/]],
    [{ retryStrategy: "DELAYED", retryDelay: "x" }, [delay]],
  ];
  for (const [input, expected] of refused) {
    it(`is refused: ${JSON.stringify(input).slice(0, 70)}`, () => {
      const problems = problemsOf(input);
      assert.equal(problems.length, expected.length, problems.join("\n"));
      for (const [index, problem] of problems.entries()) assert.match(problem, expected[index] ?? /^$/);
    });
  }

  it("does not tell more than can be read", () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`p${index}${"x".repeat(100)}`, 1]));
    assert.equal(problemsOf(many).length, 20);
  });

  it("may wait before the first retry with EXPONENTIAL, which has steps of its own", () => {
    assert.equal(readRequestedRetries({ retryStrategy: "EXPONENTIAL", retryDelay: 7 }).retryDelay, 7);
  });
});

describe("the tries that the requested retries mean", () => {
  const tries = (requested: object): number[] => waits(retryPolicyOf(readRequestedRetries(requested)));
  const day = 86_400;

  const rows: readonly (readonly [object, readonly number[]])[] = [
    [{}, [0, 5, 5, 5, 5]],
    [{ retryStrategy: "NONE" }, []],
    [{ retryStrategy: "NONE", retryLimit: 1440 }, []],
    [{ retryLimit: 0 }, []],
    [{ retryLimit: 1 }, [0]],
    [{ retryLimit: 3, retryRate: 0 }, [0, 0, 0]],
    [{ retryLimit: 3, retryRate: day }, [0, day, day]],
    [{ retryStrategy: "DELAYED", retryDelay: 10, retryLimit: 0 }, []],
    [{ retryStrategy: "DELAYED", retryDelay: 10, retryLimit: 1 }, [10]],
    [{ retryStrategy: "DELAYED", retryDelay: 10, retryLimit: 4, retryRate: 3 }, [10, 3, 3, 3]],
    [{ retryStrategy: "DELAYED", retryDelay: day, retryLimit: 2, retryRate: 0 }, [day, 0]],
    [{ retryStrategy: "EXPONENTIAL", retryLimit: 0 }, []],
    [{ retryStrategy: "EXPONENTIAL", retryLimit: 6, retryRate: 99, retryDelay: 99 }, [5, 5, 5, 5, 5, 15]],
  ];
  for (const [requested, seconds] of rows)
    it(JSON.stringify(requested), () => assert.deepEqual(tries(requested), seconds));

  it("are as many as are asked for, however many", () => {
    const immediate = tries({ retryLimit: 1440, retryRate: 7 });
    assert.equal(immediate.length, 1440);
    assert.deepEqual([immediate[0], new Set(immediate.slice(1))], [0, new Set([7])]);
    const delayed = tries({ retryStrategy: "DELAYED", retryDelay: 60, retryLimit: 1440, retryRate: 7 });
    assert.equal(delayed.length, 1440);
    assert.deepEqual([delayed[0], new Set(delayed.slice(1))], [60, new Set([7])]);
  });

  it("follow the documented ladder with EXPONENTIAL", () => {
    const ladder = (failure: number): number => {
      if (failure < 5) return 5;
      if (failure < 9) return 15;
      if (failure < 14) return 60;
      return failure < 18 ? 900 : 3600;
    };
    const seconds = tries({ retryStrategy: "EXPONENTIAL", retryLimit: 1440 });
    assert.deepEqual(
      seconds,
      Array.from({ length: 1440 }, (_, failure) => ladder(failure)),
    );
  });

  it("fit what retry policies may be (property)", () => {
    const anyRequest = fc.record({
      retryStrategy: fc.constantFrom(...retryStrategies),
      retryLimit: fc.nat(1440),
      retryRate: fc.nat(86_400),
      retryDelay: fc.nat(86_400),
      saveOnFailure: fc.boolean(),
    });
    fc.assert(
      fc.property(anyRequest, (requested) => {
        const policy = retryPolicyOf(requested);
        assert.equal(policy.jitter, 0);
        assert.equal(policy.maxRetries, requested.retryStrategy === "NONE" ? 0 : requested.retryLimit);
        assert.ok(policy.scheduleMs.length > 0 && policy.scheduleMs.every((ms) => ms >= 0 && ms <= 86_400_000));
      }),
    );
  });
});

describe("the retries of mail", () => {
  it("go on for about two days, hourly in the end", () => {
    const seconds = waits(mailRetryPolicy);
    assert.deepEqual(seconds.slice(0, 9), [30, 60, 120, 300, 600, 1200, 1800, 3600, 3600]);
    const hours = seconds.reduce((sum, wait) => sum + wait, 0) / 3600;
    assert.ok(hours > 47.5 && hours < 48.5, `${hours} h`);
    assert.equal(waits(mailRetryPolicy, 0)[0], 24);
  });
});
