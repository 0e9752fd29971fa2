import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { it } from "node:test";
import { silentLog } from "../../log.ts";
import { patience } from "./connection.ts";
import { MemberLink } from "./member-link.ts";

it("says once that the database is away, however often it tries to reach it", async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const told: string[] = [];
  let tries = 0;
  const tried = Promise.withResolvers<void>();
  const link = new MemberLink({
    url: `postgres://signalbox@127.0.0.1:${port}/signalbox`,
    name: "signalbox",
    log: { ...silentLog, warn: (_, message) => void told.push(message) },
    patience,
    everyMs: 1,
    opened: async () => {},
    round: async () => {},
    lost: () => {
      tries += 1;
      if (tries === 3) tried.resolve();
    },
  });
  try {
    link.start();
    await tried.promise;
  } finally {
    await link.close();
    server.close();
  }
  assert.deepEqual(told, ["the other nodes could not be looked at; trying again"]);
});
