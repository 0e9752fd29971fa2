import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { it } from "node:test";
import { migrate, migrationFiles } from "./open.ts";

/** A database as it was before operators had names of their own in other tenants. */
function before(): DatabaseSync {
  const db = new DatabaseSync(":memory:");
  for (const { number, sql } of migrationFiles().slice(0, 3)) db.exec(`${sql}; PRAGMA user_version = ${number}`);
  for (const tenant of ["default", "acme", "other"]) {
    db.exec(`INSERT INTO tenant (id, name, created_ms) VALUES ('${tenant}', '${tenant}', 0)`);
    db.exec(
      `INSERT INTO bucket (uuid, tenant, name, owner, created_ms) VALUES ('${tenant}', '${tenant}', 'b', 'admin', 0)`,
    );
    db.exec(`INSERT INTO object (bucket, key, uuid, owner, version, size, etag, content_type, modified_ms, facts)
      VALUES ('${tenant}', 'k', 'o-${tenant}', 'admin', 'v', 0, 'e', 't', 0, '{}')`);
    db.exec(`INSERT INTO subscription (uuid, tenant, face, scope, event, target, policy, enabled, owner, created_ms, updated_ms,
      from_revision, revision) VALUES ('s-${tenant}', '${tenant}', 'objects', '*', '*', '{}', '{}', 1, 'admin', 0, 0, 0, 0)`);
  }
  const principal = "INSERT INTO principal (tenant, name, role, created_ms) VALUES (?, ?, ?, 0)";
  for (const of of [
    ["default", "admin", "operator"],
    ["default", "dev", "developer"],
    ["other", "admin", "member"],
    ["other", "dev", "developer"],
  ]) {
    db.prepare(principal).run(...of);
  }
  const fn = `INSERT INTO function (uuid, tenant, app, slug, name, enabled, timeout_ms, env, secret_names, egress, writes, version, owner,
    role, created_ms, updated_ms, revision) VALUES (?, ?, 1, ?, 'f', 1, 1, '{}', '["A","B"]', '[]', 0, 1, ?, ?, 0, 0, 1)`;
  const version = `INSERT INTO function_version (function, number, hash, language, created_ms, created_by, source, js)
    VALUES ((SELECT number FROM function WHERE uuid = ?), 1, 'h', 'javascript', 0, ?, '', '')`;
  db.exec(
    `INSERT INTO app (uuid, tenant, slug, name, owner, created_ms, updated_ms) VALUES ('a', 'acme', 'a', 'a', 'admin', 0, 0)`,
  );
  for (const [uuid, tenant, owner, role, by] of [
    ["f1", "acme", "admin", "admin", "admin"],
    ["f2", "other", "dev", "developer", "dev"],
    ["f3", "other", "admin", "developer", "dev"],
  ] as const) {
    db.prepare(fn).run(uuid, tenant, uuid, owner, role);
    db.prepare(version).run(uuid, by);
  }
  return db;
}

it("what operators made in other tenants gets the name that they act under there, unless somebody of the tenant bears theirs", () => {
  const db = before();
  migrate(db);
  const named = (of: string) =>
    db
      .prepare(of)
      .all()
      .map((row) => Object.values(row));
  for (const owners of [
    "SELECT tenant, owner FROM bucket ORDER BY tenant",
    "SELECT bucket, owner FROM object ORDER BY bucket",
    "SELECT tenant, owner FROM subscription ORDER BY tenant",
  ]) {
    assert.deepEqual(named(owners), [
      ["acme", "operator:admin"],
      ["default", "admin"],
      ["other", "admin"],
    ]);
  }
  assert.deepEqual(named("SELECT owner FROM app"), [["operator:admin"]]);
  assert.deepEqual(named("SELECT uuid, owner, author, secret_roles FROM function ORDER BY uuid"), [
    ["f1", "operator:admin", "operator:admin", '{"A":"admin","B":"admin"}'],
    ["f2", "dev", "dev", '{"A":"developer","B":"developer"}'],
    ["f3", "admin", "dev", '{"A":"admin","B":"admin"}'],
  ]);
  db.close();
});
