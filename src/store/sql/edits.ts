import type { Edit, EditChange, EditCondition, Edits } from "../edits.ts";
import { type Check, integer, optional, type Reads, type Row, type Step, text } from "./step.ts";

const note = `INSERT INTO last_edit (thing, version, edited_by, edited_ms) VALUES (?, ?, ?, ?)
  ON CONFLICT (thing) DO UPDATE SET
    version = excluded.version, edited_by = excluded.edited_by, edited_ms = excluded.edited_ms`;
const end = "DELETE FROM last_edit WHERE thing = ?";

export function editChange(change: EditChange): Step[] {
  switch (change.do) {
    case "edit.note": {
      const { version, by, atMs } = change.edit;
      return [{ sql: note, params: [change.thing, version, by ?? null, atMs] }];
    }
    case "edit.end":
      return [{ sql: end, params: [change.thing] }];
    default:
      return change satisfies never;
  }
}

const isLast = "SELECT 1 FROM last_edit WHERE thing = ? AND version = ?";
const any = "SELECT 1 FROM last_edit WHERE thing = ?";

export function editCheck({ thing, version }: EditCondition): Check {
  return version === null
    ? { sql: any, params: [thing], expect: "none" }
    : { sql: isLast, params: [thing, version], expect: "row" };
}

const last = "SELECT version, edited_by, edited_ms FROM last_edit WHERE thing = ?";

/** The reads of `Edits`. */
export function edits(reads: Reads): Edits {
  return { last: async (thing) => await reads.one(readEdit, last, thing) };
}

function readEdit(row: Row): Edit {
  return {
    version: text(row, "version"),
    ...optional("by", row["edited_by"] as string | null),
    atMs: integer(row, "edited_ms"),
  };
}
