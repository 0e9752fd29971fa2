import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type MostKeptMails, mostKeptMails, type NewKeptMail } from "../../../src/store/kept-mails.ts";
import { changed, noonMs } from "./given.ts";
import type { OpenStore, StoreUnderTest } from "./under-test.ts";

let given = 0;

function aMail(id: string, over: Partial<NewKeptMail> = {}): NewKeptMail {
  given += 1;
  const dateMs = noonMs + given;
  const name = `${dateMs.toString(16).padStart(12, "0")}-${id}.eml`;
  return {
    id,
    name,
    tenant: "acme",
    to: "ada@example.org",
    subject: `About ${id}`,
    dateMs,
    raw: `text of ${id}`,
    ...over,
  };
}

function keep(at: StoreUnderTest, mail: NewKeptMail, most: MostKeptMails = mostKeptMails): Promise<unknown> {
  return changed(at.store, { do: "mail.keep", mail, most });
}

async function ids(at: StoreUnderTest): Promise<string[]> {
  const mails = await at.store.keptMails.list({ max: 1_000 });
  return mails.map(({ name }) => /-(\w+)\.eml$/.exec(name)?.[1] ?? name);
}

export function keptMailsConformance(open: OpenStore): void {
  describe("kept mails", () => {
    it("are read back as written, by name and by id", async () => {
      await using at = await open();
      const mail = aMail("one", { subject: "Grüße, 😀", raw: "Grüße" });
      await keep(at, mail);
      const { id, tenant: _, raw, ...listed } = mail;
      assert.deepEqual(await at.store.keptMails.list({ max: 9 }), [{ ...listed, bytes: 7 }]);
      assert.equal(await at.store.keptMails.nameOf(id), mail.name);
      assert.equal(await at.store.keptMails.raw(mail.name), raw);
      assert.equal(await at.store.keptMails.nameOf("two"), undefined);
      assert.equal(await at.store.keptMails.raw("two"), undefined);
    });

    it("are one for each id, which keeps its place", async () => {
      await using at = await open();
      const [first, second] = [aMail("one"), aMail("two")];
      await keep(at, first);
      await keep(at, second);
      await keep(at, { ...aMail("one", { subject: "again", raw: "longer than before" }) });
      assert.deepEqual(
        (await at.store.keptMails.list({ max: 9 })).map(({ name, subject, bytes }) => [name, subject, bytes]),
        [
          [second.name, "About two", 11],
          [first.name, "again", 18],
        ],
      );
    });

    it("come newest first, in pages, also from behind one that is gone", async () => {
      await using at = await open();
      const mails = ["a", "b", "c"].map((id) => aMail(id));
      for (const mail of mails) await keep(at, mail);
      const [first] = await at.store.keptMails.list({ max: 1 });
      assert.equal(first?.name, mails[2]?.name);
      const rest = await at.store.keptMails.list({ max: 9, after: `${mails[1]?.name}~` });
      assert.deepEqual(
        rest.map(({ name }) => name),
        [mails[1]?.name, mails[0]?.name],
      );
      assert.deepEqual(await at.store.keptMails.list({ max: 9, after: "0" }), []);
    });

    it("are so many of each tenant, by number and by bytes, and the rest is taken from who has most", async () => {
      await using at = await open();
      const most = { inAll: 6, perTenant: { mails: 4, bytes: 20_000 } };
      const send = (id: string, tenant: string, raw = "t") => keep(at, aMail(id, { tenant, raw }), most);
      await send("old", "");
      await send("b1", "quiet");
      for (const id of ["a1", "a2", "a3", "a4", "a5"]) await send(id, "loud");
      assert.deepEqual(await ids(at), ["a5", "a4", "a3", "a2", "b1", "old"], "the loud one pushes out its own");
      await send("b2", "quiet");
      assert.deepEqual(await ids(at), ["b2", "a5", "a4", "a3", "b1", "old"], "who has most gives way");
      await send("a6", "loud", "x".repeat(20_001));
      assert.deepEqual(await ids(at), ["a6", "b2", "b1", "old"], "the last one stays, however long");
      await at.reopen();
      await send("a7", "loud");
      assert.deepEqual(await ids(at), ["a7", "b2", "b1", "old"]);
    });
  });
}
