import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hooked } from "../support/functions-api.ts";
import { askHost, type HostAnswer } from "../support/host-listener.ts";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { orderEvents } from "../support/library.ts";

interface Started {
  readonly task_ids: readonly { readonly task_id: string; readonly function_name: string }[];
  readonly total_subscribers: number;
}

async function hostOf(server: RunningServer) {
  const made = { principal: "platform", role: "host", all_tenants: true };
  const { token } = await server.api<{ readonly token: string }>("POST", "/api/cloud/tokens/", made);
  return (method: string, path: string, body?: unknown): Promise<HostAnswer> =>
    askHost(server.signalbox.hostUrl ?? "", { method, path, token, ...(body === undefined ? {} : { body }) });
}

describe("tasks of events that a host publishes", () => {
  it("of hooks and of functions, are waited for like get(), and tell refusals as they are", async () => {
    await using server = await runServer({ SIGNALBOX_HOST_LISTEN: "127.0.0.1:0" }, { events: orderEvents });
    const host = await hostOf(server);
    await hooked(
      server,
      "PRE_ORDER_CREATE",
      `export default async ({ params }) => params.item === "poison"
        ? { decision: "deny", code: "poison", message: "We sell no poison", fields: [{ path: "item", message: "is poison" }] }
        : { decision: "allow", patch: { discount: 5 } };`,
      { name: "Check items" },
    );
    await hooked(server, "POST_ORDER_CREATE", "export default async ({ params }) => ({ sent: params.id });", {
      name: "Send mail",
    });
    const start = async (event_type: string, params: object): Promise<Started> => {
      const { status, json, text } = await host("POST", "/host/v1/events/", { event_type, params });
      assert.deepEqual([status, json["status"]], [200, "success"], text);
      return json["data"] as Started;
    };
    const task = async (started: Started) => {
      const [{ task_id } = { task_id: "none" }] = started.task_ids;
      const { status, json } = await host("GET", `/host/v1/tasks/${task_id}/?wait_ms=60000`);
      assert.equal(status, 200);
      return json["data"] as Readonly<Record<string, unknown>>;
    };

    const allowed = await task(await start("PRE_ORDER_CREATE", { item: "a pen" }));
    assert.deepEqual(
      [allowed["status"], allowed["result"]],
      ["success", { decision: "allow", patch: { discount: 5 } }],
    );
    const denied = await task(await start("PRE_ORDER_CREATE", { item: "poison" }));
    const error = denied["error"] as Readonly<Record<string, unknown>>;
    assert.deepEqual([denied["status"], error["code"]], ["error", "hook_denied"]);
    assert.match(String(error["message"]), /We sell no poison/);
    const sent = await task(await start("POST_ORDER_CREATE", { id: 7, item: "a pen" }));
    assert.deepEqual([sent["status"], sent["result"]], ["success", { sent: 7 }]);

    const many = await host("POST", "/host/v1/events/", {
      events: [1, 2, 3].map((id) => ({ event_type: "POST_ORDER_CREATE", params: { id, item: "a pen" } })),
    });
    const { results } = many.json["data"] as { readonly results: readonly Started[] };
    for (const [at, started] of results.entries()) {
      assert.equal(started.total_subscribers, 1);
      assert.deepEqual((await task(started))["result"], { sent: at + 1 });
    }
  });

  it("that are not known are not found, and a wait has its bounds", async () => {
    await using server = await runServer({ SIGNALBOX_HOST_LISTEN: "127.0.0.1:0" });
    const host = await hostOf(server);
    assert.equal((await host("GET", "/host/v1/tasks/nothing/")).status, 404);
    for (const wait of ["-1", "300001", "soon", "1.5"]) {
      const { status, json } = await host("GET", `/host/v1/tasks/nothing/?wait_ms=${wait}`);
      const [field] = json["fields"] as readonly { readonly path: string }[];
      assert.deepEqual([status, field?.path], [400, "wait_ms"]);
    }
  });
});
