import assert from "node:assert/strict";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { it } from "node:test";
import { aBucket, anObject, anUpload, aSubscription, noonMs, tenantWithAda } from "../conformance/given.ts";
import type { Change, Condition } from "../unit.ts";
import { identities } from "./identities.ts";
import { objects } from "./objects.ts";
import { migrate } from "./open.ts";
import { Statements } from "./step.ts";
import { subscriptions } from "./subscriptions.ts";
import { unitSteps } from "./units.ts";

/** Statements that look at how they are going to be run. */
class Planned extends Statements {
  readonly scans: string[] = [];
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    super(db);
    this.#db = db;
  }

  override prepare(sql: string): StatementSync {
    const plan = this.#db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
    for (const { detail } of plan) {
      const step = String(detail);
      // json_each is a parameter, not a table.
      if (step.startsWith("SCAN ") && !step.startsWith("SCAN json_each")) this.scans.push(`${step}: ${sql}`);
      if (step.includes("TEMP B-TREE FOR ORDER BY")) this.scans.push(`${step}: ${sql}`);
    }
    return super.prepare(sql);
  }
}

function opened(): Planned {
  const db = new DatabaseSync(":memory:");
  migrate(db);
  return new Planned(db);
}

it("no read of identities, objects or subscriptions goes through a whole table, or sorts", async () => {
  const statements = opened();
  const [who, what, wanted] = [identities(statements), objects(statements), subscriptions(statements)];
  const { uuid } = aBucket();
  const page = { max: 9 };
  await who.tenant("acme");
  await who.tenants(page);
  await who.principal("acme", "ada");
  await who.tokenByHash("");
  await who.tokens("acme", page);
  await who.tokens("acme", { ...page, after: uuid });
  await who.accessKey("");
  await who.accessKeys({ tenant: "acme" }, page);
  await who.accessKeys({ tenant: "acme", principal: "ada" }, page);
  await who.grant(uuid, "ada");
  await who.grants(uuid);
  await what.bucket("acme", "");
  await what.bucketByUuid(uuid);
  await what.buckets({ tenant: "acme" }, page);
  await what.buckets({ tenant: "acme", visibleTo: "ada" }, page);
  await what.object(uuid, "");
  await what.list({ bucket: uuid, prefix: "a", from: "ab" }, { ...page, after: "abc" });
  await what.upload("");
  await what.uploads({ bucket: uuid, prefix: "a" }, page);
  await what.parts("", page);
  await what.part("", 1);
  await what.referred(["blob"]);
  await wanted.get(uuid);
  await wanted.byNumber(1);
  await wanted.list({ tenant: "acme" }, page);
  await wanted.list({ tenant: "acme", scope: uuid, face: "objects" }, page);
  await wanted.changedSince("acme", 1);
  await wanted.pastAt("acme", 1);
  assert.deepEqual(statements.scans, []);
});

it("no change and no condition of theirs goes through a whole table", () => {
  const statements = opened();
  const bucket = aBucket();
  const upload = anUpload(bucket.uuid, "k");
  const subscription = aSubscription(bucket.uuid);
  const key = { id: "K", tenant: "acme", principal: "ada", sealedSecret: "", label: "", createdMs: noonMs };
  const part = { upload: upload.id, number: 1, size: 1, eTag: "", blob: "", modifiedMs: noonMs, checksums: {} };
  const changes: Change[] = [
    ...tenantWithAda("acme"),
    { do: "accessKey.put", key },
    { do: "accessKey.remove", tenant: "acme", id: "K" },
    { do: "token.revoke", tenant: "acme", uuid: bucket.uuid, atMs: noonMs },
    { do: "grant.put", grant: { resource: bucket.uuid, grantee: "ada", permission: "read" } },
    { do: "grant.remove", resource: bucket.uuid, grantee: "ada" },
    { do: "bucket.add", bucket },
    { do: "object.put", object: anObject(bucket.uuid, "k") },
    { do: "object.remove", bucket: bucket.uuid, key: "k" },
    { do: "upload.add", upload },
    { do: "part.put", part },
    { do: "upload.remove", id: upload.id },
    { do: "subscription.add", subscription },
    { do: "subscription.change", uuid: subscription.uuid, patch: {}, atMs: noonMs },
    { do: "subscription.remove", uuid: subscription.uuid, atMs: noonMs },
    { do: "bucket.remove", bucket: bucket.uuid, atMs: noonMs },
  ];
  const conditions: Condition[] = [
    { if: "tenant.exists", id: "acme" },
    { if: "accessKey.absent", id: "K" },
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
