/** The examples of docs/inbox.md for Prisma and TypeORM, with both of them. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Event } from "../../src/index.ts";
import { exampleOf } from "../support/inbox-examples.ts";
import { openShop, type Shop } from "../support/inboxes.ts";
import { postgresServer } from "../support/postgres.ts";
import { shared } from "../support/shared.ts";

const folder = fileURLToPath(new URL("orms/", import.meta.url));

function installed(): NodeJS.Require {
  if (existsSync(join(folder, "node_modules"))) return createRequire(folder);
  throw new Error("Prisma and TypeORM are not there: npm ci --ignore-scripts --prefix test/clients/orms");
}

/** Its client is generated. The engine that it would load for that is one for migrations, which nothing here needs. */
async function prismaClient(url: string): Promise<{ $disconnect(): Promise<void> }> {
  const load = installed();
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: "1" };
  const [bin, args] = [join(folder, "node_modules/prisma/build/index.js"), ["generate"]];
  await promisify(execFile)(process.execPath, [bin, ...args], { cwd: folder, env });
  const { PrismaClient } = (await import(join(folder, "generated/client.ts"))) as {
    readonly PrismaClient: new (options: object) => { $disconnect(): Promise<void> };
  };
  const { PrismaPg } = load("@prisma/adapter-pg") as { readonly PrismaPg: new (options: object) => object };
  return new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) });
}

async function only(shop: Shop, id: number): Promise<void> {
  await shop.drained();
  const logged = await shop.logged();
  assert.deepEqual(await Promise.all(logged.map((event) => shop.params(event))), [{ id }]);
  assert.deepEqual(await shop.sql("SELECT id FROM public.orders"), [{ id }]);
  assert.deepEqual(await shop.sql("SELECT reason FROM signalbox.inbox"), []);
}

describe("publishIn with", () => {
  const postgres = shared(() => postgresServer());
  const table = "CREATE TABLE public.orders (id integer PRIMARY KEY, customer text NOT NULL)";

  it("Prisma", async () => {
    await using shop = await openShop(postgres());
    await shop.sql(table);
    const prisma = await prismaClient(shop.url);
    try {
      await exampleOf("ts prisma", { prisma, events: shop.events, Event });
    } finally {
      await prisma.$disconnect();
    }
    await only(shop, 9);
  });

  it("TypeORM", async () => {
    await using shop = await openShop(postgres());
    await shop.sql(table);
    const { DataSource } = installed()("typeorm") as {
      readonly DataSource: new (options: object) => { initialize(): Promise<unknown>; destroy(): Promise<void> };
    };
    const dataSource = new DataSource({ type: "postgres", url: shop.url });
    await dataSource.initialize();
    try {
      await exampleOf("ts typeorm", { dataSource, events: shop.events, Event });
    } finally {
      await dataSource.destroy();
    }
    await only(shop, 10);
  });
});
