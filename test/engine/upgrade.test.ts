import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { checkFolder } from "../../src/check/check.ts";
import type { Face } from "../../src/domain/event.ts";
import { runServer } from "../support/in-process.ts";

/**
 * A data folder that an older version made, as SQL text with the folder's small files in its comments (`test/golden/make-folder.ts` makes
 * such a text in a checkout of that version), is served with all that it held.
 */

interface Facts {
  readonly rule: string;
  readonly waitingRule: string;
  readonly mail: string;
  readonly forgets: string;
  readonly keeps: string;
  readonly token: { readonly token: string };
  readonly mails: { readonly mails: readonly { readonly name: string }[] };
}

async function oldFolder(): Promise<AsyncDisposable & { readonly path: string; readonly facts: Facts }> {
  const path = await mkdtemp(join(tmpdir(), "signalbox-old-"));
  const sql = await readFile(new URL("../golden/folder-63f0099.sql", import.meta.url), "utf8");
  for (const [, file = "", base64 = ""] of sql.matchAll(/^-- file (\S+) (\S*)$/gm)) {
    await mkdir(dirname(join(path, file)), { recursive: true });
    await writeFile(join(path, file), Buffer.from(base64, "base64"));
  }
  using db = new DatabaseSync(join(path, "signalbox.db"), { enableForeignKeyConstraints: false });
  db.exec(`PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; BEGIN; ${sql} COMMIT;`);
  const facts = JSON.parse(/^-- facts (.*)$/m.exec(sql)?.[1] ?? "") as Facts;
  return { path, facts, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

interface Delivery {
  readonly rule: string;
  readonly status: string;
}

describe("a data folder of the version before the store's areas", () => {
  it("is started with, and serves what it held", async () => {
    await using old = await oldFolder();
    const { facts } = old;
    await using server = await runServer({
      SIGNALBOX_DATA: old.path,
      SIGNALBOX_ADMIN_TOKEN: "operator-token-of-the-tests",
      SIGNALBOX_S3_ACCESS_KEY_ID: "AKTESTS",
      SIGNALBOX_S3_SECRET_ACCESS_KEY: "secret-of-the-tests",
      SIGNALBOX_SECRET_KEY: Buffer.alloc(32, 7).toString("base64"),
      SIGNALBOX_MAIL_CONFIRM: "off",
      // However long ago it was made.
      SIGNALBOX_RETENTION_DAYS: "36500",
      SIGNALBOX_RETENTION_DEAD_DAYS: "36500",
    });
    const { s3 } = server;
    const api = <T>(method: string, path: string, body?: unknown): Promise<T> => server.api<T>(method, path, body);

    const { Body } = await s3.send(new GetObjectCommand({ Bucket: "photos", Key: "cat.jpg" }));
    assert.equal(await Body?.transformToString(), "meow");
    const users = await api<{ users: { username: string }[] }>("GET", "/api/cloud/users/");
    assert.deepEqual(
      users.users.map(({ username }) => username),
      ["jane"],
    );

    const rules = "/api/cloud/buckets/photos/notifications/";
    const listed = await api<{ rules: { id: string }[] }>("GET", rules);
    assert.ok([facts.rule, facts.waitingRule].every((id) => listed.rules.some((rule) => rule.id === id)));
    const all = await api<{ subscriptions: { id: string; face: string }[] }>("GET", "/api/cloud/subscriptions/");
    assert.deepEqual(
      new Set(all.subscriptions.map(({ face }) => face)),
      new Set(["lifecycle", "notifications", "objects"]),
    );
    const event = await api<{ subscribers: unknown[] }>("GET", "/api/cloud/events/PRE_USER_CREATE/");
    assert.equal(event.subscribers.length, 1);

    const { deliveries } = await api<{ deliveries: Delivery[] }>("GET", "/api/cloud/deliveries/");
    const dead = deliveries.filter(({ status }) => status === "dead").map(({ rule }) => rule);
    for (const id of [facts.rule, facts.forgets, facts.keeps]) assert.ok(dead.includes(id), id);
    assert.ok(deliveries.some(({ rule }) => rule === facts.waitingRule));
    assert.ok(deliveries.some(({ rule, status }) => rule === facts.mail && status === "delivered"));

    assert.deepEqual(await api("GET", "/api/cloud/mails/"), facts.mails);
    const [mail] = facts.mails.mails;
    assert.match(
      (await api<{ raw: string }>("GET", `/api/cloud/mails/${mail?.name}/`)).raw,
      /^To: ada@example\.com\r$/m,
    );
    assert.ok(!(await readdir(old.path)).includes("mails"), "they are in the store now");

    const intents = await server.signalbox.intents();
    assert.deepEqual(
      intents.map(({ operationId, params }) => [operationId.slice(-1), params]),
      [
        ["1", { total: 7 }],
        ["2", { total: 7 }],
      ],
    );

    const bob = await fetch(new URL("/api/cloud/buckets/", server.url), {
      headers: { authorization: `Bearer ${facts.token.token}` },
    });
    assert.equal(bob.status, 200);
    // Its hook still decides, with the secrets that were sealed then.
    await api("POST", "/api/cloud/users/", { username: "june", email: "june@example.com" });
  });

  it("has in columns what was a rule about its subscriptions", async () => {
    await using old = await oldFolder();
    const paused = old.facts.waitingRule;
    {
      using db = new DatabaseSync(join(old.path, "signalbox.db"));
      db.prepare("UPDATE subscription SET paused = ? WHERE uuid = ?").run('{"reason":"gone","sinceMs":5}', paused);
    }
    {
      await using _ = await runServer({
        SIGNALBOX_DATA: old.path,
        SIGNALBOX_SECRET_KEY: Buffer.alloc(32, 7).toString("base64"),
        SIGNALBOX_RETENTION_DAYS: "36500",
        SIGNALBOX_RETENTION_DEAD_DAYS: "36500",
      });
    }
    using db = new DatabaseSync(join(old.path, "signalbox.db"));
    const rows = db.prepare("SELECT * FROM subscription ORDER BY number").all();
    const keeping = new Map(rows.map((row) => [row["uuid"], row["keep_dead"]]));
    const { rule, mail, forgets, keeps } = old.facts;
    assert.deepEqual(
      [rule, mail, forgets, keeps].map((id) => keeping.get(id)),
      [1, 0, 0, 1],
    );
    const columns = {
      objects: { ends_with_scope: 1, drop_when_over: 0, once_per_function: 0, seen_by: "managers", needs: "manager" },
      lifecycle: {
        ends_with_scope: 1,
        drop_when_over: 0,
        once_per_function: 1,
        seen_by: "developers",
        needs: "developer",
      },
      notifications: { ends_with_scope: 0, drop_when_over: 1, once_per_function: 0, seen_by: null, needs: null },
    };
    for (const row of rows) {
      const expected = columns[row["face"] as Face];
      assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, row[name]])), expected);
      const target = JSON.parse(String(row["target"])) as Readonly<Record<string, unknown>>;
      assert.equal(row["function"], target["function"] ?? null);
      assert.equal(typeof row["sealed"], target["kind"] === "webhook" ? "string" : "object");
      assert.ok(!("sealed" in target));
      const pause = row["uuid"] === paused ? [5, "gone"] : [null, null];
      assert.deepEqual([row["paused_ms"], row["pause_reason"]], pause);
    }
    assert.deepEqual(new Set(rows.map((row) => row["face"])), new Set(Object.keys(columns)));
  });

  it("is looked through as it is, before it is started with", async () => {
    await using old = await oldFolder();
    const damages = async (): Promise<string[]> => {
      const found: string[] = [];
      const keys = { current: Buffer.alloc(32, 7).toString("base64") };
      for await (const { level, what } of checkFolder(old.path, { keys })) if (level === "damage") found.push(what);
      return found;
    };
    assert.deepEqual(await damages(), []);
    {
      using db = new DatabaseSync(join(old.path, "signalbox.db"));
      const unseal = db.prepare("UPDATE subscription SET target = json_set(target, '$.sealed', 'x') WHERE uuid = ?");
      unseal.run(old.facts.rule);
    }
    assert.match((await damages()).join(), new RegExp(`cannot be opened with the key .*${old.facts.rule}`));
  });
});
