import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CorsRule } from "../../../src/domain/bucket-configurations.ts";
import { aBucket, changed, givenBucket, noonMs, tenantWithAda, uuid } from "./given.ts";
import type { OpenStore } from "./under-test.ts";

const rules = (...origins: string[]): CorsRule[] => [{ origins, methods: ["GET"], headers: [], exposed: [] }];

export function configurationsConformance(open: OpenStore): void {
  describe("configurations of buckets", () => {
    it("are read back as written, each under its name, until they are replaced or removed", async () => {
      await using at = await open();
      const { uuid: bucket } = await givenBucket(at.store);
      const tags = { b: "2", ä: "🟢", __proto: "x", "10": "ten" };
      await changed(
        at.store,
        { do: "configuration.put", bucket, configuration: { name: "tagging", value: tags } },
        { do: "configuration.put", bucket, configuration: { name: "versioning", value: { status: "Suspended" } } },
      );
      const { configurations } = at.store;
      assert.deepEqual(await configurations.of(bucket, "tagging"), tags);
      assert.deepEqual(await configurations.of(bucket, "versioning"), { status: "Suspended" });
      assert.equal(await configurations.of(bucket, "cors"), undefined);
      assert.equal(await configurations.of(uuid("bucket"), "tagging"), undefined);
      await changed(at.store, {
        do: "configuration.put",
        bucket,
        configuration: { name: "tagging", value: { c: "" } },
      });
      assert.deepEqual(await configurations.of(bucket, "tagging"), { c: "" });
      await changed(at.store, { do: "configuration.remove", bucket, name: "tagging" });
      assert.equal(await configurations.of(bucket, "tagging"), undefined);
      assert.deepEqual(await configurations.of(bucket, "versioning"), { status: "Suspended" });
    });

    it("go with their bucket", async () => {
      await using at = await open();
      const { uuid: bucket, name } = await givenBucket(at.store);
      await changed(at.store, { do: "configuration.put", bucket, configuration: { name: "cors", value: rules("*") } });
      await changed(at.store, { do: "bucket.remove", bucket, atMs: noonMs });
      assert.equal(await at.store.configurations.of(bucket, "cors"), undefined);
      assert.deepEqual(await at.store.configurations.corsOfName(name, { max: 9 }), []);
    });

    it("of CORS are found by the name of their bucket alone, in pages", async () => {
      await using at = await open();
      const one = await givenBucket(at.store);
      const namesake = aBucket({ tenant: "other", name: one.name });
      const neighbour = aBucket({ tenant: "other", name: `${one.name}x` });
      await changed(
        at.store,
        ...tenantWithAda("other"),
        ...[namesake, neighbour].map((bucket) => ({ do: "bucket.add", bucket }) as const),
        ...[one, namesake, neighbour].map(
          ({ uuid: bucket, tenant }) =>
            ({ do: "configuration.put", bucket, configuration: { name: "cors", value: rules(tenant) } }) as const,
        ),
      );
      const both = [one, namesake]
        .map(({ uuid: bucket, tenant }) => ({ bucket, rules: rules(tenant) }))
        .toSorted((a, b) => (a.bucket < b.bucket ? -1 : 1));
      const { configurations } = at.store;
      assert.deepEqual(await configurations.corsOfName(one.name, { max: 9 }), both);
      const [first] = await configurations.corsOfName(one.name, { max: 1 });
      assert.deepEqual(first, both[0]);
      assert.deepEqual(await configurations.corsOfName(one.name, { max: 9, after: first?.bucket ?? one.uuid }), [
        both[1],
      ]);
      assert.deepEqual(await configurations.corsOfName("none", { max: 9 }), []);
    });
  });
}
