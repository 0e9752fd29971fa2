import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { hostDocument, testApi } from "../support/api.ts";
import type { OpenApi } from "../support/openapi-document.ts";

it("/host/openapi.json is as in test/golden/host-openapi.json (node scripts/openapi.ts writes it)", async () => {
  const golden = new URL("../golden/host-openapi.json", import.meta.url);
  assert.deepEqual(JSON.parse(await hostDocument()), JSON.parse(readFileSync(golden, "utf8")));
});

it("/host/openapi.json names every route of the host interface, each of the role host, and no other", async () => {
  await using api = await testApi();
  const { paths } = JSON.parse(await hostDocument()) as OpenApi;
  const documented = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => {
      assert.equal((operation as unknown as Record<string, unknown>)["x-signalbox-role"], "host");
      return `${method.toUpperCase()} ${path}`;
    }),
  );
  const routes = api.hostRoutes.map(({ method, path }) => `${method} ${path.replaceAll(/:([A-Za-z_]+)/g, "{$1}")}`);
  assert.deepEqual(documented.toSorted(), routes.toSorted());
  for (const { path, role } of api.hostRoutes) {
    assert.match(path, /^\/host\/v1\//);
    assert.equal(role, "host");
  }
  const ids = Object.values(paths).flatMap((item) => Object.values(item).map(({ operationId }) => operationId));
  for (const id of ids) assert.match(id, /^[a-z]+([A-Z][a-z]+)*$/);
  assert.equal(new Set(ids).size, ids.length);
});

it("the API's document knows nothing of the host interface", async () => {
  await using api = await testApi();
  const { text } = await api.ask("GET", "/openapi.json", undefined, { token: "" });
  assert.doesNotMatch(text, /\/host\//);
});
