import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Edit } from "../../../src/store/edits.ts";
import { changed, givenBucket, noonMs, uuid } from "./given.ts";
import type { OpenStore } from "./under-test.ts";

const edit = (version: string): Edit => ({ version, by: "ada", atMs: noonMs });

export function editsConformance(open: OpenStore): void {
  describe("last edits", () => {
    it("are read back as noted, the last one only, until their thing ends", async () => {
      await using at = await open();
      const [one, other] = [uuid("app"), uuid("app")];
      const { edits } = at.store;
      assert.equal(await edits.last(one), undefined);
      await changed(at.store, { do: "edit.note", thing: one, edit: edit("a") });
      const byHost: Edit = { version: "b", atMs: noonMs + 1 };
      await changed(
        at.store,
        { do: "edit.note", thing: one, edit: byHost },
        { do: "edit.note", thing: other, edit: edit("c") },
      );
      assert.deepEqual(await edits.last(one), byHost);
      assert.deepEqual(await edits.last(other), edit("c"));
      await changed(at.store, { do: "edit.end", thing: one });
      assert.equal(await edits.last(one), undefined);
    });

    it("judge a unit in its commit: of many that have seen the same edit, one is committed", async () => {
      await using at = await open();
      const thing = uuid("app");
      const attempt = (seen: string | null, version: string) =>
        at.store.commit({
          conditions: [{ if: "edit.is", thing, version: seen }],
          changes: [{ do: "edit.note", thing, edit: edit(version) }],
        });
      for (const [round, seen] of [null, "won"].entries()) {
        const commits = await Promise.all([...Array(20).keys()].map((index) => attempt(seen, `${round}-${index}`)));
        const won = commits.findIndex(({ kind }) => kind === "committed");
        assert.equal(commits.filter(({ kind }) => kind === "committed").length, 1);
        assert.equal((await at.store.edits.last(thing))?.version, `${round}-${won}`);
        await changed(at.store, { do: "edit.note", thing, edit: edit("won") });
      }
      assert.equal((await attempt(null, "late")).kind, "refused");
      assert.equal((await attempt("lost", "late")).kind, "refused");
    });

    it("of a grant end with it, and with what it is of", async () => {
      await using at = await open();
      const { uuid: bucket } = await givenBucket(at.store);
      const put = (grantee: string) =>
        [
          { do: "grant.put", grant: { resource: bucket, grantee, permission: "read" } },
          { do: "edit.note", thing: `grant:${bucket}:${grantee}`, edit: edit("a") },
        ] as const;
      await changed(at.store, ...put("ann"), ...put("ben"));
      const last = (grantee: string) => at.store.edits.last(`grant:${bucket}:${grantee}`);
      await changed(at.store, { do: "grant.remove", resource: bucket, grantee: "ann" });
      assert.equal(await last("ann"), undefined);
      assert.deepEqual(await last("ben"), edit("a"));
      await changed(at.store, { do: "bucket.remove", bucket, atMs: noonMs });
      assert.equal(await last("ben"), undefined);
    });
  });
}
