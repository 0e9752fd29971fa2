/** What the document of the lifecycle face advises functions before an operation to be for, and to do, with functions that do it. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hooked } from "../support/functions-api.ts";
import { external } from "./external.ts";
import { asked, create, type Lifecycle, lifecycle } from "./server.ts";

interface Made {
  readonly id: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly first_name: string;
}

const john = { username: "john_doe", email: "john@example.com" };

/** A function on PRE_USER_CREATE that may reach `host`. */
function before(at: Lifecycle, name: string, code: string, host?: string) {
  const egress = host === undefined ? [] : [host];
  return hooked(at.server, "PRE_USER_CREATE", `export default async ({ params, user }, { api, log }) => { ${code} };`, {
    name,
    settings: { egress },
  });
}

async function refusal(at: Lifecycle, body: object): Promise<readonly [number, string]> {
  const answer = await create(at, body);
  return [answer.status, answer.body.message];
}

describe("When to Use PRE Events", () => {
  it("email domain validation, by an error that is thrown", async () => {
    await using at = await lifecycle();
    const code = `if (!params.email.endsWith("@example.com")) throw new Error("Email domain not allowed");`;
    await before(at, "Check Email Domain", code);
    assert.deepEqual(await refusal(at, { username: "eve", email: "eve@elsewhere.example" }), [
      400,
      "Function 'Check Email Domain' failed on PRE_USER_CREATE: Email domain not allowed",
    ]);
    assert.equal((await create(at, john)).status, 201);
  });

  it("data enrichment from a CRM: what another system knows is saved with the user", async () => {
    await using crm = await external({ "/contacts": [[200, { first: "John", plan: "gold" }]] });
    await using at = await lifecycle();
    const code = `const answer = await fetch("http://${crm.host}/contacts?email=" + encodeURIComponent(params.email));
      const { first, plan } = await answer.json();
      return { decision: "allow", patch: { first_name: first, attributes: { plan } } };`;
    await before(at, "Enrich from CRM", code, crm.host);
    const { body } = await create<Made>(at, john);
    assert.deepEqual([body.data.first_name, body.data.attributes], ["John", { plan: "gold" }]);
    const kept = await at.server.api<Made>("GET", `/api/cloud/users/${body.data.id}/`);
    assert.deepEqual(kept.attributes, { plan: "gold" });
    assert.deepEqual(crm.heard, ["GET /contacts?email=john%40example.com"]);
  });

  it("credit check before a user is activated", async () => {
    await using bureau = await external({
      "/score": [
        [200, { score: 300 }],
        [200, { score: 700 }],
      ],
    });
    await using at = await lifecycle();
    const { body } = await create<Made>(at, { ...john, attributes: { active: false } });
    const code = `export default async ({ params }) => {
      if (params.attributes.active !== true) return true;
      const { score } = await (await fetch("http://${bureau.host}/score")).json();
      return score >= 500 || { decision: "deny", message: "not enough credit", fields: [{ path: "attributes.active", message: "a score of " + score }] };
    };`;
    await hooked(at.server, "PRE_USER_UPDATE", code, { name: "Credit Check", settings: { egress: [bureau.host] } });
    const path = `/api/cloud/users/${body.data.id}/`;
    const change = (active: boolean, first_name: string) =>
      asked<Made>(at, { method: "PATCH", path, body: { first_name, attributes: { active } } });
    assert.equal((await change(false, "Jon")).status, 200);
    const refused = await change(true, "John");
    assert.deepEqual(
      [refused.status, refused.body.message],
      [400, "Function 'Credit Check' refused PRE_USER_UPDATE: not enough credit"],
    );
    assert.deepEqual((await at.server.api<Made>("GET", path)).attributes, { active: false });
    assert.deepEqual((await change(true, "John")).body.data.attributes, { active: true });
    assert.equal(bureau.heard.length, 2);
  });

  it("duplicate detection, asking this platform for who is there", async () => {
    await using at = await lifecycle();
    const code = `const answer = await api("/api/cloud/users/?email=" + encodeURIComponent(params.email));
      const { data } = await answer.json();
      return { success: data.users.length === 0, message: params.email + " is taken" };`;
    await before(at, "Detect Duplicates", code);
    assert.equal((await create(at, john)).status, 201);
    assert.deepEqual(await refusal(at, { ...john, username: "johnny" }), [
      400,
      "Function 'Detect Duplicates' failed on PRE_USER_CREATE: john@example.com is taken",
    ]);
  });

  it("prerequisites: a quota, and who asks", async () => {
    await using at = await lifecycle();
    const quota = `const { data } = await (await api("/api/cloud/users/")).json();
      if (data.users.length >= 1) return { error: "the plan has 1 user" };`;
    await before(at, "Quota", quota);
    const may = `return user?.role === "operator" || { decision: "deny", message: "only operators invite" };`;
    await before(at, "Permissions", may);
    const { token } = await at.server.api<{ token: string }>("POST", "/api/cloud/tokens/", {
      principal: "anna",
      role: "admin",
    });
    const byAnna = await create(at, john, { authorization: `Bearer ${token}` });
    assert.deepEqual(
      [byAnna.status, byAnna.body.message],
      [400, "Function 'Permissions' refused PRE_USER_CREATE: only operators invite"],
    );
    assert.equal((await create(at, john)).status, 201);
    assert.deepEqual(await refusal(at, { username: "jane", email: "jane@example.com" }), [
      400,
      "Function 'Quota' failed on PRE_USER_CREATE: the plan has 1 user",
    ]);
  });
});

describe("Error Handling", () => {
  it("a PRE function catches what fails for a moment, and tries again within its time", async () => {
    await using crm = await external({
      "/contacts": [
        [503, {}],
        [503, {}],
        [200, { first: "John" }],
      ],
    });
    await using at = await lifecycle();
    const code = `for (let nth = 1; ; nth++) {
        try {
          const answer = await fetch("http://${crm.host}/contacts");
          if (!answer.ok) throw new Error("the CRM answered " + answer.status);
          return { decision: "allow", patch: { first_name: (await answer.json()).first } };
        } catch (error) {
          log.warn(error.message, { nth });
          if (nth === 3) throw error;
        }
      }`;
    await before(at, "Enrich", code, crm.host);
    assert.equal((await create<Made>(at, john)).body.data.first_name, "John");
    assert.equal(crm.heard.length, 3);
  });

  it("of several PRE functions that fail each is named, with what it said", async () => {
    await using at = await lifecycle();
    const hooks = [
      await before(at, "Check Email Domain", `throw new Error("domain");`),
      await before(at, "Detect Duplicates", `return { error: "taken" };`),
      await before(at, "Validate User Data", `return { decision: "deny", message: "incomplete" };`),
    ];
    const { body } = await create<{ refusals: readonly Readonly<Record<string, unknown>>[] }>(at, john);
    assert.match(body.message, /^Function 'Check Email Domain' failed on PRE_USER_CREATE: domain/);
    assert.deepEqual(
      body.data.refusals.map((one) => [one["function_id"], one["function_name"], one["message"]]),
      [
        [hooks[0]?.id, "Check Email Domain", "domain"],
        [hooks[1]?.id, "Detect Duplicates", "taken"],
        [hooks[2]?.id, "Validate User Data", "incomplete"],
      ],
    );
  });
});
