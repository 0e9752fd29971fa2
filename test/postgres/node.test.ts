import { after } from "node:test";
import { silentLog } from "../../src/log.ts";
import { openPostgresStore } from "../../src/store/postgres/store.ts";
import { noonMs } from "../conformance/store/given.ts";
import { storeConformance } from "../conformance/store/store.ts";
import type { StoreUnderTest } from "../conformance/store/under-test.ts";
import { fakeClock } from "../support/clock.ts";
import { postgresServer } from "../support/postgres.ts";

const server = await postgresServer();
after(() => server[Symbol.asyncDispose]());

/** Has the schema, and nothing in it. */
const template = "template_of_stores";
await server.run(`CREATE DATABASE ${template}`);
await (await openPostgresStore({ url: server.url(template), clock: fakeClock(noonMs), log: silentLog }))[
  Symbol.asyncDispose
]();

async function open(): Promise<StoreUnderTest> {
  const url = await server.database(template);
  const clock = fakeClock(noonMs);
  const options = { url, clock, log: silentLog, nodes: "several" } as const;
  let opened = await openPostgresStore(options);
  return {
    get store() {
      return opened.store;
    },
    get feed() {
      return opened.feed;
    },
    clock,
    givesSpaceBack: false,
    reopen: async () => {
      await opened[Symbol.asyncDispose]();
      opened = await openPostgresStore(options);
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

storeConformance("A node on PostgreSQL", open);
