import type { BlobChange, BlobCondition, BlobName, BlobNames } from "../blob-names.ts";
import { type Check, integer, type Reads, type Row, type Step, text } from "./step.ts";

const add = "INSERT INTO blob_name (name, state, node, since_ms) VALUES (?, 'pending', ?, ?)";
/** An object may consist of 10,000 pieces. */
const named = "name IN (SELECT value FROM json_each(?1))";
const use = `UPDATE blob_name SET state = 'used' WHERE ${named} AND state = 'pending'`;
const drop = `UPDATE blob_name SET state = 'unwanted', since_ms = ?2 WHERE ${named} AND state IN ('pending', 'used')`;
const doom = `UPDATE blob_name SET state = 'doomed', since_ms = ?2
  WHERE ${named} AND state IN ('pending', 'unwanted')
    AND NOT EXISTS (SELECT 1 FROM piece WHERE blob = blob_name.name)
    AND NOT EXISTS (SELECT 1 FROM part WHERE blob = blob_name.name)`;
const forget = `DELETE FROM blob_name WHERE ${named} AND state = 'doomed'`;

const notLive = `SELECT 1 FROM json_each(?1) AS wanted LEFT JOIN blob_name b ON b.name = wanted.value
  WHERE b.state IS NULL OR b.state NOT IN ('pending', 'used')`;

export function blobNameChange(change: BlobChange): Step[] {
  switch (change.do) {
    case "blob.add":
      return [{ sql: add, params: [change.name, change.node, change.atMs] }];
    case "blob.used":
      return [{ sql: use, params: [JSON.stringify(change.names)] }];
    case "blob.unwanted":
      return [{ sql: drop, params: [JSON.stringify(change.names), change.atMs] }];
    case "blob.doomed":
      return [{ sql: doom, params: [JSON.stringify(change.names), change.atMs] }];
    case "blob.forget":
      return [{ sql: forget, params: [JSON.stringify(change.names)] }];
    default:
      return change satisfies never;
  }
}

export function blobNameCheck({ names }: BlobCondition): Check {
  return { sql: notLive, params: [JSON.stringify(names)], expect: "none" };
}

const since = `SELECT name, node, since_ms FROM blob_name INDEXED BY blob_name_unused
  WHERE state = ?1 AND state <> 'used' AND since_ms < ?2 AND (since_ms, name) > (?3, ?4) ORDER BY since_ms, name LIMIT ?5`;
const used = "SELECT name FROM blob_name WHERE name > ? AND state = 'used' ORDER BY name LIMIT ?";
// 'g' is behind every digit.
const standing = `SELECT wanted.value AS body, min(CASE b.state WHEN 'doomed' THEN 1 ELSE 0 END) AS doomed
  FROM json_each(?1) AS wanted JOIN blob_name b ON b.name > wanted.value AND b.name < wanted.value || 'g'
  GROUP BY wanted.value`;
const anyUsed = "SELECT 1 FROM blob_name WHERE state = 'used' LIMIT 1";
const anyBytes = "SELECT 1 WHERE EXISTS (SELECT 1 FROM piece) OR EXISTS (SELECT 1 FROM part)";

/** The reads of `BlobNames`. */
export function blobNames(reads: Reads): BlobNames {
  return {
    since: async ({ state, beforeMs }, { after = { sinceMs: -1, name: "" }, max }) =>
      (await reads.all(since, state, beforeMs, after.sinceMs, after.name, max)).map(read),
    used: async ({ after = "", max }) => (await reads.all(used, after, max)).map((row) => text(row, "name")),
    doomed: async (bodies) => {
      const rows = await reads.all(standing, JSON.stringify(bodies));
      return new Map(rows.map((row) => [text(row, "body"), integer(row, "doomed") === 1] as const));
    },
    place: async () => {
      if ((await reads.get(anyUsed)) !== undefined) return "named";
      return (await reads.get(anyBytes)) === undefined ? "none" : "folder";
    },
  };
}

function read(row: Row): BlobName {
  return { name: text(row, "name"), node: text(row, "node"), sinceMs: integer(row, "since_ms") };
}
