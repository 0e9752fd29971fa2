import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { keptVersions } from "../../../src/store/function-records.ts";
import type { Change, FunctionPatch } from "../../../src/store/unit.ts";
import { changed, holds, noonMs, refused, tenantWithAda } from "./given.ts";
import {
  addFunction,
  aFunction,
  anApp,
  aVersion,
  functionNow,
  givenApp,
  givenFunction,
  type NewVersion,
} from "./given-functions.ts";
import type { OpenStore } from "./under-test.ts";

export function functionsConformance(open: OpenStore): void {
  describe("functions", () => {
    it("are read back as written, with their app and version 1", async () => {
      await using at = await open();
      const app = await givenApp(at.store);
      const version = aVersion({ language: "typescript", source: "ä", js: "b", map: "{}" });
      const fn = aFunction({ slug: "greet", enabled: false, writes: true });
      await changed(at.store, addFunction(app.uuid, fn, version));
      const found = (await at.store.functions.bySlug(app.number, "greet")) ?? assert.fail();
      const place = { app: app.number, appName: app.name, appSlug: app.slug, appUuid: app.uuid };
      assert.deepEqual(found, { ...fn, ...place, number: found.number, version: 1, revision: 1 });
      assert.deepEqual(await functionNow(at.store, found.number), found);
      assert.equal(await at.store.functions.byNumber(found.number + 1), undefined);
      assert.equal(await at.store.functions.bySlug(app.number + 1, "greet"), undefined);
      const first = { ...version, function: found.number, number: 1 };
      assert.deepEqual(await at.store.functions.version({ function: found.number, number: 1 }), first);
    });

    it("need a live app of their tenant, and are added whole or not at all", async () => {
      await using at = await open();
      const app = await givenApp(at.store);
      await changed(at.store, ...tenantWithAda("other"));
      await assert.rejects(changed(at.store, addFunction(anApp().uuid, aFunction())));
      await assert.rejects(changed(at.store, addFunction(app.uuid, aFunction({ tenant: "other" }))));
      await changed(at.store, { do: "app.remove", uuid: app.uuid, atMs: noonMs });
      await assert.rejects(changed(at.store, addFunction(app.uuid, aFunction())));
      assert.deepEqual(await at.store.functions.list(app.number, { max: 9 }), []);
    });

    it("come by number, live ones of one app, in pages", async () => {
      await using at = await open();
      const app = await givenApp(at.store);
      const elsewhere = anApp();
      await changed(at.store, { do: "app.add", app: elsewhere }, addFunction(elsewhere.uuid, aFunction()));
      const slugs = ["d", "c", "b", "a"];
      const numbers: number[] = [];
      for (const slug of slugs) numbers.push((await givenFunction(at.store, app, aFunction({ slug }))).number);
      await changed(at.store, { do: "function.remove", number: numbers[1] ?? 0, atMs: noonMs });
      const list = async (after: number, max: number): Promise<string[]> =>
        (await at.store.functions.list(app.number, { after, max })).map(({ slug }) => slug);
      assert.deepEqual(await list(0, 2), ["d", "b"]);
      assert.deepEqual(await list(numbers[2] ?? 0, 2), ["a"]);
    });

    it("have a slug of their own in their app, of which exactly one of many who want it gets hold", async () => {
      await using at = await open();
      const app = await givenApp(at.store);
      const free = { if: "function.slugFree", app: app.number, slug: "greet" } as const;
      const rivals = Array.from({ length: 9 }, () => aFunction({ slug: "greet" }));
      const commits = await Promise.all(
        rivals.map((fn) => at.store.commit({ conditions: [free], changes: [addFunction(app.uuid, fn)] })),
      );
      const winners = rivals.filter((_, index) => commits[index]?.kind === "committed");
      assert.equal(winners.length, 1);
      await refused(at.store, free);
      await holds(at.store, { ...free, app: app.number + 1 });
      await assert.rejects(changed(at.store, addFunction(app.uuid, aFunction({ slug: "greet" }))));
      const number = (await at.store.functions.bySlug(app.number, "greet"))?.number ?? assert.fail();
      await changed(at.store, { do: "function.remove", number, atMs: noonMs });
      await holds(at.store, free);
      const next = await givenFunction(at.store, app, aFunction({ slug: "greet" }));
      assert.ok(next.number > number);
      assert.deepEqual(await at.store.functions.bySlug(app.number, "greet"), next);
    });

    it("change in what a patch names and keep the rest", async () => {
      await using at = await open();
      const fn = await givenFunction(at.store, await givenApp(at.store));
      const patched = async (patch: FunctionPatch): Promise<void> => {
        await changed(at.store, { do: "function.change", number: fn.number, patch, atMs: noonMs + 9 });
      };
      const patch = {
        name: "Another",
        enabled: false,
        timeoutMs: 5,
        env: {},
        secretNames: [],
        secretRoles: {},
        egress: [],
        writes: true,
        role: "developer",
      } as const;
      await patched(patch);
      const after = { ...fn, ...patch, updatedMs: noonMs + 9, revision: 2 };
      assert.deepEqual(await functionNow(at.store, fn.number), after);
      await patched({ sealedSecrets: "bmV3", secretNames: ["A", "B"] });
      const sealed = { ...after, sealedSecrets: "bmV3", secretNames: ["A", "B"], revision: 3 };
      assert.deepEqual(await functionNow(at.store, fn.number), sealed);
      await patched({ sealedSecrets: null });
      const { sealedSecrets: _, ...rest } = sealed;
      assert.deepEqual(await functionNow(at.store, fn.number), { ...rest, revision: 4 });
    });

    it("are guarded by their revision, and by being deleted", async () => {
      await using at = await open();
      const fn = await givenFunction(at.store, await givenApp(at.store));
      const unchanged = { if: "function.revision", number: fn.number, revision: 1 } as const;
      const rename = (name: string): Change => ({
        do: "function.change",
        number: fn.number,
        patch: { name },
        atMs: noonMs,
      });
      const commits = await Promise.all(
        ["a", "b", "c"].map((name) => at.store.commit({ conditions: [unchanged], changes: [rename(name)] })),
      );
      assert.equal(commits.filter(({ kind }) => kind === "committed").length, 1);
      assert.equal((await functionNow(at.store, fn.number)).revision, 2);
      await changed(at.store, { do: "function.remove", number: fn.number, atMs: noonMs });
      for (const revision of [1, 2, 3]) await refused(at.store, { ...unchanged, revision });
    });

    it("are found by number only when deleted, without their secrets, and do not change any more", async () => {
      await using at = await open();
      const app = await givenApp(at.store);
      const fn = await givenFunction(at.store, app);
      const { number } = fn;
      await changed(at.store, { do: "function.remove", number, atMs: noonMs + 3 });
      const { sealedSecrets: _, ...rest } = fn;
      const deleted = { ...rest, secretNames: [], secretRoles: {}, deletedMs: noonMs + 3, revision: 2 };
      assert.deepEqual(await functionNow(at.store, number), deleted);
      assert.equal(await at.store.functions.bySlug(app.number, fn.slug), undefined);
      await changed(
        at.store,
        { do: "function.remove", number, atMs: noonMs + 4 },
        { do: "function.change", number, patch: { name: "x" }, atMs: noonMs + 4 },
        { do: "version.add", version: { ...aVersion(), function: number }, atMs: noonMs + 4 },
      );
      assert.deepEqual(await functionNow(at.store, number), deleted);
      assert.equal((await at.store.functions.versions(number, { max: 9 })).length, 1);
    });
  });

  describe("versions", () => {
    const hash = (letter: string): string => letter.repeat(64);

    it("get the next number of their function, run at once, and are read back", async () => {
      await using at = await open();
      const app = await givenApp(at.store);
      const fn = await givenFunction(at.store, app);
      const beside = await givenFunction(at.store, app);
      const add = (number: number, version: NewVersion): Change => ({
        do: "version.add",
        version: { ...version, function: number },
        atMs: noonMs + 8,
      });
      const second = aVersion({ hash: hash("b"), js: "2", createdBy: "bob" });
      await changed(at.store, add(fn.number, second));
      const now = await functionNow(at.store, fn.number);
      assert.deepEqual(now, { ...fn, version: 2, revision: 2, updatedMs: noonMs + 8 });
      const place = { function: fn.number, number: 2 };
      assert.deepEqual(await at.store.functions.version(place), { ...second, ...place });
      await Promise.all(
        ["c", "d"].map((letter) => changed(at.store, add(fn.number, aVersion({ hash: hash(letter) })))),
      );
      assert.equal((await functionNow(at.store, fn.number)).version, 4);
      assert.deepEqual(await functionNow(at.store, beside.number), beside);
      assert.equal(await at.store.functions.version({ function: beside.number, number: 2 }), undefined);
      assert.equal(await at.store.functions.version({ function: fn.number, number: 5 }), undefined);
    });

    it("may be gone back to, and the next still has a number of its own", async () => {
      await using at = await open();
      const { number } = await givenFunction(at.store, await givenApp(at.store));
      const add: Change = { do: "version.add", version: { ...aVersion(), function: number }, atMs: noonMs };
      const run = (version: number): Change => ({ do: "function.change", number, patch: { version }, atMs: noonMs });
      await changed(at.store, add, run(1));
      assert.equal((await functionNow(at.store, number)).version, 1);
      await changed(at.store, add);
      assert.equal((await functionNow(at.store, number)).version, 3);
      await assert.rejects(changed(at.store, run(4)));
      assert.equal((await functionNow(at.store, number)).version, 3);
    });

    it("are kept up to a number, the newest ones, and their numbers are not given out again", async () => {
      await using at = await open();
      const app = await givenApp(at.store);
      const { number } = await givenFunction(at.store, app);
      const beside = await givenFunction(at.store, app);
      for (let count = 0; count < keptVersions + 5; count += 1) {
        await changed(at.store, { do: "version.add", version: { ...aVersion(), function: number }, atMs: noonMs });
      }
      const kept = (await at.store.functions.versions(number, { max: 1_000 })).map((version) => version.number);
      assert.deepEqual(
        kept,
        Array.from({ length: keptVersions }, (_, at) => keptVersions + 6 - at),
      );
      assert.equal((await functionNow(at.store, number)).version, keptVersions + 6);
      assert.equal((await at.store.functions.versions(beside.number, { max: 1_000 })).length, 1);
    });

    it("may be kept for later: the one that runs stays, however many come, and what never ran is passed over by going back", async () => {
      await using at = await open();
      const { number } = await givenFunction(at.store, await givenApp(at.store));
      const keep: Change = { do: "version.keep", version: { ...aVersion(), function: number } };
      const run = (version: number): Change => ({ do: "function.change", number, patch: { version }, atMs: noonMs });
      const neverRan = async () =>
        (await at.store.functions.versions(number, { max: 9 })).filter((one) => one.neverRan).map((one) => one.number);
      const before = await functionNow(at.store, number);
      await changed(at.store, keep, keep);
      assert.deepEqual(await functionNow(at.store, number), before);
      assert.deepEqual(await neverRan(), [3, 2]);
      await changed(at.store, run(3));
      assert.deepEqual(await neverRan(), [2]);
      const ranBefore = async (at_: number) =>
        (await at.store.functions.ranBefore({ function: number, number: at_ }))?.number;
      assert.deepEqual([await ranBefore(3), await ranBefore(1)], [1, undefined]);
      await changed(at.store, run(1));
      for (let count = 0; count < keptVersions + 5; count += 1) await changed(at.store, keep);
      const kept = (await at.store.functions.versions(number, { max: 1_000 })).map((version) => version.number);
      assert.equal(kept.length, keptVersions + 1);
      assert.equal(kept.at(-1), 1);
      assert.equal((await functionNow(at.store, number)).version, 1);
    });

    it("come newest first, without their code, in pages, and by hash", async () => {
      await using at = await open();
      const app = await givenApp(at.store);
      const { number } = await givenFunction(at.store, app);
      const beside = await givenFunction(at.store, app);
      for (const letter of ["b", "c", "b"]) {
        const version = { ...aVersion({ hash: hash(letter) }), function: number };
        await changed(at.store, { do: "version.add", version, atMs: noonMs });
      }
      const page = await at.store.functions.versions(number, { max: 2 });
      const facts = { function: number, language: "javascript", createdMs: noonMs, createdBy: "ada" };
      assert.deepEqual(page, [
        { ...facts, number: 4, hash: hash("b") },
        { ...facts, number: 3, hash: hash("c") },
      ]);
      const rest = await at.store.functions.versions(number, { after: 3, max: 9 });
      assert.deepEqual(
        rest.map(({ number }) => number),
        [2, 1],
      );
      const byHash = async (fn: number, letter: string): Promise<number | undefined> =>
        (await at.store.functions.versionByHash({ function: fn, hash: hash(letter) }))?.number;
      assert.equal(await byHash(number, "c"), 3);
      assert.equal(await byHash(number, "b"), 4, "the newest");
      assert.equal(await byHash(number, "d"), undefined);
      assert.equal(await byHash(beside.number, "c"), undefined);
    });
  });
}
