/** What the dashboard offers new functions to begin with, and what is tried with it: as they stand. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { templates } from "../../src/dashboard/screens/functions/templates.ts";
import { testApi } from "../support/api.ts";
import { functionsPath, makeApp } from "../support/functions.ts";

describe("templates of functions", () => {
  it("are checked without a problem, and run with a sample of their event", async () => {
    await using api = await testApi();
    await makeApp(api);
    assert.ok(templates.length >= 3);
    for (const { id, event, code } of templates) {
      const body = { code, language: "typescript", slug: id };
      const checked = await api.ask("POST", `${functionsPath}check/`, body);
      assert.deepEqual([checked.data["ok"], checked.data["problems"]], [true, []], id);
      const params = (await api.ask("GET", `/api/cloud/events/${event}/types/`)).data["sample"];
      const ran = await api.ask("POST", `${functionsPath}run/`, { ...body, event: { event_type: event, params } });
      assert.deepEqual([ran.data["status"], ran.data["error"]], ["succeeded", null], id);
    }
  });
});
