/** Servers as processes of their own whose store is in PostgreSQL. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ServerProcess, serverProcess } from "./server-process.ts";

/** `SIGNALBOX_SECRET_KEY` of them: any 32 bytes. */
export const secretKey = Buffer.alloc(32, 7).toString("base64");

export interface OnPostgres extends AsyncDisposable {
  /** Of the bytes. */
  readonly folder: string;
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
  /** Begins one; the caller ends it before the next. */
  start(env?: Readonly<Record<string, string>>): Promise<ServerProcess>;
}

/** A folder for servers on the database at `url`. */
export async function onPostgres(url: string): Promise<OnPostgres> {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-postgres-"));
  const env = {
    SIGNALBOX_STORE: url,
    SIGNALBOX_STORE_ASYNC: "accept-loss",
    SIGNALBOX_SECRET_KEY: secretKey,
  };
  return {
    folder,
    url,
    env,
    start: (more = {}) => serverProcess({ folder, env: { ...env, ...more } }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
