/** Conditions on objects, and events that they meet, for property tests. */
import fc from "fast-check";
import {
  comparisons,
  type Field,
  type FilterCondition,
  type FilterValue,
  joined,
  type Predicate,
} from "../../src/domain/filter/tree.ts";

const objectFields: readonly Field[] = [
  { name: "key", kind: "text" },
  { name: "ETag", kind: "text" },
  { name: "x-amz-meta-a b", kind: "text" },
  { name: "tag:It`s", kind: "text" },
  { name: "tag:it`s", kind: "text" },
  { name: "Content-Length", kind: "number" },
  { name: "Last-Modified", kind: "instant" },
];

// Few and awkward characters, so that values meet: those of LIKE, of each quote, and both sides of the surrogates.
const text = fc
  .array(fc.constantFrom("a", "b", "%", "_", "\\", '"', "'", "`", "\n", "\ufffd", "😀"), { maxLength: 4 })
  .map((characters) => characters.join(""));
const number = fc.oneof(
  { arbitrary: fc.constantFrom(-1, -0.5, 0, 0.5, 1, 2, 10), weight: 5 },
  { arbitrary: fc.maxSafeInteger(), weight: 1 },
  // At most 15 digits behind the point, as the language allows.
  {
    arbitrary: fc
      .tuple(fc.nat(1000), fc.nat(999_999_999_999_999))
      .map(([a, b]) => Number(`${a}.${String(b).padStart(15, "0")}`)),
    weight: 1,
  },
);
const instant = fc.oneof(
  {
    arbitrary: fc.constantFrom(-1, -0.5, 0, 0.5, 1, 1715171786789, 1715171786789.5, 8.64e15, -62135596800000),
    weight: 5,
  },
  { arbitrary: fc.integer({ min: -8.64e15, max: 8.64e15 }), weight: 1 },
);

function valueOf({ kind }: Field): fc.Arbitrary<FilterValue> {
  switch (kind) {
    case "text":
      return text;
    case "number":
      return number;
    case "instant":
      return instant;
    case "any":
      return fc.oneof(text, number, fc.constantFrom("-1", "0.5", "10"));
    default:
      return kind satisfies never;
  }
}

/** A LIKE pattern as trees keep it: backslashes only before `%`, `_` and themselves. */
const like = fc
  .array(fc.constantFrom("%", "_", "\\%", "\\_", "\\\\", "a", "b", '"', "😀", "\n"), { maxLength: 6 })
  .map((parts) => parts.join(""));
/** Patterns that mean the same to JavaScript, which the plain evaluator asks. */
const regexp = fc.constantFrom(
  "^a",
  "b$",
  "^a$",
  "a",
  "",
  "^",
  ".*b$",
  "^(a|b)+$",
  "a.b",
  "[ab]{2}",
  '"',
  "\\\\",
  "a?b*$",
  "^a[ab]",
  "^ab*",
  "^ab?a$",
  "^a|^b",
  "^a|b",
  "^(a|b)",
  "[ab]b$",
  "(a|b)$",
  "a$|[^b]b$",
  "^a{0,1}b",
  "^a_[b]",
  "^\\\\[ab]",
);

function predicateOn(field: Field): fc.Arbitrary<Predicate> {
  const value = valueOf(field);
  return fc
    .tuple(fc.boolean(), fc.constantFrom(...comparisons))
    .chain(([negated, operator]): fc.Arbitrary<Predicate> => {
      const general: readonly fc.Arbitrary<Predicate>[] = [
        value.map((value) => ({ kind: "compare", field, operator, value }) as const),
        fc
          .array(value, { minLength: 1, maxLength: 3 })
          .map((values) => ({ kind: "in", field, negated, values }) as const),
        fc
          .tuple(value, value)
          .filter(([low, high]) => typeof low === typeof high)
          .map(([low, high]) => ({ kind: "between", field, negated, low, high }) as const),
        fc.constant({ kind: "null", field, negated } as const),
      ];
      if (field.kind !== "text" && field.kind !== "any") return fc.oneof(...general);
      return fc.oneof(
        ...general,
        like.map((pattern) => ({ kind: "like", field, negated, pattern }) as const),
        regexp.map((pattern) => ({ kind: "regexp", field, negated, pattern }) as const),
      );
    });
}

/** Conditions on these fields, and events: each field there or not. */
function on(fields: readonly Field[]): {
  readonly condition: fc.Arbitrary<FilterCondition>;
  readonly event: fc.Arbitrary<ReadonlyMap<string, FilterValue>>;
} {
  const { condition } = fc.letrec<{ condition: FilterCondition }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom(...fields).chain(predicateOn),
      fc
        .tuple(
          fc.constantFrom("and" as const, "or" as const),
          fc.array(tie("condition"), { minLength: 2, maxLength: 3 }),
        )
        .map(([kind, terms]) => joined(kind, terms)),
      tie("condition").map((term) => ({ kind: "not", term }) as const),
    ),
  }));
  const event = fc
    .tuple(...fields.map((field) => fc.option(valueOf(field), { nil: undefined, freq: 3 })))
    .map((values) => {
      const entries = fields.flatMap(({ name }, index): readonly (readonly [string, FilterValue])[] => {
        const value = values[index];
        return value === undefined ? [] : [[name, value]];
      });
      return new Map(entries);
    });
  return { condition, event };
}

export const { condition: aCondition, event: anEvent } = on(objectFields);

/** On the params of operations, which hold texts and numbers in the same fields. */
export const { condition: aParamCondition, event: someParams } = on([
  { name: "a", kind: "any" },
  { name: "a.b", kind: "any" },
  { name: "It`s", kind: "any" },
]);
