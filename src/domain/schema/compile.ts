import type { ErrorObject, ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { JsonSchema } from "../catalog.ts";
import { compileRegex } from "../patterns/regex.ts";
import { equalityKeywords } from "./equality.ts";
import { formatTests } from "./formats.ts";
import type { SchemaBudget } from "./meter.ts";

/**
 * Ajv on untrusted schemas. It writes a program for each schema and runs it, which is safe under these bounds:
 *
 * - What it writes. `inspect.ts` lets through only keywords that it knows, each with a value of its shape, and leaves out all that
 *   asserts nothing; Ajv writes texts of the schema as JSON string literals, and names of its own making everywhere else. References
 *   name places in the schema itself, and a schema with an `$id` is refused, so that none can pose as another.
 * - How much it writes. 32 KiB and 1,000 schemas; referenced ones become functions that are called (`inlineRefs: false`), so
 *   the program is as long as the schema.
 * - How long that runs. No schema contains itself, so with references followed a schema is a tree, and each of its nodes looks at each
 *   place of a value once at most: `weight × size of the value` bounds it, `anyOf` within `anyOf` included. That product is checked
 *   before each run. What would cost more than that is replaced: patterns are searched in linear time and counted while they are
 *   (re2js; also in `patternProperties`, where Ajv's strict mode would use JavaScript's own RegExp), formats are tried on short texts
 *   only, and `uniqueItems` looks entries up instead of comparing each with each.
 * - What it reads. Own properties only (`ownProperties`): a property called `constructor` or `toString` is not there unless sent. And
 *   `const`, `enum` and `uniqueItems` compare by what would be written, as Ajv's own comparison calls the `toString` of what it compares.
 *
 * Every schema gets its own Ajv: an instance keeps what it compiled for as long as it lives.
 */
export function compileWith(assertions: JsonSchema, meter: SchemaBudget, allErrors: boolean): ValidateFunction {
  const ajv = new Ajv2020({
    allErrors,
    strict: false,
    meta: false,
    validateSchema: false,
    addUsedSchema: false,
    inlineRefs: false,
    ownProperties: true,
    // Sentences are made from the schema at the place, not from Ajv's messages.
    verbose: true,
    messages: false,
    logger: false,
    formats: formatTests,
    // Its optimizer takes ten times as long as all the rest for a schema with many alternatives.
    code: { regExp: linearRegExp(meter), optimize: false },
  });
  for (const definition of equalityKeywords(meter)) ajv.removeKeyword(definition.keyword).addKeyword(definition);
  return ajv.compile(assertions);
}

export type { ErrorObject };

interface LinearRegExp {
  (pattern: string, flags: string): { test: (text: string) => boolean };
  code: string;
}

function linearRegExp(meter: SchemaBudget): LinearRegExp {
  const engine = (pattern: string): { test: (text: string) => boolean; toString: () => string } => {
    const compiled = compileRegex(pattern, Number.POSITIVE_INFINITY);
    if (compiled.kind !== "ok") throw new TypeError(`not a pattern: ${pattern}`);
    const { test, programSize } = compiled;
    return {
      test: (text) => {
        meter.spend(text.length * programSize);
        return test(text);
      },
      // Ajv takes two patterns with the same text for one.
      toString: () => `/${pattern}/`,
    };
  };
  // Its name in programs that are written out, which is never done here.
  return Object.assign(engine, { code: "linearRegExp" });
}
