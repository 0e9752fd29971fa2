/** Any subscription's target may be a function, a webhook or an e-mail address, whatever its face: each really delivered. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { engine } from "../support/engine.ts";
import { stored } from "../support/stored.ts";
import { until } from "../support/until.ts";
import { type AtWork, atWork } from "./at-work.ts";

interface Face {
  readonly name: string;
  /** What is subscribed to. */
  readonly about: (at: AtWork) => object;
  /** Fits the events that {@link make} makes of `yes`, and of no others. */
  readonly filter: string;
  readonly make: (at: AtWork, name: string) => Promise<void>;
  readonly event: string;
  /** In the body of a webhook. */
  readonly told: (body: Readonly<Record<string, unknown>>) => unknown;
  /** In the params of a function. */
  readonly param: string;
}

const faces: readonly Face[] = [
  {
    name: "objects",
    about: () => ({ event: "OBJECT_CREATED_PUT", bucket: "pictures" }),
    filter: 'WHERE key = "yes"',
    make: (at, name) => at.put(name),
    event: "OBJECT_CREATED_PUT",
    told: (body) => (body["events"] as readonly { object: { key: string } }[])[0]?.object.key,
    param: "key",
  },
  {
    name: "lifecycle",
    about: () => ({ event: "POST_USER_CREATE" }),
    filter: "username = 'yes'",
    make: (at, name) => at.user(name),
    event: "POST_USER_CREATE",
    told: (body) => (body["params"] as { username: string }).username,
    param: "username",
  },
  {
    name: "notifications",
    about: ({ bucket }) => ({ event: "CONTENT_CHANGED", resource: bucket }),
    filter: "name = 'yes'",
    make: (at, name) => at.put(name),
    event: "CONTENT_CHANGED",
    told: (body) => (body["file"] as { name: string }).name,
    param: "key",
  },
];

for (const face of faces) {
  describe(`the ${face.name} face`, () => {
    it("reaches a webhook, an address and a function, each with what its filter wants", async () => {
      await using at = await atWork();
      const about = { ...face.about(at), filter: face.filter };
      const webhook = await at.subscribe({ ...about, target: { type: "webhook", url: `${at.hook}/h?e=\${EVENT}` } });
      const mail = await at.subscribe({ ...about, target: { type: "email", address: "me+${EVENT}@example.com" } });
      const fn = await at.subscribe({ ...about, target: { type: "function", function_id: at.fn } });
      for (const { face: told, status } of [webhook, mail, fn]) assert.deepEqual([told, status], [face.name, "active"]);
      assert.match(webhook.signing_secret ?? "", /^whsec_/);
      assert.equal(mail.signing_secret ?? fn.signing_secret, undefined);

      await face.make(at, "no");
      await face.make(at, "yes");
      const [heard] = await at.heardTimes(1);
      assert.equal(heard?.path, `/h?e=${face.event}`);
      assert.equal(face.told(heard?.body ?? {}), "yes");
      assert.match(String(heard?.headers["webhook-signature"]), /^v1,/);
      const [ran] = await at.runs(1);
      assert.deepEqual([ran?.event_type, ran?.params[face.param]], [face.event, "yes"]);
      const [sent] = await at.mails(1);
      assert.equal(sent?.to, `me+${face.event}@example.com`);
      assert.match(sent?.text ?? "", new RegExp(face.event));
      assert.match(sent?.text ?? "", new RegExp(mail.id));
    });

    it("tells a subscription that is not persistent of one event, and what came of it", async () => {
      await using at = await atWork();
      const about = { ...face.about(at), persistent: false };
      const one = await at.subscribe({ ...about, target: { type: "webhook", url: at.hook } });
      const other = await at.subscribe({ ...about, target: { type: "function", function_id: at.fn } });
      const third = await at.subscribe({ ...about, target: { type: "email", address: "me@example.com" } });
      const last = await at.subscribe({ ...face.about(at), target: { type: "webhook", url: `${at.hook}/all` } });
      await face.make(at, "first");
      await face.make(at, "second");
      const paths = (await at.heardTimes(3)).map(({ path, body }) => `${path} ${String(face.told(body))}`);
      assert.deepEqual(paths.toSorted(), ["/ first", "/all first", "/all second"]);
      assert.equal((await at.runs(1))[0]?.params[face.param], "first");
      await at.mails(1);
      for (const { id } of [one, other, third]) {
        await until(`${id} is complete`, async () => (await at.shown(id)).status === "complete");
      }
      assert.equal((await at.shown(last.id)).status, "active");
    });
  });
}

it("a one-shot subscription whose only delivery fails for good is failed", async () => {
  await using at = await atWork();
  at.answer = 500;
  const target = { type: "webhook", url: at.hook };
  const { id } = await at.subscribe({ event: "*", bucket: "pictures", persistent: false, max_retries: 0, target });
  await at.put("a");
  await until("it is failed", async () => (await at.shown(id)).status === "failed");
  await at.heardTimes(1);
});

it("a subscription that is made persistent while an event of before is on its way hears that and all later ones", async () => {
  await using at = await engine();
  const one = await at.subscribe({ once: true, filter: stored("key LIKE 'a%'") });
  const [first = 0] = await at.put("not for it");
  await at.calm();
  // In one group commit, in this order: dispatch knows of it as a one-shot when it meets the first event.
  const [[second = 0]] = await Promise.all([at.put("a1"), at.change(one, { once: false })]);
  const [third = 0] = await at.put("a2");
  await at.becomes("delivered", second, one);
  await at.becomes("delivered", third, one);
  assert.equal(await at.statusOf(first, one), "unknown");
  assert.deepEqual(at.keysFor(one), ["a1", "a2"]);
});

it("operations of the whole tenant reach who names no app, `*` everything after an operation", async () => {
  await using at = await atWork();
  await at.subscribe({ face: "lifecycle", event: "*", target: { type: "webhook", url: at.hook } });
  await at.user("ann");
  await at.put("a");
  const names = (await at.heardTimes(2)).map(({ body }) => String(body["event_type"]));
  assert.deepEqual(names.toSorted(), ["POST_OBJECT_PUT", "POST_USER_CREATE"]);
});

it("a function that is subscribed to a PRE event of the whole tenant decides", async () => {
  await using at = await atWork();
  const code = "export default ({ params }) => params.username !== 'eve' || { decision: 'deny', message: 'no' };";
  const fn = await at.server.api<{ id: number }>("POST", "/api/apps/the-app/functions/", { name: "Judge", code });
  const target = { type: "function", function_id: fn.id, stage: "validate", priority: 3 };
  const made = await at.subscribe({ event: "PRE_USER_CREATE", target });
  assert.deepEqual((await at.server.api<{ target: object }>("GET", `/api/cloud/subscriptions/${made.id}/`)).target, {
    ...target,
    timeout_ms: null,
    failure_policy: "closed",
  });
  await at.user("ann");
  await assert.rejects(at.user("eve"), /400/);
});
