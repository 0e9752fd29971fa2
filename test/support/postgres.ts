/** A real PostgreSQL of one's own: what npm brought, or that of a folder which `SIGNALBOX_TEST_POSTGRES` names; `debian` is that of Debian. */
import { globSync } from "node:fs";
import { dirname } from "node:path";
import { ownPostgres, type PostgresOptions, type PostgresServer } from "../../scripts/postgres.ts";

export type { PostgresServer };

export async function postgresServer(options: PostgresOptions = {}): Promise<PostgresServer> {
  const named = process.env["SIGNALBOX_TEST_POSTGRES"];
  return ownPostgres({ folder: named === "debian" ? ofDebian() : named, ...options });
}

function ofDebian(): string {
  const [found] = globSync("/usr/lib/postgresql/*/bin/postgres").toSorted();
  if (found === undefined) throw new Error("PostgreSQL is not installed: apt-get install -y postgresql");
  return dirname(found);
}
