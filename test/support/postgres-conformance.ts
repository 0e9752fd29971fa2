/** The store in PostgreSQL under the tests that every store passes. */
import { after } from "node:test";
import { silentLog } from "../../src/log.ts";
import { openPostgresStore } from "../../src/store/postgres/store.ts";
import { noonMs } from "../conformance/store/given.ts";
import { storeConformance } from "../conformance/store/store.ts";
import type { StoreUnderTest } from "../conformance/store/under-test.ts";
import { fakeClock } from "./clock.ts";
import { postgresServer } from "./postgres.ts";

/** Has the schema, and nothing in it. */
const template = "template_of_stores";

/** Each test has a database of its own. @param nodes as the option of the store */
export async function postgresConformance(name: string, nodes: "one" | "several"): Promise<void> {
  const server = await postgresServer();
  after(() => server[Symbol.asyncDispose]());
  await server.run(`CREATE DATABASE ${template}`);
  await (await openPostgresStore({ url: server.url(template), clock: fakeClock(noonMs), log: silentLog }))[
    Symbol.asyncDispose
  ]();

  async function open(): Promise<StoreUnderTest> {
    const url = await server.database(template);
    const clock = fakeClock(noonMs);
    const options = { url, clock, log: silentLog, nodes };
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

  storeConformance(name, open);
}
