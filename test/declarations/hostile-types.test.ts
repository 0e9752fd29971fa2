/** What is written of event types whose names and words mean harm, held to the compilers of each language. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import fc from "fast-check";
import type { EventTypeDefinition, JsonSchema } from "../../src/domain/catalog.ts";
import { compileSchema } from "../../src/domain/json-schema.ts";
import { resourceKinds } from "../../src/domain/notifications/resource-kinds.ts";
import { inspectSchema } from "../../src/domain/schema/inspect.ts";
import { writeTypes } from "../../src/domain/types/written-types.ts";
import { finished } from "../support/finished.ts";

/** What ends comments, texts and lines in one language or another, or reads as something else. */
const harm = [
  "*/ export const x = 1; /*",
  "// \n process.exit(1)",
  '"; import os; os.abort() #',
  "'''\"\"\"",
  "\\",
  "\\u000a",
  "${process.exit()}`",
  "a\u2028b\u2029c\u0085d",
  "\u202egpj.exe",
  "\u0000\u0007\u001b[2J",
  "\ud800",
  "💡日本",
  "class",
  "None",
  "str",
  "list",
  "__proto",
  "constructor",
  "readonly",
  "PostOrderParams",
  "Record",
  "ship to",
  "1st",
  "ﬁ",
  "",
];
const word = fc.oneof(
  fc.constantFrom(...harm),
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.stringMatching(/^[a-z]{1,8}$/),
);
const name = word.filter((text) => text !== "__proto__" && text !== "" && text.isWellFormed());
const scalar = fc.oneof(
  word,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);

/** A schema, and what fits it: that knows what fits `#/$defs/one~1other`. */
interface Fitting {
  readonly schema: JsonSchema;
  readonly value: (other: unknown) => unknown;
}

const plain = (schema: JsonSchema, value: unknown): Fitting => ({ schema, value: () => value });

function together(inner: readonly (readonly [string, Fitting])[], required: readonly string[]): Fitting {
  const properties = Object.fromEntries(inner.map(([key, one]) => [key, one.schema]));
  return {
    schema: { type: "object", properties, required },
    value: (other) => Object.fromEntries(inner.map(([key, one]) => [key, one.value(other)])),
  };
}

const objectOf = (inner: fc.Arbitrary<Fitting>): fc.Arbitrary<Fitting> =>
  fc
    .uniqueArray(fc.tuple(name, inner), { maxLength: 4, selector: ([key]) => key })
    .chain((entries) => fc.subarray(entries.map(([key]) => key)).map((required) => together(entries, required)));

const { fitting } = fc.letrec<{ fitting: Fitting }>((tie) => {
  const inner = tie("fitting");
  const described = (one: fc.Arbitrary<Fitting>): fc.Arbitrary<Fitting> =>
    fc.tuple(one, fc.option(word)).map(([{ schema, value }, description]) => ({
      schema: description === null ? schema : { ...schema, description },
      value,
    }));
  return {
    fitting: fc.oneof(
      { maxDepth: 3, depthIdentifier: "schema" },
      described(
        fc.constantFrom(
          plain({ type: "string" }, "text"),
          plain({ type: "integer" }, 7),
          plain({ type: "number" }, 0.5),
          plain({ type: "boolean" }, false),
          plain({ type: ["string", "null"] }, null),
          plain({ type: "string", pattern: "(?i)^\\pL+\\z" }, "text"),
          plain({}, [1, { a: null }]),
        ),
      ),
      described(
        fc.uniqueArray(scalar, { minLength: 1, maxLength: 4 }).map((values) => plain({ enum: values }, values.at(-1))),
      ),
      described(scalar.map((only) => plain({ const: only }, only))),
      described(fc.constant({ schema: { $ref: "#/$defs/one~1other" }, value: (other) => other })),
      described(
        inner.map(({ schema, value }) => ({
          schema: { type: "array", items: schema },
          value: (other) => [value(other)],
        })),
      ),
      described(
        fc.tuple(inner, inner).map(([first, rest]) => ({
          schema: { type: "array", prefixItems: [first.schema], items: rest.schema, minItems: 1 },
          value: (other) => [first.value(other), rest.value(other), rest.value(other)],
        })),
      ),
      described(
        fc.array(inner, { minLength: 1, maxLength: 3 }).map((branches) => ({
          schema: { anyOf: branches.map(({ schema }) => schema) },
          value: (other) => branches[0]?.value(other),
        })),
      ),
      described(objectOf(inner)),
      described(
        fc.tuple(inner, objectOf(inner)).map(([first, second]) => ({
          schema: { type: "object", properties: { own: first.schema }, allOf: [{ required: ["own"] }, second.schema] },
          value: (other) => ({ ...(second.value(other) as object), own: first.value(other) }),
        })),
      ),
    ),
  };
});

