import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Row, text } from "../sql/step.ts";
import { openReader, openWriter } from "./open.ts";
import { RepeatedReads } from "./repeated-reads.ts";
import { Statements } from "./statements.ts";

interface Thing {
  readonly value: string;
}

interface Place extends AsyncDisposable {
  readonly thing: (name: string) => Thing | undefined;
  /** As another connection does it. */
  readonly put: (name: string, value: string) => void;
  readonly writer: { writes: number | undefined };
}

const select = "SELECT value FROM thing WHERE name = ?";

async function place(bounds?: ConstructorParameters<typeof RepeatedReads>[2]): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), "repeated-"));
  const path = join(folder, "some.db");
  const db: DatabaseSync = openWriter(path);
  db.exec("CREATE TABLE thing (name TEXT PRIMARY KEY, value TEXT)");
  const reader = openReader(path);
  const writer = { writes: 0 as number | undefined };
  const reads = new RepeatedReads(new Statements(reader), writer, bounds);
  const insert = db.prepare("INSERT INTO thing VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value");
  return {
    thing: reads.of(select, (row: Row): Thing => ({ value: text(row, "value") })),
    put: (name, value) => void insert.run(name, value),
    writer,
    [Symbol.asyncDispose]: async () => {
      reader.close();
      db.close();
      await rm(folder, { recursive: true });
    },
  };
}

describe("reads that are repeated", () => {
  it("give what they gave as long as nothing is written", async () => {
    await using at = await place();
    at.put("a", "one");
    const first = at.thing("a");
    assert.deepEqual(first, { value: "one" });
    assert.equal(at.thing("a"), first);
    await nextTurn();
    assert.equal(at.thing("a"), first);
  });

  it("give what is committed while the writer is at work, from the next turn on", async () => {
    await using at = await place();
    at.put("a", "one");
    at.thing("a");
    at.writer.writes = undefined;
    for (const value of ["two", "three"]) {
      at.put("a", value);
      await nextTurn();
      assert.deepEqual(at.thing("a"), { value });
    }
    const last = at.thing("a");
    await nextTurn();
    assert.equal(at.thing("a"), last, "it wrote nothing more");
  });

  it("give what was committed once the writer is through", async () => {
    await using at = await place();
    at.put("a", "one");
    at.thing("a");
    await nextTurn();
    at.put("a", "two");
    at.writer.writes = 1;
    assert.deepEqual(at.thing("a"), { value: "two" });
  });

  it("find what was not there before", async () => {
    await using at = await place();
    assert.equal(at.thing("a"), undefined);
    // Not even a commit is needed: what is not there is not remembered.
    at.put("a", "one");
    assert.deepEqual(at.thing("a"), { value: "one" });
  });

  it("forget what was read first when there are too many rows, or characters", async () => {
    for (const bounds of [
      { rows: 2, characters: 1_000, charactersOfRow: 100 },
      { rows: 100, characters: 25, charactersOfRow: 100 },
    ]) {
      await using at = await place(bounds);
      for (const name of ["a", "b", "c"]) at.put(name, "ten digits");
      const [a, b, c] = [at.thing("a"), at.thing("b"), at.thing("c")];
      assert.equal(at.thing("c"), c);
      assert.equal(at.thing("b"), b);
      assert.notEqual(at.thing("a"), a);
    }
  });

  it("do not keep a long row", async () => {
    await using at = await place({ rows: 10, characters: 1_000, charactersOfRow: 20 });
    at.put("long", "x".repeat(21));
    assert.notEqual(at.thing("long"), at.thing("long"));
  });
});
