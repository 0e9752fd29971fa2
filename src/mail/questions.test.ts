import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type FakeClock, fakeClock } from "../../test/support/clock.ts";
import { migrated } from "../../test/support/migrated.ts";
import { stored } from "../../test/support/stored.ts";
import type { Uuid } from "../domain/ids.ts";
import { defaultRetryPolicy } from "../domain/retry.ts";
import type { EmailSubscription } from "../domain/subscription.ts";
import { silentLog } from "../log.ts";
import { openSqliteStore } from "../store/sqlite/store.ts";
import type { Store } from "../store/store.ts";
import { mailboxOf } from "./address.ts";
import { mailQuestions, type Questions, questionMs } from "./questions.ts";

interface Asking extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly store: Store;
  readonly questions: Questions;
  reopen(): Promise<void>;
}

async function asking(perDay = 1_000): Promise<Asking> {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-questions-"));
  const clock = fakeClock();
  const open = () => openSqliteStore({ folder: migrated(folder), clock, log: silentLog });
  let opened = await open();
  return {
    clock,
    get store() {
      return opened.store;
    },
    get questions() {
      return mailQuestions({ store: opened.store, clock, perDay });
    },
    reopen: async () => {
      await opened[Symbol.asyncDispose]();
      opened = await open();
    },
    [Symbol.asyncDispose]: async () => {
      await opened[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function wanted(address: string, of: Partial<EmailSubscription> = {}): EmailSubscription {
  return {
    uuid: `${address}-011` as Uuid,
    number: 1,
    tenant: "acme",
    face: "notifications",
    scope: "x-002" as Uuid,
    event: "*",
    target: { kind: "email", address: stored(address) },
    policy: defaultRetryPolicy,
    enabled: true,
    unconfirmed: true,
    owner: "ada",
    createdMs: 0,
    updatedMs: 0,
    fromRevision: 0,
    revision: 0,
    ...of,
  };
}

describe("a mailbox", () => {
  it("is one, however its address is written", () => {
    for (const address of ["ada.king@example.com", "AdaKing+x@EXAMPLE.com", "a.d.a.k.i.n.g+${EVENT}@example.com"]) {
      assert.equal(mailboxOf(address), "adaking@example.com");
    }
    for (const address of ["jürgen@example.com", "ju\u0308rgen@example.com", "ｊÜrgen＋a@example.com"]) {
      assert.equal(mailboxOf(address), "jürgen@example.com");
    }
    assert.equal(mailboxOf("a.b@googlemail.com"), mailboxOf("ab@gmail.com"));
    assert.equal(mailboxOf("ab@bücher.example"), mailboxOf("AB@xn--bcher-kva.example"));
    assert.notEqual(mailboxOf("ada@example.com"), mailboxOf("ada@example.org"));
  });
});

describe("questions to a mailbox", () => {
  it("are one in a week, of all tenants together, also after a restart", async () => {
    await using at = await asking();
    const [first, other] = [
      wanted("ada.x@example.com"),
      wanted("AdaX+2@example.com", { tenant: "other", owner: "eve" }),
    ];
    assert.deepEqual(await at.questions.ask(first, "1"), { kind: "ask" });
    assert.equal((await at.questions.ask(other, "2")).kind, "later", "while the first is being sent");
    assert.deepEqual(await at.questions.ask(first, "1"), { kind: "ask" }, "its own mail is tried again");
    await at.questions.sent(first, "1");
    assert.equal((await at.questions.ask(first, "1")).kind, "later", "redriven, it is another mail");
    await at.reopen();
    const barred = await at.questions.ask(other, "2");
    assert.ok(barred.kind === "later" && barred.waitMs === 3_600_000);
    assert.match(barred.message, /asked at 2026-01-01T00:00:00.000Z already.*or at 2026-01-08T00:00:00.000Z/);
    at.clock.advance(questionMs - 1_000);
    const soon = await at.questions.ask(other, "2");
    assert.ok(soon.kind === "later" && soon.waitMs === 1_000);
    at.clock.advance(1_000);
    assert.deepEqual(await at.questions.ask(other, "2"), { kind: "ask" });
  });

  it("may go on once it has answered, or when the mail could not be sent", async () => {
    await using at = await asking();
    const [first, second] = [wanted("ada@example.com"), wanted("ada@example.com", { uuid: "second-011" as Uuid })];
    const answered = (subscription: EmailSubscription) =>
      at.store.commit({
        changes: [{ do: "question.answered", mailbox: "ada@example.com", subscription: subscription.uuid }],
      });
    await at.questions.ask(first, "1");
    await at.questions.sent(first, "1");
    await answered(second);
    assert.equal((await at.questions.ask(second, "2")).kind, "later", "that was another's question");
    await answered(first);
    assert.equal((await at.questions.ask(second, "2")).kind, "ask");
    await at.questions.unsent(second, "2");
    assert.equal((await at.questions.ask(first, "3")).kind, "ask");
  });

  it("are no more when its owner wants none, until they do", async () => {
    await using at = await asking();
    await at.store.commit({ changes: [{ do: "refusal.put", mailbox: "ada@example.com", atMs: 0 }] });
    assert.equal((await at.questions.ask(wanted("A.da+x@Example.com"), "1")).kind, "never");
    await at.store.commit({ changes: [{ do: "refusal.remove", mailbox: "ada@example.com" }] });
    assert.equal((await at.questions.ask(wanted("ada@example.com"), "1")).kind, "ask");
  });

  it("are bounded in a day, of one owner and of one tenant", async () => {
    await using at = await asking(40);
    const ask = async (n: number, owner: string, tenant = "acme") =>
      at.questions.ask(wanted(`${owner}${tenant}${n}@example.com`, { owner, tenant }), `${owner}${tenant}${n}`);
    const kinds = async (owner: string, count: number) => {
      const asked = [];
      for (let n = 0; n < count; n += 1) asked.push((await ask(n, owner)).kind);
      return asked.filter((kind) => kind === "ask").length;
    };
    assert.equal(await kinds("ada", 12), 10);
    const barred = await ask(99, "ada");
    assert.ok(barred.kind === "later");
    assert.match(barred.message, /its owner has had 10 addresses asked in a day.*SIGNALBOX_MAIL_QUESTIONS_PER_DAY/);
    for (const owner of ["b", "c", "d"]) assert.equal(await kinds(owner, 10), 10);
    const tenant = await ask(0, "e");
    assert.ok(tenant.kind === "later");
    assert.match(tenant.message, /this tenant has had 40/);
    assert.equal((await ask(0, "e", "other")).kind, "ask");
    at.clock.advance(86_400_000);
    assert.equal((await ask(99, "ada")).kind, "ask");
  });
});
