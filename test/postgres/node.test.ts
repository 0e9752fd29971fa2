import { postgresConformance } from "../support/postgres-conformance.ts";

/** One of several that may work on the database. */
await postgresConformance("A node on PostgreSQL", "several");
