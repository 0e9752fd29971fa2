import type { BucketConfigurations, ConfigurationName, CorsRule } from "../../domain/bucket-configurations.ts";
import type { Uuid } from "../../domain/ids.ts";
import type { ConfigurationChange, Configurations } from "../configurations.ts";
import { type Reads, type Step, text } from "./step.ts";

const put = `INSERT INTO bucket_configuration (bucket, name, value) VALUES (?, ?, ?)
  ON CONFLICT (bucket, name) DO UPDATE SET value = excluded.value`;
const remove = "DELETE FROM bucket_configuration WHERE bucket = ? AND name = ?";
const removeAll = "DELETE FROM bucket_configuration WHERE bucket = ?";

export function configurationChange(change: ConfigurationChange): Step[] {
  switch (change.do) {
    case "configuration.put": {
      const { name, value } = change.configuration;
      return [{ sql: put, params: [change.bucket, name, JSON.stringify(value)] }];
    }
    case "configuration.remove":
      return [{ sql: remove, params: [change.bucket, change.name] }];
    default:
      return change satisfies never;
  }
}

export function configurationsGone(bucket: Uuid): Step {
  return { sql: removeAll, params: [bucket] };
}

const valueOf = "SELECT value FROM bucket_configuration WHERE bucket = ? AND name = ?";
const corsByName = `SELECT b.uuid, c.value FROM bucket b INDEXED BY bucket_by_bare_name
  JOIN bucket_configuration c ON c.bucket = b.uuid AND c.name = 'cors'
  WHERE b.name = ?1 AND b.deleted_ms IS NULL AND b.uuid > ?2 ORDER BY b.uuid LIMIT ?3`;

/** The reads of `Configurations`. */
export function configurations(reads: Reads): Configurations {
  return {
    of: async <Name extends ConfigurationName>(bucket: Uuid, name: Name) =>
      await reads.one((row) => JSON.parse(text(row, "value")) as BucketConfigurations[Name], valueOf, bucket, name),
    corsOfName: async (name, { after = "", max }) =>
      (await reads.all(corsByName, name, after, max)).map((row) => ({
        bucket: text(row, "uuid") as Uuid,
        rules: JSON.parse(text(row, "value")) as CorsRule[],
      })),
  };
}