interface Hostile {
  readonly type: EventTypeDefinition;
  /** Params that fit. */
  readonly params: unknown;
}

const hostile: fc.Arbitrary<Hostile> = fc
  .record({
    event: fc.stringMatching(/^[A-Z][A-Z0-9_]{2,8}$/).map((text) => `POST_${text}`),
    description: word,
    entries: fc.uniqueArray(fc.tuple(name, fitting), { minLength: 1, maxLength: 6, selector: ([key]) => key }),
    part: fitting.filter(({ schema }) => !JSON.stringify(schema).includes("$ref")),
  })
  .map(({ event, description, entries, part }) => {
    const { schema, value } = together(entries, []);
    const type = { name: event, phase: "post", resource: "order", description } as const;
    return {
      type: { ...type, schema: { ...schema, $defs: { "one/other": part.schema } } },
      params: value(part.value(undefined)),
    };
  })
  // A name that is in both parts of one may have two types.
  .filter(
    ({ type: { schema }, params }) => inspectSchema(schema).kind === "ok" && compileSchema(schema)(params).length === 0,
  );

/** Of many types at once: a compiler takes longer to begin than to read them all. */
const catalogs = fc.uniqueArray(hostile, { minLength: 20, maxLength: 40, selector: ({ type }) => type.name });

/** What is wrong with some of them is long enough without all of them. */
const few: fc.Parameters<[readonly Hostile[]]> = {
  numRuns: 4,
  endOnFailure: true,
  asyncReporter: async ({ failed, seed, errorInstance }) => {
    if (failed) assert.fail(`seed ${seed}: ${String(errorInstance).slice(0, 4_000)}`);
  },
};

const written = (language: "typescript" | "python" | "json-schema", all: readonly Hostile[]): string =>
  finished(writeTypes(language, { types: all.map(({ type }) => type), kinds: resourceKinds([]).all }));

async function runs(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  assert.equal(code, 0, said.slice(0, 4_000));
}

async function inFile(file: string, text: string, check: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-hostile-"));
  try {
    await writeFile(join(folder, file), text);
    await check(join(folder, file));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const tsc = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
const strict = [
  "--ignoreConfig",
  "--noEmit",
  "--strict",
  "--exactOptionalPropertyTypes",
  "--target",
  "esnext",
  "--types",
  "",
];

describe("types of event types that mean harm", () => {
  it("compile as strict TypeScript, and what fits a schema has its type", async () => {
    const holds = fc.asyncProperty(catalogs, async (all) => {
      const values = all.map(({ type, params }) => `  ${type.name}: ${JSON.stringify(params)},\n`);
      const held = `\nexport const samples: EventParams = {\n${values.join("")}};\n`;
      await inFile("types.ts", written("typescript", all) + held, (path) =>
        runs(process.execPath, [tsc, ...strict, path]),
      );
    });
    await fc.assert(holds, few);
  });

  it("are a module that Python reads, in ASCII but for what is said", async () => {
    const reads = "import sys; compile(open(sys.argv[1], encoding='utf-8').read(), 'types', 'exec')";
    const holds = fc.asyncProperty(catalogs, async (all) => {
      const text = written("python", all);
      const code = text.split("\n").filter((line) => !/^\s*#/.test(line));
      assert.doesNotMatch(code.join("\n"), /[^\n\x20-\x7e]/);
      await inFile("types.py", text, (path) => runs("python3", ["-c", reads, path]));
    });
    await fc.assert(holds, few);
  });

  it("are no type of nothing in Python, which pydantic does not know", () => {
    const nothing = {
      rest: { type: "array", items: false },
      both: { anyOf: [false, { type: "string" }] },
      gone: false,
    };
    const schema = { type: "object", properties: { ...nothing, never: false }, required: ["never"] } as const;
    const type = { name: "POST_ORDER_SHIP", phase: "post", resource: "order", description: "", schema } as const;
    const text = finished(writeTypes("python", { types: [type], kinds: [] }));
    assert.doesNotMatch(text, /NoReturn|Never/);
    const fields = "    rest: NotRequired[list[Any]]\n    both: NotRequired[str]\n    never: Any\n";
    assert.ok(text.includes(`class PostOrderShipParams(TypedDict):\n${fields}\n`), text);
  });

  it("are a JSON Schema that compiles, and takes what fits", async () => {
    const holds = fc.asyncProperty(catalogs, async (all) => {
      const ajv = new Ajv2020({ strict: false, code: { optimize: false } });
      addFormats.default(ajv);
      ajv.addSchema(JSON.parse(written("json-schema", all)) as object, "types");
      for (const { type, params } of all) {
        const takes = ajv.compile({ $ref: `types#/$defs/EventParams/properties/${type.name}` });
        assert.ok(takes(params), JSON.stringify([type, params, takes.errors]));
        await new Promise(setImmediate);
      }
    });
    await fc.assert(holds, few);
  });
});
