import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { IssuerLink } from "../../../src/store/issuer-links.ts";
import { changed, holds, noonMs, refused, tenantWithAda } from "./given.ts";
import type { OpenStore } from "./under-test.ts";

const link: IssuerLink = {
  tenant: "acme",
  issuer: "https://login.acme.example",
  subject: "17",
  principal: "ada",
  issuedS: 1_700_000_000,
};
const { issuedS: _, ...without } = link;
const free = { if: "issuerLink.free", tenant: "acme", issuer: link.issuer, subject: "17", principal: "ada" } as const;

export function issuerLinksConformance(open: OpenStore): void {
  describe("links to subjects of issuers", () => {
    it("are found by their subject with their principal, ended or not, and by their principal", async () => {
      await using at = await open();
      const { issuerLinks, identities } = at.store;
      await changed(at.store, ...tenantWithAda("acme"), ...tenantWithAda("other"), { do: "issuerLink.put", link });
      const ada = { tenant: "acme", name: "ada", role: "admin", createdMs: noonMs } as const;
      assert.deepEqual(await issuerLinks.bySubject(link), { link, principal: ada });
      assert.deepEqual(await issuerLinks.byPrincipal("acme", "ada"), link);
      for (const other of [{ tenant: "other" }, { issuer: `${link.issuer}/` }, { subject: "1" }]) {
        assert.equal(await issuerLinks.bySubject({ ...link, ...other }), undefined);
      }
      assert.equal(await issuerLinks.byPrincipal("other", "ada"), undefined);
      const [listed] = await identities.principals({ tenant: "acme", nowMs: noonMs }, { max: 9 });
      assert.deepEqual([listed?.issuer, listed?.subject], [link.issuer, "17"]);
      await changed(at.store, { do: "principal.end", tenant: "acme", name: "ada", atMs: noonMs + 1 });
      assert.equal((await issuerLinks.bySubject(link))?.principal.endedMs, noonMs + 1);
    });

    it("change with newer tokens, and go", async () => {
      await using at = await open();
      await changed(at.store, ...tenantWithAda("acme"), { do: "issuerLink.put", link: without });
      assert.deepEqual(await at.store.issuerLinks.byPrincipal("acme", "ada"), without);
      await changed(at.store, { do: "issuerLink.put", link });
      assert.deepEqual(await at.store.issuerLinks.byPrincipal("acme", "ada"), link);
      await changed(at.store, { do: "issuerLink.remove", tenant: "acme", principal: "ada" });
      assert.equal(await at.store.issuerLinks.byPrincipal("acme", "ada"), undefined);
    });

    it("may be asked for in conditions", async () => {
      await using at = await open();
      await changed(at.store, ...tenantWithAda("acme"), ...tenantWithAda("other"));
      await holds(at.store, free);
      await refused(at.store, { if: "issuerLink.is", link });
      await changed(at.store, { do: "issuerLink.put", link });
      await holds(at.store, { if: "issuerLink.is", link });
      await refused(at.store, { if: "issuerLink.is", link: without });
      await refused(at.store, { if: "issuerLink.is", link: { ...link, issuedS: 1_700_000_001 } });
      await refused(at.store, free);
      await refused(at.store, { ...free, principal: "bob" });
      await refused(at.store, { ...free, subject: "18" });
      await holds(at.store, { ...free, subject: "18", principal: "bob" });
      await holds(at.store, { ...free, tenant: "other" });
    });
  });
}
