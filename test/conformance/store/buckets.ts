import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { everyone } from "../../../src/domain/access.ts";
import { faces } from "../../../src/domain/event.ts";
import type { Store } from "../../../src/store/store.ts";
import { stored } from "../../support/stored.ts";
import {
  aBucket,
  anObject,
  anUpload,
  aSubscription,
  changed,
  changedSince,
  committed,
  givenBucket,
  givenSubscription,
  noonMs,
  pastAt,
  subscriptionNow,
  tenantWithAda,
} from "./given.ts";
import type { OpenStore } from "./under-test.ts";

export function bucketsConformance(open: OpenStore): void {
  describe("buckets", () => {
    it("are read back as written, by name in their tenant and by uuid", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const namesake = aBucket({ tenant: "other", name: bucket.name });
      await changed(at.store, ...tenantWithAda("other"), { do: "bucket.add", bucket: namesake });
      assert.deepEqual(await at.store.objects.bucket("acme", bucket.name), bucket);
      assert.deepEqual(await at.store.objects.bucket("other", bucket.name), namesake);
      assert.deepEqual(await at.store.objects.bucketByUuid(bucket.uuid), bucket);
      assert.equal(await at.store.objects.bucket("acme", "none"), undefined);
    });

    it("have a name of their own while they live", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const again = aBucket({ name: bucket.name });
      const free = { if: "bucket.nameFree", tenant: "acme", name: bucket.name } as const;
      const unit = { conditions: [free], changes: [{ do: "bucket.add", bucket: again } as const] };
      assert.deepEqual(await at.store.commit(unit), { kind: "refused", condition: free });
      await assert.rejects(changed(at.store, { do: "bucket.add", bucket: again }), "without the condition too");
      await changed(at.store, { do: "bucket.remove", bucket: bucket.uuid, atMs: noonMs });
      await committed(at.store, unit);
      assert.deepEqual(await at.store.objects.bucket("acme", bucket.name), again);
      assert.equal(await at.store.objects.bucketByUuid(bucket.uuid), undefined);
    });

    it("come by name in pages; with `visibleTo` those that are owned or granted", async () => {
      await using at = await open();
      await changed(at.store, ...tenantWithAda("acme"), ...tenantWithAda("other"));
      const granted = aBucket({ name: "b-granted" });
      const gone = aBucket({ name: "c-gone", owner: "bob" });
      const buckets = [
        aBucket({ name: "d-owned", owner: "bob" }),
        granted,
        gone,
        aBucket({ name: "a-of-ada" }),
        aBucket({ name: "b-of-other", tenant: "other", owner: "bob" }),
      ];
      await changed(at.store, ...buckets.map((bucket) => ({ do: "bucket.add", bucket }) as const));
      await changed(
        at.store,
        { do: "grant.put", grant: { resource: granted.uuid, grantee: "bob", permission: "read" } },
        { do: "bucket.remove", bucket: gone.uuid, atMs: noonMs },
      );
      const names = async (query: Parameters<Store["objects"]["buckets"]>[0], after = "", max = 9) =>
        (await at.store.objects.buckets(query, { after, max })).map(({ name }) => name);
      assert.deepEqual(await names({ tenant: "acme" }), ["a-of-ada", "b-granted", "d-owned"]);
      assert.deepEqual(await names({ tenant: "acme" }, "a-of-ada", 1), ["b-granted"]);
      assert.deepEqual(await names({ tenant: "acme", visibleTo: "bob" }), ["b-granted", "d-owned"]);
      assert.deepEqual(await names({ tenant: "acme", visibleTo: "bob" }, "b-granted"), ["d-owned"]);
      assert.deepEqual(await names({ tenant: "acme", visibleTo: "cyd" }), []);
      await changed(at.store, {
        do: "grant.put",
        grant: { resource: granted.uuid, grantee: everyone, permission: "read" },
      });
      assert.deepEqual(await names({ tenant: "acme", visibleTo: "cyd" }), ["b-granted"]);
      assert.deepEqual(await names({ tenant: "other", visibleTo: "cyd" }), []);
    });

    it("may be asked for in conditions: live, and without objects", async () => {
      await using at = await open();
      const { uuid } = await givenBucket(at.store);
      const live = { if: "bucket.live", bucket: uuid } as const;
      const empty = { if: "bucket.empty", bucket: uuid } as const;
      await committed(at.store, { conditions: [live, empty] });
      await changed(at.store, { do: "object.put", object: anObject(uuid, "k") });
      assert.deepEqual(await at.store.commit({ conditions: [live, empty] }), { kind: "refused", condition: empty });
      await changed(at.store, { do: "object.remove", bucket: uuid, key: "k" });
      await committed(at.store, {
        conditions: [live, empty],
        changes: [{ do: "bucket.remove", bucket: uuid, atMs: noonMs }],
      });
      assert.deepEqual(await at.store.commit({ conditions: [live] }), { kind: "refused", condition: live });
    });

    it("take their uploads, parts and grants with them", async () => {
      await using at = await open();
      const { uuid } = await givenBucket(at.store);
      const upload = anUpload(uuid, "k");
      const part = {
        upload: upload.id,
        number: 1,
        blob: "part",
        size: 1,
        eTag: "e",
        modifiedMs: noonMs,
        checksums: {},
      };
      await changed(
        at.store,
        { do: "upload.add", upload },
        { do: "part.put", part },
        { do: "grant.put", grant: { resource: uuid, grantee: "bob", permission: "write" } },
        { do: "bucket.remove", bucket: uuid, atMs: noonMs },
      );
      assert.equal(await at.store.uploads.upload(upload.id), undefined);
      assert.deepEqual(await at.store.uploads.parts(upload.id, { max: 9 }), []);
      assert.deepEqual(await at.store.objects.referred(["part"]), new Set());
      assert.deepEqual(await at.store.grants.grants(uuid), []);
    });

    it("end their subscriptions, whose history stays, with one revision", async () => {
      await using at = await open();
      const bucket = await givenBucket(at.store);
      const other = aBucket();
      await changed(at.store, { do: "bucket.add", bucket: other });
      const filtered = await givenSubscription(
        at.store,
        aSubscription(bucket.uuid, { filter: stored("WHERE size > 1") }),
      );
      const off = await givenSubscription(at.store, aSubscription(bucket.uuid, { enabled: false }));
      const elsewhere = await givenSubscription(at.store, aSubscription(other.uuid));
      const before = elsewhere.revision;

      await changed(at.store, { do: "bucket.remove", bucket: bucket.uuid, atMs: noonMs + 5 });
      const { revision, changed: ended } = await changedSince(at.store, "acme", before);
      assert.equal(revision, before + 1);
      assert.deepEqual(
        ended.map(({ uuid: of, listens }) => [of, listens]),
        [
          [filtered.uuid, false],
          [off.uuid, false],
        ],
      );
      for (const one of [filtered, off]) {
        assert.deepEqual(await subscriptionNow(at.store, one.uuid), { ...one, endedMs: noonMs + 5, revision });
      }
      assert.deepEqual(await at.store.subscriptions.list({ tenant: "acme" }, { max: 9 }), [elsewhere]);
      const { number, uuid, face, scope, event, filter } = filtered;
      assert.deepEqual(await pastAt(at.store, "acme", before), [{ number, uuid, face, scope, event, filter }]);
      assert.deepEqual(await pastAt(at.store, "acme", revision), []);
    });

    it("leave those subscriptions, whatever their face, that are to be told of their end", async () => {
      await using at = await open();
      const { uuid } = await givenBucket(at.store);
      for (const face of faces) await givenSubscription(at.store, aSubscription(uuid, { face, endsWithScope: false }));
      for (const face of faces) await givenSubscription(at.store, aSubscription(uuid, { face }));
      await changed(at.store, { do: "bucket.remove", bucket: uuid, atMs: noonMs });
      const left = await at.store.subscriptions.list({ tenant: "acme", scope: uuid }, { max: 9 });
      assert.deepEqual(
        left.map(({ face }) => face),
        faces,
      );
    });

    it("are removed once", async () => {
      await using at = await open();
      const { uuid } = await givenBucket(at.store);
      const subscription = await givenSubscription(at.store, aSubscription(uuid));
      await changed(at.store, { do: "bucket.remove", bucket: uuid, atMs: noonMs });
      const after = await changedSince(at.store, "acme", 0);
      await changed(at.store, { do: "bucket.remove", bucket: uuid, atMs: noonMs + 1 });
      assert.deepEqual(await changedSince(at.store, "acme", 0), after);
      assert.equal((await subscriptionNow(at.store, subscription.uuid)).endedMs, noonMs);
    });
  });
}
