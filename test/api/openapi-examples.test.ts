/** The examples of the API's document are answers that were given, and stay true. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { openApiDocument } from "../support/api.ts";
import { type OpenApi, type Operation, operationsOf, type Schema } from "../support/openapi-document.ts";
import { recordedExamples } from "../support/openapi-examples.ts";

const kept = new URL("../../src/faces/openapi-examples.json", import.meta.url);

interface Example {
  readonly schema: Schema;
  readonly example: unknown;
}

/** Of a request's body, if it has one, and of the answer of success. */
function examplesOf({ requestBody, responses }: Operation): readonly Example[] {
  const success = Object.entries(responses).find(([status]) => status.startsWith("2"))?.[1];
  return [requestBody?.content, success?.content]
    .filter((content) => content !== undefined)
    .map((content) => {
      const [told] = Object.values(content) as readonly Example[];
      assert.ok(told);
      return told;
    });
}

describe("examples in /openapi.json", () => {
  it("are what the API answers (node scripts/openapi.ts writes them)", async () => {
    assert.deepEqual(await recordedExamples(), JSON.parse(readFileSync(kept, "utf8")));
  });

  it("stand at every operation, and fit its schemas", async () => {
    const document = JSON.parse(await openApiDocument()) as OpenApi;
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(ajv);
    ajv.addSchema({ $id: "document", components: document.components });
    let checked = 0;
    for (const operation of operationsOf(document)) {
      for (const { schema, example } of examplesOf(operation)) {
        const { operationId } = operation;
        assert.notEqual(example, undefined, operationId);
        const text = JSON.stringify(schema).replaceAll('"#/components/', '"document#/components/');
        const check = ajv.compile(JSON.parse(text) as Schema);
        assert.ok(check(example), `${operationId}: ${ajv.errorsText(check.errors)}`);
        checked += 1;
      }
    }
    assert.ok(checked >= operationsOf(document).length);
  });
});
