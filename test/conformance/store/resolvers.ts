import assert from "node:assert/strict";
import { it } from "node:test";
import { everyTenant, type Resolver } from "../../../src/store/resolvers.ts";
import type { Change } from "../../../src/store/unit.ts";
import { changed, noonMs, tenantWithAda } from "./given.ts";
import { anIntent } from "./operations.ts";
import type { OpenStore } from "./under-test.ts";

export function aResolver(over: Partial<Resolver> = {}): Resolver {
  const url = "https://platform.example/resolve";
  return { tenant: "acme", url, sealed: "sealed", createdMs: noonMs, updatedMs: noonMs, ...over };
}

const put = (over: Partial<Resolver> = {}): Change => ({ do: "resolver.put", resolver: aResolver(over) });

export function resolversConformance(open: OpenStore): void {
  it("are of one tenant, or of all that have no other; replaced, and removed", async () => {
    await using at = await open();
    await changed(at.store, ...tenantWithAda("acme"), put(), put({ tenant: everyTenant, url: "https://all.example/" }));
    const { resolvers } = at.store;
    assert.deepEqual(await resolvers.get("acme"), aResolver());
    assert.equal((await resolvers.get(everyTenant))?.url, "https://all.example/");
    assert.equal(await resolvers.get("other"), undefined);
    assert.deepEqual(
      [(await resolvers.of("acme"))?.url, (await resolvers.of("other"))?.url],
      [aResolver().url, "https://all.example/"],
    );
    await changed(at.store, put({ url: "https://b.example/", sealed: "other", createdMs: 1, updatedMs: noonMs + 9 }));
    const replaced = { url: "https://b.example/", sealed: "other", updatedMs: noonMs + 9 };
    assert.deepEqual(await resolvers.get("acme"), aResolver(replaced));
    await changed(at.store, { do: "resolver.remove", tenant: "acme" });
    assert.equal((await resolvers.of("acme"))?.url, "https://all.example/");
    await changed(at.store, { do: "resolver.remove", tenant: everyTenant });
    assert.equal(await resolvers.of("acme"), undefined);
  });

  it("are changed by one of those who looked at the same", async () => {
    await using at = await open();
    const unless = (updatedMs: number | undefined, over: Partial<Resolver>) =>
      at.store.commit({ conditions: [{ if: "resolver.unchanged", tenant: "acme", updatedMs }], changes: [put(over)] });
    const first = await Promise.all([unless(undefined, { url: "a" }), unless(undefined, { url: "b" })]);
    assert.deepEqual(
      first.map(({ kind }) => kind),
      ["committed", "refused"],
    );
    const next = await Promise.all([1, 2].map((ms) => unless(noonMs, { updatedMs: noonMs + ms })));
    assert.deepEqual(
      next.map(({ kind }) => kind),
      ["committed", "refused"],
    );
  });

  it("make due what could not be asked about for want of one", async () => {
    await using at = await open();
    await changed(at.store, ...tenantWithAda("acme"), ...tenantWithAda("other"));
    const begun = (operation: string, tenant: string): Change => ({
      do: "intent.add",
      intent: anIntent(operation, { tenant, origin: operation === "l" ? "library" : "host" }),
    });
    const unasked = (operation: string): Change => ({ do: "intent.unresolved", operation, reason: "no resolver" });
    await changed(at.store, begun("a", "acme"), begun("b", "acme"), begun("c", "other"), begun("l", "acme"));
    await changed(at.store, unasked("a"), unasked("c"), unasked("l"));
    const due = async (): Promise<string> =>
      (await at.store.operations.dueIntents(noonMs + 99, 9)).map(({ operation }) => operation).join("");
    assert.equal(await due(), "");
    await changed(at.store, put({ updatedMs: noonMs + 1 }));
    assert.equal(await due(), "a");
    await changed(at.store, put({ tenant: everyTenant, updatedMs: noonMs + 2 }));
    assert.equal(await due(), "ac");
  });
}
