import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { openApiDocument, testApi } from "../support/api.ts";
import { costsAtMost } from "../support/cpu-limits.ts";
import { componentPrefix, type OpenApi, objectsOf, operationsOf } from "../support/openapi-document.ts";

const document = async (): Promise<OpenApi> => JSON.parse(await openApiDocument()) as OpenApi;

it("/openapi.json is as in test/golden/openapi.json (node scripts/openapi.ts writes it)", async () => {
  const golden = new URL("../golden/openapi.json", import.meta.url);
  assert.deepEqual(JSON.parse(await openApiDocument()), JSON.parse(readFileSync(golden, "utf8")));
});

it("/openapi.json names every route, with the role that it needs", async () => {
  await using api = await testApi();
  const { text } = await api.ask("GET", "/openapi.json", undefined, { token: "" });
  const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, Record<string, unknown>>> };
  for (const { method, path, role } of api.routes) {
    const documented = paths[path.replaceAll(/:([A-Za-z_]+)/g, "{$1}")]?.[method.toLowerCase()];
    assert.equal(documented?.["x-signalbox-role"], role, `${method} ${path}`);
  }
});

it("/openapi.json gives every operation a name of its own, of which a generator can make a method", async () => {
  const ids = operationsOf(await document()).map(({ operationId }) => operationId);
  for (const id of ids) assert.match(id, /^[a-z]+([A-Z][a-z]+)*$/);
  assert.equal(new Set(ids).size, ids.length);
});

it("/openapi.json names every schema of a request and of an answer, and what they share", async () => {
  const told = await document();
  const { schemas } = told.components;
  for (const name of Object.keys(schemas)) {
    assert.match(name, /^([A-Z][a-z]+)+$/);
    assert.ok(!(name in globalThis), `${name} means something to TypeScript already`);
  }
  for (const { operationId, requestBody, responses } of operationsOf(told)) {
    const contents = [requestBody, ...Object.values(responses)].flatMap((one) => one?.content ?? []);
    for (const { schema } of contents.flatMap((content) => Object.values(content))) {
      assert.deepEqual(
        Object.keys(schema).filter((key) => key !== "description"),
        ["$ref"],
        operationId,
      );
    }
  }
  const refs = [...objectsOf(told)].flatMap(({ object: { $ref } }) => (typeof $ref === "string" ? [$ref] : []));
  const names = new Set(refs.map((ref) => ref.slice(componentPrefix.length)));
  assert.deepEqual([...names].toSorted(), Object.keys(schemas).toSorted(), "all that is named is there, and used");

  const places = new Map<string, string[]>();
  for (const { at, object } of objectsOf(told)) {
    const { description: _, properties, ...rest } = object;
    if (object["type"] !== "object" || Object.keys(properties ?? {}).length < 4) continue;
    // An envelope around one name.
    if (/^\/components\/schemas\/\w+Response$/.test(at)) continue;
    const same = JSON.stringify({ properties, ...rest });
    places.set(same, [...(places.get(same) ?? []), at]);
  }
  assert.deepEqual(
    [...places.values()].filter((at) => at.length > 1),
    [],
    "give it a name: named() of src/faces/http/named.ts",
  );
});

it("/openapi.json is made once, and sent only to callers that do not have it", async () => {
  await using api = await testApi();
  const ask = (headers = {}, method = "GET") => api.ask(method, "/openapi.json", undefined, { token: "", headers });
  const [first, second] = await Promise.all([ask(), ask()]);
  const eTag = String(first.headers["etag"]);
  assert.match(eTag, /^"[\w-]{32}"$/, "strong");
  assert.equal(second.text, first.text);
  assert.deepEqual([second.headers["etag"], second.headers["content-type"]], [eTag, "application/json; charset=utf-8"]);
  for (const known of [eTag, `W/${eTag}`, `"other", ${eTag}`, "*"]) {
    const { status, text, headers } = await ask({ "if-none-match": known });
    assert.deepEqual([status, text, headers["etag"]], [304, "", eTag], known);
  }
  assert.equal((await ask({ "if-none-match": '"other"' })).text, first.text);
  const head = await ask({}, "HEAD");
  assert.deepEqual([head.status, head.text, head.headers["etag"]], [200, "", eTag]);
  assert.equal(head.headers["content-length"], String(Buffer.byteLength(first.text)));

  // Written out for each of them it took 4 to 8 ms each.
  await costsAtMost(1_000, async () => {
    for (let times = 0; times < 500; times += 1) await ask({ "if-none-match": eTag });
  });
});
