import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { type Examples, examples } from "../support/examples.ts";
import { claimsAt, keyPair, keyServer, signed } from "../support/issuer.ts";
import { type Block, blocksOf, read, rowsOf, sectionOf } from "../support/markdown.ts";
import { codeOf, send } from "../support/sign.ts";
import { until } from "../support/until.ts";

const page = "docs/object-notifications.md";
const rules = "/api/cloud/buckets/my-bucket/notifications/";

interface Rule {
  readonly paused: { readonly reason: string } | null;
}

function write({ server }: Examples): Promise<unknown> {
  const object = { Bucket: "my-bucket", Key: "images/hello.txt", Body: "hello\n" };
  return server.s3.send(new PutObjectCommand(object));
}

/** What the page says has happened before, and a page cannot do. */
async function setTheScene(scene: Examples, { text }: Block): Promise<void> {
  if (text.includes("/resume/")) {
    scene.answer = 410;
    await write(scene);
    await until("the rule to be paused", async () => {
      const { rules: all } = await scene.server.api<{ rules: readonly Rule[] }>("GET", rules);
      return all.some(({ paused }) => paused?.reason === "gone");
    });
    scene.answer = 200;
  }
  // Something that was delivered at the first try.
  if (text.includes("status=delivered")) await write(scene);
}

describe("the examples in the docs", () => {
  it(`${page}: every block, every answer, the payload, and the tables of S3 requests`, async () => {
    await using scene = await examples();
    const ran = await scene.run(page, { before: (block) => setTheScene(scene, block) });
    assert.ok(ran >= 15, `${ran} blocks were run`);

    const { s3Url, credentials, s3 } = scene.server;
    const rows = rowsOf(sectionOf(read(page), "## S3"))
      .map(([request = "", answer = ""]) => [request.replaceAll("`", ""), answer.replaceAll("`", "")] as const)
      .filter(([request]) => /^[A-Z]+ \//.test(request));
    assert.ok(rows.length >= 25, `${rows.length} requests in the tables`);
    for (const [request, wanted] of rows) {
      const [method = "", target = ""] = request.split(" ");
      const [path = "", query] = target.split("?");
      const [name = "", value = ""] = (query ?? "").split("=");
      const asked = { method, path, ...(query === undefined ? {} : { query: { [name]: value } }) };
      const answer = await send(Number(new URL(s3Url).port), credentials, asked);
      const root = /<(?!\?)(\w+)/.exec(answer.body)?.[1];
      const found = [answer.status, codeOf(answer) ?? root].filter((part) => part !== undefined).join(" ");
      assert.equal(found, wanted, request);
    }
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: "my-bucket", Key: "images/hello.txt" }));
    assert.equal(await Body?.transformToString(), "hello\n", "none of them changed anything");
  });

  it("README.md: from a bucket to the webhook, by curl alone", async () => {
    await using scene = await examples();
    assert.equal(await scene.run("README.md"), 10);
    const [heard, ...more] = scene.receiver.received;
    assert.deepEqual([heard?.events[0]?.object.key, more.length], ["images/cat.jpg", 0]);
  });

  it("docs/lifecycle-events.md: from an app to what its hooks refuse and change", async () => {
    await using scene = await examples();
    const ran = await scene.run("docs/lifecycle-events.md");
    assert.ok(ran >= 9, `${ran} blocks were run`);
  });

  it("docs/resource-notifications.md: from a file to what its watchers were sent", async () => {
    await using scene = await examples();
    const ran = await scene.run("docs/resource-notifications.md");
    assert.ok(ran >= 9, `${ran} blocks were run`);
  });

  it("docs/destinations.md: a destination as a topic", async () => {
    await using scene = await examples();
    assert.equal(await scene.run("docs/destinations.md"), 2);
  });

  it("docs/formats.md: what receivers get in each format", async () => {
    await using scene = await examples();
    assert.equal(await scene.run("docs/formats.md"), 4);
  });

  it("docs/login.md: its issuers, who a bearer is, where browsers log in, and whom an admin links", async () => {
    const key = await keyPair("k1");
    await using keys = await keyServer(key);
    const [block] = blocksOf(read("docs/login.md")).filter(({ info }) => info === "json issuers");
    const [entry] = JSON.parse(block?.text ?? "") as readonly object[];
    const [ofBrowsers] = blocksOf(read("docs/login.md")).filter(({ info }) => info === "json login");
    const { client_secret_file: _, ...login } = JSON.parse(ofBrowsers?.text ?? "") as Record<string, unknown>;
    const issuers = [{ ...entry, jwks_url: keys.url, allow_private_address: true, login }];
    const claims = { sub: "17", preferred_username: "ada", realm_access: { roles: ["engineers"] } };
    const jwt = await signed(key, claimsAt(Date.now(), claims));
    await using scene = await examples({ SIGNALBOX_JWT_ISSUERS: JSON.stringify(issuers) }, { JWT: jwt });
    await scene.server.api("POST", "/api/cloud/tenants/", { id: "acme" });
    const made = await fetch(`${scene.server.url}/api/cloud/tokens/`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${scene.server.token}`,
        "x-signalbox-tenant": "acme",
        "content-type": "application/json",
      },
      body: JSON.stringify({ principal: "ben", role: "member" }),
    });
    assert.equal(made.status, 201);
    assert.equal(await scene.run("docs/login.md"), 4);
  });

  it("docs/operations.md: health, metrics, alerts, tenants, tokens and quotas", async () => {
    await using scene = await examples();
    assert.equal(await scene.run("docs/operations.md"), 9);
  });
});
