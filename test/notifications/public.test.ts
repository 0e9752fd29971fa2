/** What is shared with everybody of the tenant: `PUT …/pems/*`. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GetObjectCommand, ListBucketsCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { until } from "../support/until.ts";
import { receiver, runFace, type Somebody } from "./v2-server.ts";

async function pems(url: string, who: Somebody, path: string, permission?: string) {
  const method = permission === undefined ? "GET" : "PUT";
  const response = await fetch(`${url}/api/cloud/resources/${path}`, {
    method,
    headers: { authorization: `Bearer ${who.token}`, "content-type": "application/json" },
    ...(permission === undefined ? {} : { body: JSON.stringify({ permission }) }),
  });
  const { data, message } = (await response.json()) as { readonly data?: unknown; readonly message: string };
  return { status: response.status, data, message };
}

describe("a file in a bucket that is shared with everybody", () => {
  it("is read and watched by all of the tenant, and by nobody else, until it is shared no more", async () => {
    await using face = await runFace();
    await using hooked = await receiver();
    const { url, api } = { url: face.server.url, api: face.server };
    await face.tenant("acme");
    const [ada, ben] = await Promise.all(["ada", "ben"].map((name) => face.someone(name)));
    assert.ok(ada !== undefined && ben !== undefined);
    const eve = await face.someone("eve", "admin", "acme");
    const file = await face.file(ada, "pictures");
    const { buckets } = await api.api<{ buckets: { uuid: string }[] }>("GET", "/api/cloud/buckets/");
    const bucket = buckets[0]?.uuid ?? assert.fail();
    const at = { Bucket: "pictures", Key: "picsumipsum.txt" };
    const watch = { associatedUuid: file, event: "*", persistent: true, url: `${hooked.url}/ben` };
    const isSeen = async (who: Somebody) => (await who.ask("POST", "/", watch)).status === 201;

    assert.equal(await isSeen(ben), false);
    assert.equal((await pems(url, ben, `${bucket}/pems/*/`, "read")).status, 404, "it is not his to share");
    const shared = await pems(url, ada, `${bucket}/pems/*/`, "READ");
    assert.deepEqual([shared.status, shared.data], [200, { username: "*", permission: "read" }]);
    const listed = await pems(url, ada, `${bucket}/pems/`);
    assert.deepEqual(listed.data, { permissions: [{ username: "*", permission: "read" }] });
    const own = await pems(url, ben, `${bucket}/pems/ben/`);
    assert.deepEqual(own.data, { username: "ben", permission: "read" }, "a caller who asks about themselves");

    assert.deepEqual([await isSeen(ben), await isSeen(eve)], [true, false]);
    assert.equal((await ben.s3.send(new GetObjectCommand(at))).ETag !== undefined, true);
    assert.deepEqual(
      (await ben.s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name),
      ["pictures"],
    );
    await assert.rejects(ben.s3.send(new PutObjectCommand({ ...at, Body: "x" })), { name: "AccessDenied" });
    await assert.rejects(eve.s3.send(new GetObjectCommand(at)), { name: "NoSuchBucket" });
    await ada.s3.send(new PutObjectCommand({ ...at, Body: "ipsum" }));
    await until("ben hears of it", () => hooked.heard.some(({ body }) => body["event"] === "OVERWRITTEN"));

    await pems(url, ada, `${bucket}/pems/*/`, "write");
    await ben.s3.send(new PutObjectCommand({ ...at, Body: "by ben" }));
    await until("ben hears of that, too", () => hooked.heard.some(({ body }) => body["actor"] === "ben"));
    await pems(url, ada, `${bucket}/pems/*/`, "none");
    assert.equal((await pems(url, ben, `${bucket}/pems/ben/`)).status, 404);
    await assert.rejects(ben.s3.send(new GetObjectCommand(at)), { name: "NoSuchBucket" });
    await ada.subscribe({ ...watch, url: `${hooked.url}/ada` });
    await ada.s3.send(new PutObjectCommand({ ...at, Body: "dolor" }));
    await until("ada hears of it", () => hooked.heard.some(({ path }) => path === "/ada"));
    assert.equal(hooked.heard.filter(({ body, path }) => path === "/ben" && body["actor"] === "ada").length, 1);
  });

  it("is told of as an event, and nobody is called so", async () => {
    await using face = await runFace();
    await using hooked = await receiver();
    const ada = await face.someone("ada");
    const file = await face.file(ada, "pictures");
    await ada.subscribe({
      associatedUuid: file,
      event: "permission_grant",
      url: `${hooked.url}/\${PERMISSION_USERNAME}`,
    });
    await pems(face.server.url, ada, `${file}/pems/*/`, "read");
    await until("it is heard of", () => hooked.heard.length === 1);
    assert.equal(hooked.heard[0]?.path, "/%2A");
    const made = face.server.api("POST", "/api/cloud/tokens/", { principal: "*", role: "member" });
    await assert.rejects(made, /400/);
    await assert.rejects(face.server.api("POST", "/api/cloud/users/", { username: "*" }), /400/);
  });
});
