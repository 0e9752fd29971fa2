/** What functions on POST events, tenants and secrets must hold to, through HTTP and with functions that really run. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Event, EventService, EventType } from "../../src/index.ts";
import { hooked, invocationsOf } from "../support/functions-api.ts";
import { asked, create, ended, lifecycle } from "./server.ts";

const crash = "export default () => { throw new Error('broken'); };";
const jo = { username: "jo", email: "jo@example.com" };

describe("a POST event", () => {
  it("reaches its other functions although one is broken, and redelivery keeps the event's id", async () => {
    await using at = await lifecycle();
    const broken = await hooked(at.server, "POST_USER_CREATE", crash, {
      name: "Broken",
      subscription: { max_retries: 0 },
    });
    const idle = "export default (event) => ({ id: event.id, attempt: event.attempt });";
    const well = await hooked(at.server, "POST_USER_CREATE", idle, { name: "Well" });
    assert.equal((await create(at, jo)).status, 201);
    const ran = await ended(at, well, 1);
    const [died] = await ended(at, broken, 1);
    assert.equal(died?.status, "failed");
    const { deliveries } = await at.server.api<{ deliveries: readonly { id: string; status: string }[] }>(
      "GET",
      "/api/cloud/deliveries/?status=delivered",
    );
    assert.equal(deliveries.length, 1);
    await at.server.api("POST", `/api/cloud/deliveries/${deliveries[0]?.id}/redrive/`);
    const again = await ended(at, well, 2);
    const results = again.map(({ result }) => result as { id: string; attempt: number });
    assert.deepEqual(
      results.map(({ attempt }) => attempt),
      [2, 1],
    );
    assert.equal(new Set(results.map(({ id }) => id)).size, 1);
    assert.equal(ran.length, 1);
  });
});

describe("tenants and secrets", () => {
  it("tenant A never sees B's events, functions, invocations, or users", async () => {
    await using at = await lifecycle();
    await at.server.api("POST", "/api/cloud/tenants/", { id: "other", name: "Other" });
    const mine = await hooked(
      at.server,
      "PRE_USER_CREATE",
      "export default () => ({ decision: 'deny', message: 'mine' });",
    );
    const there = { "x-signalbox-tenant": "other" };
    assert.equal((await create(at, jo, there)).status, 201);
    assert.equal((await create(at, jo)).status, 400);
    const [ran] = await invocationsOf(at.server, mine);
    for (const path of ["/api/apps/the-app/", `/api/cloud/invocations/${ran?.id}/`, "/api/apps/the-app/functions/"]) {
      assert.equal((await asked(at, { method: "GET", path })).status, 200, path);
      assert.equal((await asked(at, { method: "GET", path, headers: there })).status, 404, path);
    }
    const path = "/api/cloud/events/PRE_USER_CREATE/subscribe/";
    const { status, body } = await asked(at, { method: "POST", path, body: { function_id: mine.id }, headers: there });
    assert.deepEqual([status, body.message], [400, `Function with id ${mine.id} does not exist`]);
  });

  it("passwords and secrets are in no record, log, or answer", async () => {
    await using at = await lifecycle();
    const password = "correct-horse-battery";
    const secret = "s3cr3t-of-the-function";
    const code =
      "export default (event, { env, log }) => { log(JSON.stringify(event)); return { has: env.KEY.length, event }; };";
    const post = await hooked(at.server, "POST_USER_CREATE", code, { settings: { secrets: { KEY: secret } } });
    const params = { user_id: 1, ...jo, password };
    const events = new EventService({ tenant: "default", signalbox: at.server.signalbox });
    const published = await events.publishEvent(new Event({ event_type: EventType.POST_USER_CREATE, params }), {
      user: "ann",
    });
    assert.equal(published.status, "success");
    const [ran] = await ended(at, post, 1);
    assert.match(JSON.stringify(ran?.result), new RegExp(`^{"has":${secret.length},`));
    const shown = await at.server.api("GET", `/api/apps/the-app/functions/${post.slug}/`);
    assert.doesNotMatch(JSON.stringify([ran, shown, published]), new RegExp(`${password}|${secret}`));
    const files = (await readdir(at.server.folder)).filter((name) => name.startsWith("signalbox.db"));
    assert.ok(files.length > 0);
    for (const name of files) {
      const bytes = await readFile(join(at.server.folder, name), "latin1");
      assert.ok(bytes.includes(jo.email) || name !== "signalbox.db-wal", "what is looked for would be found");
      assert.ok(!bytes.includes(password) && !bytes.includes(secret), name);
    }
  });
});
