import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { openApiDocument, testApi } from "../support/api.ts";

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
