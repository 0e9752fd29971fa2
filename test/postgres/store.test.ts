import { postgresConformance } from "../support/postgres-conformance.ts";

await postgresConformance("PostgreSQL", "one");
