import { needsBeyond } from "../../../src/domain/face-rules.ts";
import { everyTenant } from "../../../src/store/resolvers.ts";
import type { Change, Condition } from "../../../src/store/unit.ts";
import { stored } from "../../support/stored.ts";
import { aBucket, anObject, anUpload, aSubscription, noonMs, tenantWithAda } from "./given.ts";
import { addFunction, aFunction, anApp, anInvocation, aVersion } from "./given-functions.ts";
import { aDecision, anEnded, anIntent, aRemembered } from "./operations.ts";
import { aResolver } from "./resolvers.ts";
import { aUser } from "./users.ts";

interface Pinned {
  readonly changes: readonly Change[];
  readonly conditions: readonly Condition[];
}

/** Changes and conditions, of whose statements none may go through a whole table. */

export function unitOfIdentities(): Pinned {
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
  return { changes, conditions };
}

export function unitOfFunctions(): Pinned {
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
  return { changes, conditions };
}

export function unitOfHostOperations(): Pinned {
  const changes: Change[] = [
    ...tenantWithAda("acme"),
    { do: "intent.add", intent: anIntent("a", { origin: "host", askMs: 1 }) },
    { do: "intent.unresolved", operation: "a", reason: "", askMs: 2 },
    { do: "intent.end", ended: anEnded("a") },
    { do: "remembered.answer", tenant: "acme", principal: "ada", key: "k", status: 200, body: null },
    { do: "resolver.put", resolver: aResolver() },
    { do: "resolver.put", resolver: aResolver({ tenant: everyTenant }) },
    { do: "resolver.remove", tenant: "acme" },
  ];
  const conditions: Condition[] = [
    { if: "resolver.unchanged", tenant: "acme", updatedMs: undefined },
    { if: "resolver.unchanged", tenant: "acme", updatedMs: noonMs },
  ];
  return { changes, conditions };
}
