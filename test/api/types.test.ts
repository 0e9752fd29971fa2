import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testApi } from "../support/api.ts";

const types = "/api/cloud/types/";

describe("GET /api/cloud/types/", () => {
  it("answers with a module for a file, in TypeScript by default", async () => {
    await using api = await testApi();
    const token = await api.tokenOf("member");
    const { status, data } = await api.ask("GET", types, undefined, { token });
    assert.deepEqual([status, data["language"], data["file_name"]], [200, "typescript", "signalbox-events.ts"]);
    assert.match(String(data["text"]), /^export type PostUserCreateParams = \{$/m);
    assert.match(String(data["text"]), /^export type ResourceNotification = /m);
    const some = await api.ask("GET", `${types}?language=python&event=PRE_USER_CREATE&event=POST_USER_CREATE`);
    assert.equal(some.data["file_name"], "signalbox_events.py");
    assert.match(
      String(some.data["text"]),
      /^PARAMS: dict\[str, Any\] = \{\n {4}"PRE_USER_CREATE": .*\n {4}"POST_USER_CREATE": .*\n\}/m,
    );
    assert.doesNotMatch(String(some.data["text"]), /ResourceNotification/);
  });

  it("tells what attributes may be to developers of the tenant alone", async () => {
    await using api = await testApi();
    const schema = { type: "object", properties: { plan: { enum: ["free", "pro"] } } };
    await api.ask("PUT", "/api/cloud/users/schema/", { schema });
    const told = async (role: "developer" | "member", tenant?: string): Promise<boolean> => {
      const token = await api.tokenOf(role, `a-${role}`, tenant);
      return /readonly plan\?: "free" \| "pro"/.test(
        (await api.ask("GET", types, undefined, { token })).text.replaceAll('\\"', '"'),
      );
    };
    assert.deepEqual([await told("developer"), await told("member")], [true, false]);
    await api.deps.store.commit({
      changes: [{ do: "tenant.add", tenant: { id: "acme", name: "Acme", createdMs: 0 } }],
    });
    assert.equal(await told("developer", "acme"), false);
  });

  it("refuses languages and event types that there are not, by name", async () => {
    await using api = await testApi();
    const [language, event] = [
      await api.ask("GET", `${types}?language=cobol`),
      await api.ask("GET", `${types}?event=POST_USER_CREAT`),
    ];
    assert.deepEqual([language.status, language.fields[0]?.path], [400, "language"]);
    assert.deepEqual([event.status, event.fields[0]?.path], [400, "event"]);
    assert.match(event.message, /Invalid event type 'POST_USER_CREAT'/);
  });
});

describe("GET /api/cloud/events/{event}/", () => {
  it("tells who says what the type is, and of one that was declared which declaration that is", async () => {
    await using api = await testApi();
    const builtIn = await api.ask("GET", "/api/cloud/events/POST_USER_CREATE/");
    assert.deepEqual([builtIn.data["source"], "version" in builtIn.data], ["built_in", false]);
    const declaration = {
      sort: "event_type",
      name: "POST_ORDER_SHIP",
      definition: { name: "POST_ORDER_SHIP", phase: "post", resource: "order", schema: { type: "object" } },
      createdMs: 0,
      updatedMs: 0,
    } as const;
    await api.deps.store.commit({ changes: [{ do: "declaration.put", declaration }] });
    await api.deps.declared.refresh();
    const declared = await api.ask("GET", "/api/cloud/events/POST_ORDER_SHIP/");
    assert.deepEqual([declared.data["source"], declared.data["version"]], ["declared", 1]);
  });
});
