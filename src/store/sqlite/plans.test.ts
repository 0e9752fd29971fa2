import assert from "node:assert/strict";
import { it } from "node:test";
import {
  aBucket,
  anObject,
  anUpload,
  aSubscription,
  noonMs,
  tenantWithAda,
  uuid,
} from "../../../test/conformance/store/given.ts";
import {
  addFunction,
  aFunction,
  anApp,
  anInvocation,
  aVersion,
} from "../../../test/conformance/store/given-functions.ts";
import { aDecision, anIntent, aRemembered } from "../../../test/conformance/store/operations.ts";
import { aUser } from "../../../test/conformance/store/users.ts";
import { plannedStatements } from "../../../test/support/planned.ts";
import { stored } from "../../../test/support/stored.ts";
import { needsBeyond } from "../../domain/face-rules.ts";
import { noQuotas } from "../../domain/quotas.ts";
import { configurations } from "../sql/configurations.ts";
import { insertEvent } from "../sql/events-sql.ts";
import { figures } from "../sql/figures.ts";
import { functions } from "../sql/function-reads.ts";
import { identities } from "../sql/identities.ts";
import { keptMails } from "../sql/kept-mails.ts";
import { mailboxes } from "../sql/mailboxes.ts";
import { objects } from "../sql/objects.ts";
import { operations } from "../sql/operations.ts";
import { pruneStep } from "../sql/prune.ts";
import { quotas } from "../sql/quotas.ts";
import { runScript } from "../sql/script.ts";
import { subscriptions } from "../sql/subscription-reads.ts";
import { unitSteps } from "../sql/units.ts";
import { users } from "../sql/users.ts";
import type { Change, Condition } from "../unit.ts";
import { RepeatedReads } from "./repeated-reads.ts";

it("no read of identities, objects or subscriptions goes through a whole table, or sorts", async () => {
  const statements = plannedStatements();
  const repeated = new RepeatedReads(statements, { writes: 0 });
  const [who, what] = [identities(statements, repeated), objects(statements, repeated)];
  const wanted = subscriptions(statements);
  const asked = mailboxes(statements);
  const said = configurations(statements);
  const { uuid } = aBucket();
  const page = { max: 9 };
  const bounds = quotas(statements, noQuotas);
  await bounds.of("acme");
  await bounds.one("acme", "bytes");
  await bounds.bounds("events_per_second");
  await what.uploadsBefore(0, { max: 9 });
  await who.tenant("acme");
  await who.tenants(page);
  await who.principal("acme", "ada");
  await who.principals({ tenant: "acme", nowMs: 0 }, { after: "a", max: 9 });
  await who.principals({ tenant: "acme", nowMs: 0, name: "ada" }, { max: 1 });
  await who.principalsOf({ tenant: "acme", uuid, username: "ada" });
  await asked.question("a@b.example");
  await asked.refused("a@b.example");
  const mails = keptMails(statements);
  await mails.list({ max: 9 });
  await mails.list({ max: 9, after: "a" });
  await mails.nameOf("a");
  await mails.raw("a");
  await who.tokenByHash("");
  await who.tokens("acme", page);
  await who.tokens("acme", { ...page, after: uuid });
  await who.accessKey("");
  await who.accessKeys({ tenant: "acme" }, page);
  await who.accessKeys({ tenant: "acme", principal: "ada" }, page);
  await who.grant(uuid, "ada");
  await who.grants(uuid);
  await who.reach(uuid, "ada");
  await who.living("acme", ["ada"]);
  await what.bucket("acme", "");
  await what.bucketByUuid(uuid);
  await what.buckets({ tenant: "acme" }, page);
  await what.buckets({ tenant: "acme", visibleTo: "ada" }, page);
  await what.object(uuid, "");
  await what.list({ bucket: uuid, prefix: "a", from: "ab" }, { ...page, after: "abc" });
  await what.sizes(uuid, page);
  await what.upload("");
  await what.uploads({ bucket: uuid, prefix: "a" }, page);
  await what.parts("", page);
  await what.part("", 1);
  await what.referred(["blob"]);
  await said.of(uuid, "cors");
  await said.corsOfName("alpha", page);
  await wanted.get(uuid);
  await wanted.byNumber(1);
  await wanted.byNumbers([1]);
  await wanted.list({ tenant: "acme" }, page);
  await wanted.list({ tenant: "acme", scope: uuid, face: "objects" }, page);
  await wanted.changedSince("acme", { revision: 1, number: 1 }, 9);
  await wanted.pastAt("acme", { revision: 1, upTo: 2 }, { max: 9 });
  await wanted.everOn({ tenant: "acme", scopes: [uuid] }, page);
  await wanted.stood(1, { revision: 1, atMs: 1 });
  await wanted.newest({ tenant: "acme" }, page);
  await wanted.newest({ tenant: "acme", face: "notifications", deleted: true }, page);
  await wanted.newest({ tenant: "acme", owner: "ada", scope: uuid }, page);
  await wanted.listening({ tenant: "acme" }, page);
  await wanted.scopesOf("subscription");
  await who.seersOf([{ tenant: "acme", resources: [uuid], developers: true }]);
  await what.objectByUuid(uuid);
  assert.deepEqual(statements.scans, []);
});

