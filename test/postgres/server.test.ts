/** The real server with its store in PostgreSQL: what it accepts is there after a kill, and a key or a folder of another is refused. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { hooked } from "../support/functions-api.ts";
import { bodyOf, httpListener } from "../support/listeners.ts";
import { postgresServer } from "../support/postgres.ts";
import { type OnPostgres, onPostgres, secretKey } from "../support/postgres-server.ts";
import { refusedServer, type ServerProcess } from "../support/server-process.ts";
import { shared } from "../support/shared.ts";
import { until } from "../support/until.ts";

const Bucket = "photos";

async function receiver() {
  const heard: { readonly path: string; readonly authorization: string | undefined; readonly body: string }[] = [];
  const listener = await httpListener((request, response) => {
    void bodyOf(request).then((body) => {
      heard.push({ path: request.url ?? "", authorization: request.headers.authorization, body });
      response.end();
    });
  });
  const url = `http://127.0.0.1:${listener.port}`;
  return { heard, url, [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose]() };
}

async function refusal(on: OnPostgres, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { ending, log } = await refusedServer({ folder: on.folder, env: { ...on.env, ...env } });
  assert.equal(ending, 1, log);
  return log;
}

async function putObject({ s3 }: ServerProcess, Key: string, Body: string): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
}

async function objectOf({ s3 }: ServerProcess, Key: string): Promise<string | undefined> {
  return (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
}

describe("a server whose store is in PostgreSQL", () => {
  const postgres = shared(() => postgresServer());

  it("serves all three faces, and after a kill goes on with all that it had accepted", async () => {
    await using to = await receiver();
    await using on = await onPostgres(await postgres().database());
    const server = await on.start();
    await server.s3.send(new CreateBucketCommand({ Bucket }));
    await server.api("POST", `/api/cloud/buckets/${Bucket}/notifications/`, {
      url: `${to.url}/rule`,
      filter: "WHERE `key` LIKE 'a%'",
      auth: { type: "bearer", token: "the-token-of-the-receiver" },
    });
    await hooked(
      server,
      "PRE_USER_CREATE",
      `export default ({ params }) => params.username !== "mallory" || { decision: "deny", message: "not her" };`,
    );
    await hooked(
      server,
      "POST_USER_CREATE",
      `export default async ({ params }) => void (await fetch("${to.url}/function", { method: "POST", body: params.username }));`,
      { name: "Told after", settings: { egress: [new URL(to.url).host] } },
    );
    const subscription = { associatedUuid: "*", event: "CREATED", persistent: true, url: `${to.url}/subscription` };
    const subscribed = await fetch(`${server.url}/notifications/v2/`, {
      method: "POST",
      headers: { authorization: "Bearer operator-token-of-the-tests", "content-type": "application/json" },
      body: JSON.stringify(subscription),
    });
    assert.equal(subscribed.status, 201, await subscribed.text());

    const told = async (at: ServerProcess, name: string): Promise<void> => {
      await putObject(at, `a-${name}`, `bytes of ${name}`);
      await putObject(at, `b-${name}`, "unheard");
      await at.api("POST", "/api/cloud/users/", { username: name, email: `${name}@example.com` });
      await assert.rejects(
        at.api("POST", "/api/cloud/users/", { username: "mallory", email: "m@example.com" }),
        /not her/,
      );
      // After a kill what was not yet recorded is sent again.
      const paths = (): string[] => {
        const heard = to.heard.filter(({ body }) => body.includes(name));
        return [...new Set(heard.map(({ path }) => path))].toSorted();
      };
      await until("all three have heard", () => paths().length >= 3);
      assert.deepEqual(paths(), ["/function", "/rule", "/subscription"]);
      const rule = to.heard.find(({ path, body }) => path === "/rule" && body.includes(name));
      assert.equal(rule?.authorization, "Bearer the-token-of-the-receiver");
      assert.deepEqual(
        to.heard.filter(({ body }) => body.includes(`"b-${name}"`)),
        [],
      );
    };
    await told(server, "ada");
    await server.kill();

    await using again = await on.start();
    assert.equal(await objectOf(again, "a-ada"), "bytes of ada");
    await told(again, "ben");
    const { users } = await again.api<{ users: { username: string }[] }>("GET", "/api/cloud/users/");
    assert.deepEqual(users.map(({ username }) => username).toSorted(), ["ada", "ben"]);
    assert.equal(await again.stop(), 0);
    assert.deepEqual(
      readdirSync(on.folder).filter((name) => name.startsWith("signalbox.db") || name.startsWith("secret.")),
      [],
      "neither a database nor a key is in the folder",
    );
  });

  it("is one at a time on a database and on a folder", async () => {
    const url = await postgres().database();
    await using on = await onPostgres(url);
    await using _running = await on.start();
    await using other = await onPostgres(url);
    assert.match(await refusal(other), /the database is in use by another Signalbox process: stop that one/);
    assert.match(
      await refusal(on, { SIGNALBOX_STORE: await postgres().database() }),
      /the data folder .* is in use by another Signalbox process/,
    );
  });

  it("refuses another key, and changes the key when both are given", async () => {
    await using to = await receiver();
    await using on = await onPostgres(await postgres().database());
    const next = randomBytes(32).toString("base64");
    {
      await using server = await on.start();
      await server.s3.send(new CreateBucketCommand({ Bucket }));
      await server.api("POST", `/api/cloud/buckets/${Bucket}/notifications/`, {
        url: to.url,
        auth: { type: "bearer", token: "the-token-of-the-receiver" },
      });
      assert.equal(await server.stop(), 0);
    }
    assert.match(
      await refusal(on, { SIGNALBOX_SECRET_KEY: next }),
      /sealed with another key: set SIGNALBOX_SECRET_KEY/,
    );
    {
      const both = { SIGNALBOX_SECRET_KEY: next, SIGNALBOX_SECRET_KEY_PREVIOUS: secretKey };
      await using server = await on.start(both);
      assert.match(server.log, /"secrets":2,"msg":"the key is changed/);
    }
    assert.match(await refusal(on), /sealed with another key/);
    await using server = await on.start({ SIGNALBOX_SECRET_KEY: next });
    await putObject(server, "a", "bytes");
    await until("the receiver hears", () => to.heard.length > 0);
    assert.equal(to.heard[0]?.authorization, "Bearer the-token-of-the-receiver");
  });

  it("takes no folder that belongs to another database, nor a database that belongs to another folder", async () => {
    await using on = await onPostgres(await postgres().database());
    {
      await using server = await on.start();
      await server.s3.send(new CreateBucketCommand({ Bucket }));
      await putObject(server, "a", "bytes");
    }
    const fresh = await postgres().database();
    assert.match(
      await refusal(on, { SIGNALBOX_STORE: fresh }),
      /is new, although .*folder\.id shows that this folder was in use/,
    );
    assert.match(await refusal(on, { SIGNALBOX_STORE: "" }), /signalbox\.db is missing, although/);
    await using elsewhere = await onPostgres(on.url);
    assert.match(await refusal(elsewhere), /although the database refers to bytes in it: put back the blobs folder/);
    await using own = await onPostgres(await postgres().database());
    {
      await using _server = await own.start({ SIGNALBOX_STORE: "" });
    }
    assert.match(await refusal(own), /signalbox\.db is a database of this folder's own/);
    assert.equal(readFileSync(join(own.folder, "signalbox.db")).subarray(0, 15).toString(), "SQLite format 3");
  });
});

describe("a server whose PostgreSQL goes away", () => {
  it("refuses with 503 meanwhile, and goes on by itself when it is back", async () => {
    await using postgres = await postgresServer();
    await using on = await onPostgres(await postgres.database());
    await using server = await on.start();
    await server.s3.send(new CreateBucketCommand({ Bucket }));
    await putObject(server, "before", "bytes");
    await postgres.kill();
    await assert.rejects(
      putObject(server, "meanwhile", "bytes"),
      (error: { $metadata: { httpStatusCode: number } }) => error.$metadata.httpStatusCode === 503,
    );
    await until("it says so", async () => {
      const ready = await fetch(`${server.url}/readyz`);
      return ready.status === 503 && /the database did not answer/.test(await ready.text());
    });
    const alive = await fetch(`${server.url}/healthz`);
    assert.equal(alive.status, 200);
    assert.match(await alive.text(), /the database did not answer.*"status":"unready"/);
    await postgres.start();
    await until("it is well", async () => (await fetch(`${server.url}/readyz`)).ok);
    await putObject(server, "after", "bytes");
    assert.equal(await objectOf(server, "before"), "bytes");
    await postgres.kill();
    assert.equal(await server.stop(), 0);
  });
});

describe("a start that PostgreSQL does not let be", () => {
  it("says what, where and the remedy, and never the password", async () => {
    await using postgres = await postgresServer({ guarded: ["guarded"] });
    await postgres.run("CREATE ROLE guarded LOGIN PASSWORD 'the-right-password'");
    await postgres.run("CREATE ROLE lowly LOGIN");
    await using on = await onPostgres(await postgres.database());
    const { pathname } = new URL(on.url);
    const at = (user: string, path = pathname): string => `postgres://${user}@127.0.0.1:${postgres.port}${path}`;
    const password = "a-password-that-is-wrong";
    const refused = async (url: string, says: RegExp): Promise<void> => {
      const said = await refusal(on, { SIGNALBOX_STORE: url });
      assert.match(said, says);
      assert.equal(said.trim().split("\n").length, 1, said);
      assert.ok(!said.includes(password), said);
    };
    await refused(at(`guarded:${password}`), /does not let guarded in: set user and password right/);
    await refused(
      at(`signalbox:${password}`, "/nothing"),
      /there is no database nothing at 127.0.0.1:\d+: CREATE DATABASE/,
    );
    await refused(at(`lowly:${password}`), /lowly may not make tables in the database test_1 .*: ALTER DATABASE/);
    await refused(`mysql://root:${password}@127.0.0.1/db`, /SIGNALBOX_STORE: the value given is not postgres:/);
    await refused(`postgres://signalbox:${password}@127.0.0.1:${postgres.port}`, /the value given is not postgres:/);
    const bytes = await refusal(on, { SIGNALBOX_RETENTION_BYTES: "1GiB" });
    assert.match(
      bytes,
      /SIGNALBOX_RETENTION_BYTES: cannot be set with SIGNALBOX_STORE: .*set SIGNALBOX_RETENTION_DAYS/,
    );
    const noKey = await refusal(on, { SIGNALBOX_SECRET_KEY: "" });
    assert.match(noKey, /SIGNALBOX_SECRET_KEY: is missing: with SIGNALBOX_STORE .*openssl rand -base64 32/);

    await using server = await on.start({
      SIGNALBOX_STORE: at("guarded:the-right-password").replace("guarded:", "signalbox:"),
    });
    assert.ok(!server.log.includes("the-right-password"), server.log);
    assert.equal(await server.stop(), 0);
    await postgres.kill();
    await refused(
      at(`signalbox:${password}`),
      /does not answer \(connect ECONNREFUSED .*\): see that PostgreSQL runs there/,
    );
  });
});
