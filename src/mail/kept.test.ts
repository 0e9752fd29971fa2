import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { simpleParser } from "mailparser";
import { fakeClock } from "../../test/support/clock.ts";
import { type KeptOptions, keptMailer } from "./kept.ts";
import type { Mail } from "./mailer.ts";

const startMs = Date.UTC(2026, 0, 1);

async function temporary(): Promise<AsyncDisposable & { readonly folder: string }> {
  const path = await mkdtemp(join(tmpdir(), "signalbox-mails-"));
  return {
    folder: join(path, "data", "mails"),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

function mail(id: string, given: Partial<Mail> = {}): Mail {
  return { to: "ada@example.com", subject: `subject ${id}`, text: "t", html: "<p>t</p>", id, headers: {}, ...given };
}

function kept(folder: string, options: Partial<KeptOptions> = {}): ReturnType<typeof keptMailer> {
  return keptMailer({ folder, from: "Signalbox <noreply@example.org>", clock: fakeClock(), ...options });
}

describe("keptMailer", () => {
  it("keeps a mail as it would have been sent, and lists it", async () => {
    await using files = await temporary();
    await using mails = kept(files.folder);
    assert.deepEqual(await mails.list({ max: 10 }), []);
    const outcome = await mails.send(mail("one", { subject: "Grüße, 😀", unsubscribe: "https://box.example/u/" }));
    assert.equal(outcome.kind, "accepted");
    const [only, ...more] = await mails.list({ max: 10 });
    assert.ok(only !== undefined && more.length === 0);
    const raw = (await mails.read(only.name)) ?? "";
    assert.deepEqual(only, {
      name: `${startMs.toString(16).padStart(12, "0")}-one.eml`,
      to: "ada@example.com",
      subject: "Grüße, 😀",
      dateMs: startMs,
      bytes: Buffer.byteLength(raw),
    });
    assert.equal((await simpleParser(raw)).messageId, "<one@example.org>");
    assert.deepEqual(await readdir(files.folder), [only.name]);
    const modes = await Promise.all([stat(files.folder), stat(join(files.folder, only.name))]);
    assert.deepEqual(
      modes.map(({ mode }) => mode & 0o777),
      [0o700, 0o600],
    );
  });

  it("keeps the same id once, also after a restart", async () => {
    await using files = await temporary();
    const clock = fakeClock();
    {
      await using mails = kept(files.folder, { clock });
      await Promise.all([mails.send(mail("one")), mails.send(mail("one", { subject: "again" }))]);
    }
    await writeFile(join(files.folder, "000000000001-two.eml.new"), "half");
    await writeFile(join(files.folder, "readme.txt"), "not ours");
    clock.advance(1_000);
    await using mails = kept(files.folder, { clock });
    await mails.send(mail("one", { subject: "a third time" }));
    assert.deepEqual(
      (await mails.list({ max: 10 })).map(({ subject, dateMs }) => ({ subject, dateMs })),
      [{ subject: "a third time", dateMs: startMs }],
    );
    assert.deepEqual((await readdir(files.folder)).length, 2);
  });

  it("lists the newest first, page by page, and forgets the oldest", async () => {
    await using files = await temporary();
    const clock = fakeClock();
    await using mails = kept(files.folder, { clock, maxMails: 5 });
    for (let index = 1; index <= 7; index += 1) {
      clock.advance(1);
      await mails.send(mail(`m${index}`));
    }
    const subjects = async (after?: string): Promise<readonly string[]> =>
      (await mails.list({ max: 2, ...(after === undefined ? {} : { after }) })).map(({ subject }) => subject);
    assert.deepEqual(await subjects(), ["subject m7", "subject m6"]);
    const [, last] = await mails.list({ max: 2 });
    assert.deepEqual(await subjects(last?.name), ["subject m5", "subject m4"]);
    assert.deepEqual((await mails.list({ max: 1_000_000 })).length, 5);
    assert.deepEqual((await readdir(files.folder)).length, 5);
    assert.equal((await mails.list({ max: -3 })).length, 1);
    assert.deepEqual(await subjects("0"), []);
  });

  it("reads nothing but its own mails, whatever the name", async () => {
    await using files = await temporary();
    await using mails = kept(files.folder);
    await mails.send(mail("one"));
    await writeFile(join(files.folder, "..", "secret.eml"), "secret");
    const name = (await mails.list({ max: 1 }))[0]?.name ?? "";
    const names = [
      "",
      ".",
      "..",
      "../secret.eml",
      `../mails/${name}`,
      `./${name}`,
      `${name}\0`,
      `${name}/`,
      "x".repeat(9_999),
    ];
    for (const bad of [...names, "000000000000-one.eml", name.toUpperCase(), encodeURIComponent(`../${name}`)]) {
      assert.equal(await mails.read(bad), undefined, bad.slice(0, 40));
    }
    await rm(join(files.folder, name));
    assert.equal(await mails.read(name), undefined);
    assert.deepEqual(await mails.list({ max: 10 }), []);
  });

  it("keeps so many of each tenant, by number and by bytes, and takes the rest from who has most", async () => {
    await using files = await temporary();
    const clock = fakeClock();
    const bounds = { clock, maxMails: 6, perTenant: { mails: 4, bytes: 20_000 } };
    {
      await using mails = kept(files.folder, bounds);
      const send = async (id: string, tenant?: string, text = "t") => {
        clock.advance(1);
        const outcome = await mails.send(mail(id, { text, ...(tenant === undefined ? {} : { tenant }) }));
        assert.equal(outcome.kind, "accepted");
      };
      const ids = async () => (await mails.list({ max: 100 })).map(({ name }) => /-(\w+)(?:\.|$)/.exec(name)?.[1]);
      await send("old");
      await send("b1", "quiet");
      for (const id of ["a1", "a2", "a3", "a4", "a5"]) await send(id, "loud");
      assert.deepEqual(await ids(), ["a5", "a4", "a3", "a2", "b1", "old"], "the loud one pushes out its own");
      await send("b2", "quiet");
      assert.deepEqual(await ids(), ["b2", "a5", "a4", "a3", "b1", "old"], "who has most gives way");
      await send("a6", "loud", "x".repeat(19_900));
      assert.deepEqual(await ids(), ["a6", "b2", "b1", "old"]);
    }
    await using mails = kept(files.folder, bounds);
    await mails.send(mail("a7", { tenant: "loud" }));
    const names = (await mails.list({ max: 100 })).map(({ name }) => name);
    assert.equal(names.length, 4, "after a restart what was there counts");
    assert.ok(names.some((name) => name.endsWith("-a7.loud.eml")) && !names.some((name) => name.includes("-a6")));
  });

  it("loses nothing while it cannot write", async () => {
    await using files = await temporary();
    const blocked = join(files.folder, "..", "..", "file");
    await writeFile(blocked, "no folder");
    await using mails = kept(join(blocked, "mails"));
    const outcome = await mails.send(mail("one"));
    assert.ok(outcome.kind === "later");
    assert.match(outcome.message, /^not kept: .*ENOTDIR/);
    await rm(blocked);
    assert.equal((await mails.send(mail("one"))).kind, "accepted");
  });

  it("refuses what no server could be given, and takes no more once it is disposed", async () => {
    await using files = await temporary();
    const mails = kept(files.folder);
    assert.equal((await mails.send(mail("one", { to: "a@x.com, b@x.com" }))).kind, "refused");
    assert.equal((await mails.send(mail("../../etc/passwd"))).kind, "refused");
    assert.equal((await mails.send(mail("one"), AbortSignal.abort())).kind, "later");
    await mails[Symbol.asyncDispose]();
    assert.equal((await mails.send(mail("one"))).kind, "later");
    assert.throws(() => kept(files.folder, { from: "nobody" }), /^SignalboxError: SIGNALBOX_MAIL_FROM/);
  });
});