it("no change and no condition of theirs goes through a whole table", () => {
  const statements = plannedStatements();
  const bucket = aBucket();
  const upload = anUpload(bucket.uuid, "k");
  const subscription = aSubscription(bucket.uuid);
  const key = { id: "K", tenant: "acme", principal: "ada", sealedSecret: "", label: "", createdMs: noonMs };
  const part = { upload: upload.id, number: 1, size: 1, eTag: "", blob: "", modifiedMs: noonMs, checksums: {} };
  const about = { subscription: bucket.uuid, delivery: "d", askedMs: noonMs };
  const question = { mailbox: "a", tenant: "acme", owner: "ada", ...about };
  const changes: Change[] = [
    ...tenantWithAda("acme"),
    { do: "quota.put", tenant: "acme", quota: "bytes", limit: 1 },
    { do: "accessKey.put", key },
    { do: "accessKey.remove", tenant: "acme", id: "K" },
    { do: "token.revoke", tenant: "acme", uuid: bucket.uuid, atMs: noonMs },
    { do: "principal.end", tenant: "acme", name: "ada", atMs: noonMs },
    {
      do: "principal.lowered",
      tenant: "acme",
      name: "ada",
      beyond: needsBeyond("member"),
      atMs: noonMs,
      everywhere: true,
    },
    { do: "question.ask", question, forgetMs: 0 },
    { do: "question.sent", mailbox: "a", delivery: "d" },
    { do: "question.answered", mailbox: "a", subscription: bucket.uuid },
    { do: "refusal.put", mailbox: "a", atMs: noonMs },
    { do: "refusal.remove", mailbox: "a" },
    { do: "grant.put", grant: { resource: bucket.uuid, grantee: "ada", permission: "read" } },
    { do: "grant.remove", resource: bucket.uuid, grantee: "ada" },
    { do: "bucket.add", bucket },
    { do: "configuration.put", bucket: bucket.uuid, configuration: { name: "tagging", value: { a: "b" } } },
    { do: "configuration.remove", bucket: bucket.uuid, name: "tagging" },
    { do: "object.put", object: anObject(bucket.uuid, "k") },
    { do: "object.remove", bucket: bucket.uuid, key: "k" },
    { do: "upload.add", upload },
    { do: "part.put", part },
    { do: "upload.remove", id: upload.id },
    { do: "subscription.add", subscription },
    { do: "subscription.change", uuid: subscription.uuid, patch: {}, atMs: noonMs },
    { do: "subscription.remove", uuid: subscription.uuid, atMs: noonMs },
    { do: "subscription.access", made: [{ number: 1, filter: stored("key = 'a'"), access: "" }] },
    { do: "subscription.take", tenant: "acme", sequence: 1, subscriptions: [1], dueMs: noonMs },
    { do: "event.aside", tenant: "acme", sequences: [1], state: "waiting", atMs: noonMs },
    { do: "event.done", sequences: [1] },
    { do: "delivery.redrive", sequence: 1, subscription: 1, dueMs: noonMs },
    { do: "delivery.forward", subscription: 1, sequences: [1], nowMs: noonMs, usualMs: 1 },
    { do: "delivery.clear", subscription: 1 },
    { do: "delivery.clear", subscription: 1, sequence: 1 },
    { do: "resource.end", uuid: bucket.uuid, atMs: noonMs },
    { do: "registered.remove", uuid: bucket.uuid },
    { do: "bucket.remove", bucket: bucket.uuid, atMs: noonMs },
  ];
  const conditions: Condition[] = [
    { if: "tenant.exists", id: "acme" },
    { if: "event.poisoned", tenant: "acme", sequence: 1 },
    { if: "resource.live", uuid: bucket.uuid },
    { if: "resource.absent", uuid: bucket.uuid },
    { if: "accessKey.absent", id: "K" },
    { if: "principal.is", tenant: "acme", name: "ada", role: "admin" },
    { if: "mailbox.askable", mailbox: "a", delivery: "d", sinceMs: 0 },
    { if: "questions.fewer", tenant: "acme", sinceMs: 0, fewer: 9, delivery: "d" },
    { if: "questions.fewer", tenant: "acme", owner: "ada", sinceMs: 0, fewer: 9, delivery: "d" },
    { if: "bucket.nameFree", tenant: "acme", name: "" },
    { if: "bucket.live", bucket: bucket.uuid },
    { if: "bucket.empty", bucket: bucket.uuid },
    { if: "object.version", bucket: bucket.uuid, key: "", version: undefined },
    { if: "object.version", bucket: bucket.uuid, key: "", version: "" },
    { if: "upload.open", id: "" },
    { if: "upload.changes", id: "", changes: 1 },
    { if: "part.blob", upload: "", number: 1, blob: undefined },
    { if: "part.blob", upload: "", number: 1, blob: "" },
    { if: "subscription.revision", uuid: bucket.uuid, revision: 1 },
  ];
  const { checks, steps } = unitSteps({ changes, conditions });
  for (const step of [...checks, ...steps]) statements.run(step);
  assert.equal(checks.length, conditions.length);
  assert.deepEqual(statements.scans, []);
});

