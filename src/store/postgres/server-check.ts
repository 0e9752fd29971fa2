import type { Client } from "pg";
import type { Clock } from "../../clock.ts";
import { SignalboxError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { schemaName } from "./connection.ts";

const leastVersion = 150_000;
/** When the clocks of this machine and of the server differ by more, what waits is sent early or late by as much. */
const warnSkewMs = 1_000;
const mostSkewMs = 5_000;

interface CheckOptions {
  /** The operator says that what a lost disk, or a failover, loses is theirs to bear. */
  readonly acceptLoss: boolean;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
}

interface Facts {
  readonly version: number;
  readonly fsync: string;
  readonly full_page_writes: string;
  readonly encoding: string;
  readonly search_path: string;
  readonly standbys: string;
  readonly now_ms: number;
}

const facts = `SELECT current_setting('server_version_num')::bigint AS version, current_setting('fsync') AS fsync,
  current_setting('full_page_writes') AS full_page_writes, current_setting('server_encoding') AS encoding,
  current_setting('search_path') AS search_path, current_setting('synchronous_standby_names') AS standbys,
  (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms`;

/**
 * What must be so before anything is written: otherwise "durable" means less than Signalbox promises.
 *
 * @throws SignalboxError `conflict` that names the setting of PostgreSQL, or of Signalbox, and the remedy.
 */
export async function checkServer(client: Client, { acceptLoss, clock, log }: CheckOptions): Promise<void> {
  const before = clock.now();
  const { rows } = await client.query(facts);
  const found = rows[0] as Facts;
  const skewMs = found.now_ms - (before + clock.now()) / 2;
  const refuse = (what: string, remedy: string): SignalboxError =>
    new SignalboxError("conflict", `SIGNALBOX_STORE: ${what}: ${remedy}`);
  if (found.search_path !== schemaName) {
    throw refuse(
      "what a connection was opened with is not in force on the server, as behind a pooler in transaction mode",
      "connect to PostgreSQL directly, or by a pooler in session mode that passes start parameters on",
    );
  }
  if (found.version < leastVersion) {
    throw refuse(`the server is PostgreSQL ${Math.floor(found.version / 10_000)}`, "use version 15 or newer");
  }
  for (const name of ["fsync", "full_page_writes"] as const) {
    if (found[name] === "on") continue;
    throw refuse(
      `${name} is ${found[name]}, and a power cut loses or damages what was acknowledged`,
      `set ${name} = on`,
    );
  }
  if (found.encoding !== "UTF8") {
    throw refuse(
      `the encoding of the database is ${found.encoding}`,
      "make it with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0",
    );
  }
  if (found.standbys === "" && !acceptLoss) {
    throw refuse(
      "the server has no synchronous standby, and so the loss of its disk, or a failover, loses what was acknowledged last",
      "set synchronous_standby_names, or say that this is yours to bear by SIGNALBOX_STORE_ASYNC=accept-loss",
    );
  }
  if (Math.abs(skewMs) > mostSkewMs) {
    throw refuse(
      `the clocks of this machine and of the server are ${Math.round(Math.abs(skewMs) / 1_000)} s apart`,
      "set both by NTP: retries, sessions and the order of events go by them",
    );
  }
  if (Math.abs(skewMs) > warnSkewMs) {
    log.warn({ skewMs: Math.round(skewMs) }, "the clocks of this machine and of PostgreSQL are apart: set both by NTP");
  }
}
