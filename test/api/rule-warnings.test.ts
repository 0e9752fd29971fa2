import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testApi } from "../support/api.ts";

const rules = "/api/cloud/buckets/photos/notifications/";
const url = "https://receiver.example/hook";

describe("a filter with ORDER BY", () => {
  const filter = 'key LIKE "a/%" ORDER BY `Last-Modified` DESC';
  const told = /^ORDER BY changes nothing here/;

  it("is saved, and the answer says that it changes nothing", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    const { status, data } = await api.ask("POST", rules, { url, filter });
    assert.deepEqual([status, data["filter"]], [201, filter]);
    const warningsOf = (answer: Readonly<Record<string, unknown>>): unknown => (answer["warnings"] as string[])[0];
    assert.match(String(warningsOf(data)), told);
    const one = `${rules}${String(data["id"])}/`;
    const shown = await api.ask("GET", one);
    assert.equal(shown.data["warnings"], undefined);
    const changed = await api.ask("PATCH", one, { filter: `${filter}, key` });
    assert.match(String(warningsOf(changed.data)), told);
    const plain = await api.ask("PATCH", one, { filter: 'key LIKE "a/%"' });
    assert.equal(plain.data["warnings"], undefined);
    assert.equal((await api.ask("PATCH", one, { enabled: false })).data["warnings"], undefined);
    const event = { eventName: "OBJECT_CREATED_PUT", object: { key: "a/b" } };
    const checked = await api.ask("POST", `${rules}check/`, { filter, event });
    assert.deepEqual([checked.data["matched"], String(warningsOf(checked.data)).match(told)?.length], [1, 1]);
  });

  it("wants everything when it says nothing else", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    const { status, data } = await api.ask("POST", rules, { url, filter: "ORDER BY key" });
    assert.deepEqual([status, data["filter"]], [201, null]);
    assert.match(String((data["warnings"] as string[])[0]), told);
  });
});

describe("a filter that may not do as it was meant", () => {
  it("is saved, and the answer says what is odd about it, for this bucket and from now on", async () => {
    await using api = await testApi();
    await api.bucket("photos");
    const rows = [
      ['key REGEXP "/^images/i"', /never true: a pattern has no slashes/],
      ['key LIKE "a/*"', /\* is an ordinary character/],
      ['bucket = "videos"', /bucket is always "photos"/],
      ['`Last-Modified` < "2025-01-01T00:00:00Z"', /in the past/],
      ["size > 10 AND size < 5", /never true/],
    ] as const;
    const id = String((await api.ask("POST", rules, { url })).data["id"]);
    for (const [filter, told] of rows) {
      const { status, data } = await api.ask("POST", rules, { url, filter });
      assert.deepEqual([status, data["filter"]], [201, filter]);
      assert.match(String(data["warnings"]), told);
      const changed = await api.ask("PATCH", `${rules}${id}/`, { filter });
      assert.match(String(changed.data["warnings"]), told);
    }
    // Events that were may be older.
    const check = { filter: rows[3][0], last: 1 };
    assert.equal((await api.ask("POST", `${rules}check/`, check)).data["warnings"], undefined);
    const odd = await api.ask("POST", `${rules}check/`, { filter: rows[1][0], last: 1 });
    assert.match(String(odd.data["warnings"]), rows[1][1]);
  });
});