it("no read of functions, users or operations goes through a whole table, or sorts", async () => {
  const statements = plannedStatements();
  const reserve = async () => 1;
  const [what, who, done] = [functions(statements, reserve), users(statements, reserve), operations(statements)];
  const page = { max: 9 };
  await what.app("acme", "");
  await what.apps("acme", page);
  await what.byNumber(1);
  await what.bySlug(1, "");
  await what.list(1, page);
  await what.version({ function: 1, number: 1 });
  await what.versionByHash({ function: 1, hash: "" });
  await what.versions(1, page);
  await what.ranBefore({ function: 1, number: 1 });
  await what.subscription({ function: 1, event: "" });
  await what.subscriptions(1);
  await what.invocation(1);
  await what.invocationOf({ sequence: 1, subscription: 1, attempt: 1 });
  for (const query of [{}, { function: 1 }, { eventType: "" }, { function: 1, eventType: "" }]) {
    await what.invocations({ tenant: "acme", ...query }, page);
    await what.narrowedInvocations({ tenant: "acme", ...query, narrowing: { app: 1, version: 1, sinceMs: 1 } }, page);
  }
  await who.byNumber({ tenant: "acme", number: 1 });
  await who.byUuid(uuid("profile"));
  await who.byName("acme", "ada");
  await who.list({ tenant: "acme" }, page);
  await who.list({ tenant: "acme", email: "a" }, page);
  await who.list({ tenant: "acme", username: "a" }, page);
  await who.schema("acme");
  await done.decision("acme", "");
  await done.decisions({ tenant: "acme" }, page);
  await done.decisions(
    { tenant: "acme", outcome: "denied", function: 1, sinceMs: 1, untilMs: 9 },
    { ...page, after: { timeMs: 5, operation: "a" } },
  );
  await done.remembered({ tenant: "acme", principal: "", key: "" });
  await done.intents({}, page);
  await done.intents({ tenant: "acme" }, page);
  await done.intent("");
  assert.deepEqual(statements.scans, []);
});

