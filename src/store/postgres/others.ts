import type { Client } from "pg";
import { nameOfNode } from "./connection.ts";

/** How a node was started, as far as that matters to others. */
export interface StartedWith {
  readonly version: string;
  /** The newest schema that its program knows. */
  readonly schema: number;
  /** Digests of the keys that it opens with; the first is of the one that it seals with. */
  readonly keys: readonly string[];
  /** Digests, by the name of the setting. */
  readonly settings: Readonly<Record<string, string>>;
  readonly hasPublicUrl: boolean;
}

/** Another node that works on the database. */
export interface OtherNode extends StartedWith {
  readonly id: string;
  /** Empty: it does not listen yet. */
  readonly address: string;
}

/** What is not known of one, as of one that a test has started, stands in no other's way. */
const unknown: StartedWith = {
  version: "",
  schema: Number.MAX_SAFE_INTEGER,
  keys: [],
  settings: {},
  hasPublicUrl: true,
};

const tableOfNodes = "SELECT to_regclass('node') IS NOT NULL AS made";
/** One without a connection is over, and has only not been forgotten. */
const others = `SELECT id, address, started_with FROM node
  WHERE id <> $1 AND EXISTS
    (SELECT 1 FROM pg_stat_activity a WHERE a.datname = current_database() AND a.application_name = '${nameOfNode("")}' || node.id)
  ORDER BY started_ms, id`;
const announce = `INSERT INTO node (id, version, address, started_ms, beat_at, started_with) VALUES ($1, $2, '', $3, clock_timestamp(), $4)`;

/** Those that work on it now, the oldest first. */
export async function otherNodes(client: Client, self = ""): Promise<readonly OtherNode[]> {
  const { rows: found } = await client.query(tableOfNodes);
  if ((found[0] as { readonly made: number }).made !== 1) return [];
  const { rows } = await client.query(others, [self]);
  return (rows as { readonly id: string; readonly address: string; readonly started_with: string }[]).map(
    ({ id, address, started_with: text }) => ({
      ...unknown,
      ...(JSON.parse(text) as Partial<StartedWith>),
      id,
      address,
    }),
  );
}

/** Says for the first time that a node is there. */
export async function announceNode(
  client: Client,
  node: { readonly id: string; readonly startedMs: number; readonly startedWith: StartedWith | undefined },
): Promise<void> {
  const { id, startedMs, startedWith } = node;
  await client.query(announce, [id, startedWith?.version ?? "", startedMs, JSON.stringify(startedWith ?? {})]);
}

/** For a message: how an operator knows them. */
export function namesOf(nodes: readonly Pick<OtherNode, "id" | "version" | "address">[]): string {
  return nodes
    .map(({ id, version, address }) => `${address === "" ? "node" : address} (${id}, version ${version})`)
    .join(", ");
}
