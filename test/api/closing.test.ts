/** What becomes of connections when their server closes. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { asOperator, get, openPort } from "../support/open-port.ts";
import { until } from "../support/until.ts";

describe("a server that closes", () => {
  it("keeps no connection on which nothing is asked, whether anything ever was or not", async () => {
    await using at = await openPort();
    const [silent, answered] = [at.open(), at.open()];
    answered.socket.write(get("/healthz"));
    await until("both are open, and one is answered", () => at.ends.length === 2 && answered.statuses.length === 1);
    await at.api.app.close();
    await Promise.all([silent.closed, answered.closed]);
  });

  it("answers what is under way, says that it is the last, and closes", async () => {
    await using at = await openPort();
    const { api } = at;
    const held = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const identities = api.deps.store.identities as { tenants: (...page: never[]) => Promise<unknown> };
    const tenants = identities.tenants.bind(api.deps.store.identities);
    identities.tenants = async (...page) => {
      begun.resolve();
      await held.promise;
      return tenants(...page);
    };
    const client = at.open();
    client.socket.write(get("/api/cloud/tenants/", asOperator(api)));
    await begun.promise;
    const closed = api.app.close();
    const other = at.open();
    await other.closed;
    held.resolve();
    await Promise.all([closed, client.closed]);
    assert.match(client.text, /^HTTP\/1\.1 200 [^]*connection: close\r\n/i);
  });

  it("lets an answer be read whole that was begun before", async () => {
    await using at = await openPort({ anonymousPerSecond: 0 });
    const client = at.open();
    client.socket.pause();
    client.socket.write(get("/openapi.json").repeat(40));
    await until("an answer waits to be read", () => (at.ends[0]?.writableLength ?? 0) > 0);
    const closed = at.api.app.close();
    client.socket.resume();
    await Promise.all([closed, client.closed]);
    const last = client.text.slice(client.text.lastIndexOf("HTTP/1.1 200 "));
    const length = Number(/content-length: (\d+)/i.exec(last)?.[1]);
    assert.equal(Buffer.byteLength(last.slice(last.indexOf("\r\n\r\n") + 4), "latin1"), length);
  });
});
