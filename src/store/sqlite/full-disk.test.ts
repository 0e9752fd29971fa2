import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { anEvent, noonMs, tenantWithAda, uuid } from "../../../test/conformance/store/given.ts";
import { SignalboxError } from "../../errors.ts";
import { wireEvent } from "../sql/events-sql.ts";
import { storeError } from "../sql/replies.ts";
import type { Reply } from "../sql/requests.ts";
import { unitSteps } from "../sql/units.ts";
import type { WireUnit } from "../sql/wire.ts";
import type { Unit } from "../unit.ts";
import { CommitRunner } from "./commit-runner.ts";
import { migrate, openWriter } from "./open.ts";
import { Statements } from "./statements.ts";

/** A page limit gives the very error that a full disk gives. */
function pagesLeft(db: DatabaseSync, pages: number): void {
  const used = Number(db.prepare("PRAGMA page_count").get()?.["page_count"]);
  db.exec(`PRAGMA max_page_count = ${used + pages}`);
}

function wire(unit: Unit): WireUnit {
  return { ...unitSteps(unit), events: (unit.events ?? []).map(wireEvent) };
}

function opened(): { readonly db: DatabaseSync } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-full-"));
  const db = openWriter(join(folder, "signalbox.db"));
  migrate(db);
  return {
    db,
    [Symbol.dispose]: () => {
      db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const small = wire({ events: [anEvent(uuid("bucket"))] });
const large = wire({
  changes: [{ do: "grant.put", grant: { resource: uuid("bucket"), grantee: "bob", permission: "read" } }],
  events: Array.from({ length: 50 }, () => anEvent(uuid("bucket"), { data: { text: "x".repeat(10_000) } })),
});

describe("a full disk", () => {
  it("fails the group with storage_full, changes nothing, and is over when space returns", () => {
    using at = opened();
    const runner = new CommitRunner(at.db, new Statements(at.db));
    const run = (...units: WireUnit[]): Reply => runner.run({ kind: "commit", nowMs: noonMs, units });
    const count = (table: "event" | "resource_grant"): unknown =>
      at.db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"];
    const first = (reply: Reply, unit = 0): number => {
      const result = reply.kind === "committed" ? reply.units[unit] : undefined;
      return (result?.kind === "committed" ? result.sequences[0] : undefined) ?? assert.fail(JSON.stringify(reply));
    };
    run(wire({ changes: tenantWithAda("acme") }));
    const before = first(run(small));

    pagesLeft(at.db, 8);
    const reply = run(small, large, small);
    assert.equal(at.db.isTransaction, false);
    assert.deepEqual([count("event"), count("resource_grant")], [1, 0]);
    const error = storeError(reply);
    assert.ok(error instanceof SignalboxError && error.code === "storage_full", error.message);
    assert.equal(first(run(small)), before + 1, "what still fits is accepted, and no sequence was lost");

    pagesLeft(at.db, 10_000);
    const after = run(small, large, small);
    assert.deepEqual([first(after, 0), first(after, 1), first(after, 2)], [before + 2, before + 3, before + 53]);
    assert.deepEqual([count("event"), count("resource_grant")], [54, 1]);
  });

  it("fails a settlement too, which may be made again", () => {
    using at = opened();
    const runner = new CommitRunner(at.db, new Statements(at.db));
    runner.run({ kind: "commit", nowMs: noonMs, units: [wire({ changes: tenantWithAda("acme") })] });
    const answer = [null, null, null, null, null, "x".repeat(500)];
    const deliveries = Array.from({ length: 2_000 }, (_, index) => [index + 1, 1, "acme", 1, 1, 1, ...answer]);
    const nothing = {
      attempts: [],
      invocations: [],
      buried: [],
      waiting: [],
      inLine: [],
      released: [],
      outcomes: [],
      events: [],
      figures: { counts: [], reasons: [] },
    };
    const settlement = { ...nothing, deliveries, marks: { watermarks: [[0, 2_000]], losses: 0 } as const };
    pagesLeft(at.db, 8);
    const failed = runner.run({ kind: "commit", nowMs: noonMs, units: [], settlement });
    assert.ok(failed.kind === "failed" && failed.full);
    pagesLeft(at.db, 10_000);
    const made = runner.run({ kind: "commit", nowMs: noonMs, units: [], settlement });
    assert.ok(made.kind === "committed" && made.settlement?.kind === "settled");
  });
});