it("no change and no condition of theirs goes through a whole table", () => {
  const statements = plannedStatements();
  const app = anApp();
  const user = aUser("zoe");
  const patch = { name: "x", version: 1 };
  const changes: Change[] = [
    ...tenantWithAda("acme"),
    { do: "app.add", app },
    addFunction(app.uuid, aFunction()),
    { do: "version.add", version: { ...aVersion(), function: 1 }, atMs: noonMs },
    { do: "version.keep", version: { ...aVersion(), function: 1 } },
    { do: "function.change", number: 1, patch, atMs: noonMs },
    { do: "function.remove", number: 1, atMs: noonMs },
    { do: "app.change", uuid: app.uuid, name: "x", atMs: noonMs },
    { do: "app.remove", uuid: app.uuid, atMs: noonMs },
    { do: "invocation.put", invocation: anInvocation(1) },
    { do: "user.add", user },
    { do: "user.put", user },
    { do: "user.remove", uuid: user.uuid },
    { do: "userSchema.put", tenant: "acme", schema: {} },
    { do: "userSchema.put", tenant: "acme", schema: null },
    { do: "decision.add", decision: aDecision("a") },
    { do: "remembered.add", remembered: aRemembered("k") },
    { do: "intent.add", intent: anIntent("a") },
    { do: "intent.unresolved", operation: "a", reason: "" },
    { do: "intent.remove", operation: "a" },
  ];
  const conditions: Condition[] = [
    { if: "app.slugFree", tenant: "acme", slug: "" },
    { if: "apps.fewer", tenant: "acme", fewer: 9 },
    { if: "app.exists", uuid: app.uuid },
    { if: "app.empty", uuid: app.uuid },
    { if: "function.slugFree", app: 1, slug: "" },
    { if: "functions.fewer", app: 1, fewer: 9 },
    { if: "subscriptions.fewer", tenant: "acme", of: { owner: "ada" }, fewer: 9 },
    { if: "subscriptions.fewer", tenant: "acme", of: { scope: app.uuid, face: "objects" }, fewer: 9 },
    { if: "subscriptions.noneSince", of: { function: 1 }, last: 9 },
    { if: "subscriptions.noneSince", of: { tenant: "acme", scope: app.uuid, face: "objects" }, last: 9 },
    { if: "principal.absent", tenant: "acme", name: "ada" },
    { if: "principal.ended", tenant: "acme", name: "ada" },
    { if: "function.revision", number: 1, revision: 1 },
    { if: "subscriber.absent", function: 1, event: "" },
    { if: "subscribers.fewer", tenant: "acme", event: "", fewer: 1 },
    { if: "user.nameFree", tenant: "acme", username: "" },
    { if: "user.revision", uuid: user.uuid, revision: 1 },
    { if: "remembered.absent", tenant: "acme", principal: "", key: "" },
    { if: "intent.open", operation: "" },
  ];
  const { checks, steps } = unitSteps({ changes, conditions });
  for (const step of [...checks, ...steps]) statements.run(step);
  assert.equal(checks.length, conditions.length);
  assert.deepEqual(statements.scans, []);
});

it("no read of figures goes through a whole table", async () => {
  const statements = plannedStatements();
  const kept = figures(statements, async () => {});
  const viewer = { name: "ada", developer: true };
  const span = { tenant: "acme", span: "minute", fromMs: 0, toMs: 120_000 } as const;
  await kept.standing([1], 0);
  await kept.standings({ tenant: "acme", nowMs: 0, viewer }, { max: 9 });
  await kept.oldestWaiting({ tenant: "acme" });
  await kept.oldestWaiting({ subscription: 1 });
  await kept.totals(span);
  await kept.reasons(span);
  for (const query of [{}, { subscription: 1 }, { viewer }]) {
    const hour = { tenant: "acme", atMs: 0, ...query };
    await kept.ofHour(hour);
    await kept.reasonsOfHour(hour);
  }
  assert.deepEqual(statements.scans, []);
});

it("no step of retention goes through a whole table, or sorts", () => {
  const statements = plannedStatements();
  for (const sequence of [1, 2]) {
    const params = [sequence, 0, "", "acme", "", null, "{}", null, "", 1, "{}"];
    statements.run({ sql: insertEvent, params });
  }
  statements.run({ sql: "INSERT INTO meta (key, value) VALUES ('watermark', 2)", params: [] });
  const step = { beforeMs: 2, deadBeforeMs: 2, max: 9, nowMs: 2 };
  assert.deepEqual(runScript(statements, pruneStep(step)), { dropped: 2, more: false });
  assert.deepEqual(statements.scans, []);
});
