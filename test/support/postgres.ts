/** A real PostgreSQL of one's own: what npm brought, or that of a folder (Debian's) which `SIGNALBOX_TEST_POSTGRES` names. */
import { ownPostgres, type PostgresOptions, type PostgresServer } from "../../scripts/postgres.ts";

export type { PostgresServer };

export function postgresServer(options: PostgresOptions = {}): Promise<PostgresServer> {
  return ownPostgres({ folder: process.env["SIGNALBOX_TEST_POSTGRES"], ...options });
}
