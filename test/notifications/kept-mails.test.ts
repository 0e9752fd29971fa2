import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { simpleParser } from "mailparser";
import { SignalboxError } from "../../src/errors.ts";
import { silentLog } from "../../src/log.ts";
import { carryKeptMails, type KeptOptions, keptMailer } from "../../src/mail/kept.ts";
import type { Mail } from "../../src/mail/mailer.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import type { Store } from "../../src/store/store.ts";
import { fakeClock } from "../support/clock.ts";
import { migrated } from "../support/migrated.ts";

const startMs = Date.UTC(2026, 0, 1);

async function opened(): Promise<AsyncDisposable & { readonly store: Store; readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-mails-"));
  const { store, ...made } = await openSqliteStore({ folder: migrated(folder), clock: fakeClock(), log: silentLog });
  return {
    store,
    folder: join(folder, "mails"),
    [Symbol.asyncDispose]: async () => {
      await made[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function mail(id: string, given: Partial<Mail> = {}): Mail {
  return { to: "ada@example.com", subject: `subject ${id}`, text: "t", html: "<p>t</p>", id, headers: {}, ...given };
}

function kept(store: KeptOptions["store"], options: Partial<KeptOptions> = {}): ReturnType<typeof keptMailer> {
  return keptMailer({ store, from: "Signalbox <noreply@example.org>", clock: fakeClock(), ...options });
}

describe("keptMailer", () => {
  it("keeps a mail as it would have been sent, and lists it", async () => {
    await using at = await opened();
    const mails = at.store.keptMails;
    await using mailer = kept(at.store);
    assert.deepEqual(await mails.list({ max: 10 }), []);
    const outcome = await mailer.send(mail("one", { subject: "Grüße, 😀", unsubscribe: "https://box.example/u/" }));
    assert.equal(outcome.kind, "accepted");
    const [only, ...more] = await mails.list({ max: 10 });
    assert.ok(only !== undefined && more.length === 0);
    const raw = (await mails.raw(only.name)) ?? "";
    assert.deepEqual(only, {
      name: `${startMs.toString(16).padStart(12, "0")}-one.eml`,
      to: "ada@example.com",
      subject: "Grüße, 😀",
      dateMs: startMs,
      bytes: Buffer.byteLength(raw),
    });
    assert.equal((await simpleParser(raw)).messageId, "<one@example.org>");
  });

  it("keeps the same id once, also after a restart", async () => {
    await using at = await opened();
    const clock = fakeClock();
    {
      await using mailer = kept(at.store, { clock });
      await Promise.all([mailer.send(mail("one")), mailer.send(mail("one", { subject: "again" }))]);
    }
    clock.advance(1_000);
    await using mailer = kept(at.store, { clock });
    await mailer.send(mail("one", { subject: "a third time" }));
    assert.deepEqual(
      (await at.store.keptMails.list({ max: 10 })).map(({ subject, dateMs }) => ({ subject, dateMs })),
      [{ subject: "a third time", dateMs: startMs }],
    );
  });

  it("tells what it kept by a name that finds it, and nothing by any other", async () => {
    await using at = await opened();
    await using mailer = kept(at.store);
    const outcome = await mailer.send(mail("one", { tenant: "acme" }));
    const name = (await at.store.keptMails.list({ max: 1 }))[0]?.name ?? "";
    assert.deepEqual(outcome, { kind: "accepted", answer: `250 kept as ${name}` });
    assert.match(name, /^[0-9a-f]{12}-one\.acme\.eml$/);
    for (const bad of ["", ".", "..", `./${name}`, `${name}\0`, name.toUpperCase(), "x".repeat(9_999)]) {
      assert.equal(await at.store.keptMails.raw(bad), undefined, bad.slice(0, 40));
    }
  });

  it("loses nothing while it cannot write", async () => {
    await using at = await opened();
    let full = true;
    const store: KeptOptions["store"] = {
      keptMails: at.store.keptMails,
      commit: async (unit) => {
        if (full) throw new SignalboxError("storage_full", "the disk is full");
        return at.store.commit(unit);
      },
    };
    await using mailer = kept(store);
    assert.deepEqual(await mailer.send(mail("one")), { kind: "later", message: "not kept: the disk is full" });
    full = false;
    assert.equal((await mailer.send(mail("one"))).kind, "accepted");
  });

  it("refuses what no server could be given, and takes no more once it is disposed", async () => {
    await using at = await opened();
    const mailer = kept(at.store);
    assert.equal((await mailer.send(mail("one", { to: "a@x.com, b@x.com" }))).kind, "refused");
    assert.equal((await mailer.send(mail("../../etc/passwd"))).kind, "refused");
    assert.equal((await mailer.send(mail("one"), AbortSignal.abort())).kind, "later");
    await mailer[Symbol.asyncDispose]();
    assert.equal((await mailer.send(mail("one"))).kind, "later");
    assert.throws(() => kept(at.store, { from: "nobody" }), /^SignalboxError: SIGNALBOX_MAIL_FROM/);
  });
});

describe("mails that an older version kept in a folder", () => {
  const head = "To: ada@example.com\r\nSubject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=\r\n\r\n";

  it("are carried over with their names, once, and what is none of them stays", async () => {
    await using at = await opened();
    await mkdir(at.folder);
    const names = [
      "00000000000a-old.eml",
      ...Array.from({ length: 120 }, (_, n) => `0000000001${10 + n}-m${n}.acme.eml`),
    ];
    const usable = names.filter((name) => /^[0-9a-f]{12}-/.test(name));
    for (const name of usable) await writeFile(join(at.folder, name), `${head}text of ${name}`);
    await writeFile(join(at.folder, "000000000001-two.eml.new"), "half");
    await writeFile(join(at.folder, "readme.txt"), "not ours");
    await carryKeptMails({ store: at.store, log: silentLog }, at.folder);
    const listed = await at.store.keptMails.list({ max: 1_000 });
    assert.deepEqual(listed.map(({ name }) => name).toReversed(), usable.toSorted());
    const last = listed.at(-1);
    assert.deepEqual(last, {
      name: "00000000000a-old.eml",
      to: "ada@example.com",
      subject: "Grüße",
      dateMs: 10,
      bytes: Buffer.byteLength(`${head}text of 00000000000a-old.eml`),
    });
    assert.equal(await at.store.keptMails.raw("00000000000a-old.eml"), `${head}text of 00000000000a-old.eml`);
    assert.deepEqual(await readdir(at.folder), ["readme.txt"]);
    await rm(join(at.folder, "readme.txt"));
    await carryKeptMails({ store: at.store, log: silentLog }, at.folder);
    await assert.rejects(readdir(at.folder));
    await carryKeptMails({ store: at.store, log: silentLog }, at.folder);
  });

  it("are taken again after a start that was broken off, and are one each", async () => {
    await using at = await opened();
    await mkdir(at.folder);
    const name = "00000000000a-one.acme.eml";
    await writeFile(join(at.folder, name), `${head}text`);
    await carryKeptMails({ store: at.store, log: silentLog }, at.folder);
    await mkdir(at.folder);
    await writeFile(join(at.folder, name), `${head}text`);
    await carryKeptMails({ store: at.store, log: silentLog }, at.folder);
    assert.deepEqual(
      (await at.store.keptMails.list({ max: 9 })).map((mail) => mail.name),
      [name],
    );
  });
});
