import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testApi } from "../support/api.ts";
import { until } from "../support/until.ts";

describe("firing where nothing is sent for a while", () => {
  it("is answered after 10 seconds, with what is known by then", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("pictures");
    const ask = async (path: string, body: object) => {
      const response = await api.app.inject({
        method: "POST",
        url: `/notifications/v2/${path}`,
        headers: { authorization: `Bearer ${api.operator}` },
        payload: body,
      });
      return {
        status: response.statusCode,
        result: response.json<{ result: Readonly<Record<string, unknown>> }>().result,
      };
    };
    const body = { url: "https://hooks.example.com/", event: "*", associatedUuid: bucket.uuid };
    const { result } = await ask("", body);
    const askedMs = api.clock.now();
    const fired = ask(`${String(result["id"])}/attempts`, {});
    let answered = false;
    void fired.then(() => (answered = true));
    await until("it is answered", () => {
      // As long as it takes, each time that it looks again.
      if (api.clock.pending > 0) api.clock.advance(500);
      return answered;
    });
    const { status, result: attempt } = await fired;
    assert.deepEqual([status, attempt["status"], attempt["attempts"]], [200, "WAITING", 0]);
    assert.ok(api.clock.now() - askedMs >= 10_000);
  });
});
