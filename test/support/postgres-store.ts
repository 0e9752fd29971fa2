/** The store in PostgreSQL, reached by a way on which things get lost. */
import { silentLog } from "../../src/log.ts";
import { openPostgresStore } from "../../src/store/postgres/store.ts";
import { noonMs } from "../conformance/store/given.ts";
import { fakeClock } from "./clock.ts";
import type { PostgresServer } from "./postgres.ts";
import { type PostgresProxy, postgresProxy } from "./postgres-proxy.ts";

/** So short that no test waits for long, and so long that a busy machine is not taken for a lost one. */
const patience = { connectMs: 2_000, statementMs: 4_000, answerMs: 60_000, lockMs: 30_000 };

type Opened = Awaited<ReturnType<typeof openPostgresStore>>;

export interface DistantStore extends AsyncDisposable {
  readonly store: Opened["store"];
  readonly feed: Opened["feed"];
  readonly proxy: PostgresProxy;
  /** Past the proxy. */
  readonly url: string;
  /** As a restart of the process does. */
  reopen(): Promise<void>;
}

export async function distantStore(server: PostgresServer, over: Partial<typeof patience> = {}): Promise<DistantStore> {
  const proxy = await postgresProxy(server.port);
  const url = await server.database();
  const options = { url: proxy.url(url), clock: fakeClock(noonMs), log: silentLog, patience: { ...patience, ...over } };
  let opened = await openPostgresStore(options);
  return {
    get store() {
      return opened.store;
    },
    get feed() {
      return opened.feed;
    },
    proxy,
    url,
    reopen: async () => {
      await opened[Symbol.asyncDispose]();
      opened = await openPostgresStore(options);
    },
    [Symbol.asyncDispose]: async () => {
      await opened[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    },
  };
}
