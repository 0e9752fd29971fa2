/** Who hears what happens: those who see the resource, as of the moment in which the event is dispatched. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import type { Permission } from "../../src/domain/access.ts";
import type { Uuid } from "../../src/domain/ids.ts";
import { testApi } from "../support/api.ts";
import { makeApp, makeFunction } from "../support/functions.ts";
import { Bucket, type S3Fixture, withBucket } from "../support/s3.ts";
import { heardBy, listen, theEvent } from "./hearing.ts";

const at = { Bucket, Key: "k" };

/** Ann writes into root's bucket; everybody listens to everything. */
async function withListeners(): Promise<S3Fixture> {
  await using made = new AsyncDisposableStack();
  const fixture = made.use(await withBucket());
  const { store } = fixture.deps;
  for (const name of ["ben", "cat"]) await fixture.someone(name, "member");
  await fixture.someone("dev", "developer");
  await fixture.someone("boss", "admin", "other");
  for (const name of ["root", "ann", "ben", "cat", "dev"]) await listen(store, name);
  const bucket = (await store.objects.bucket("default", Bucket))?.uuid ?? assert.fail();
  await grant(fixture, bucket, ["ann", "write"]);
  const ann = await fixture.someone("ann", "member");
  await ann.s3.send(new PutObjectCommand({ ...at, Body: "1" }));
  made.move();
  return fixture;
}

async function grant({ deps }: S3Fixture, resource: Uuid, [grantee, permission]: [string, Permission]): Promise<void> {
  await deps.store.commit({ changes: [{ do: "grant.put", grant: { resource, grantee, permission } }] });
}

describe("a file", () => {
  it("is seen by its owner, the bucket's, admins, developers, and who was granted either", async () => {
    await using fixture = await withListeners();
    const { store } = fixture.deps;
    const uploaded = await theEvent(store, "UPLOADED");
    assert.deepEqual(await heardBy(store, uploaded), ["ann UPLOADED", "dev UPLOADED", "root UPLOADED"]);
    await grant(fixture, uploaded.resource, ["ben", "read"]);
    await grant(fixture, uploaded.scope ?? assert.fail(), ["cat", "read"]);
    assert.deepEqual(await heardBy(store, uploaded), [
      "ann UPLOADED",
      "ben UPLOADED",
      "cat UPLOADED",
      "dev UPLOADED",
      "root UPLOADED",
    ]);
  });

  it("is heard of by who saw it just before it was deleted", async () => {
    await using fixture = await withListeners();
    const { store } = fixture.deps;
    const { resource } = await theEvent(store, "UPLOADED");
    await grant(fixture, resource, ["ben", "read"]);
    await fixture.admin.s3.send(new DeleteObjectCommand(at));
    const heard = await heardBy(store, await theEvent(store, "DELETED"));
    assert.deepEqual(heard, ["ann DELETED", "ben DELETED", "dev DELETED", "root DELETED"]);
  });

  it("changes the content of its bucket, for who watches that", async () => {
    await using fixture = await withListeners();
    const { store } = fixture.deps;
    const bucket = (await store.objects.bucket("default", Bucket))?.uuid ?? assert.fail();
    await listen(store, "root", bucket);
    await listen(store, "ben", bucket);
    await fixture.admin.s3.send(new PutObjectCommand({ ...at, Body: "2" }));
    const heard = await heardBy(store, await theEvent(store, "OVERWRITTEN"));
    assert.deepEqual(heard, ["ann OVERWRITTEN", "dev OVERWRITTEN", "root FILE_OVERWRITTEN", "root OVERWRITTEN"]);
  });
});

describe("functions, apps and profiles", () => {
  it("are seen by who owns them, who was granted them, and developers", async () => {
    await using api = await testApi();
    const { store } = api.deps;
    const token = await api.tokenOf("developer", "dev");
    for (const name of ["ada", "ben", "eve"]) await api.tokenOf("member", name);
    for (const name of ["dev", "ada", "ben", "eve"]) await listen(store, name);
    await makeApp(api, undefined, { token });
    await makeFunction(api, {}, { token });
    await api.ask("POST", "/api/cloud/users/", { username: "ada" });
    const created = (await store.events.after(0, 100)).filter(({ names }) =>
      ["CREATED", "REGISTERED"].includes(names.notifications ?? ""),
    );
    for (const { resource } of created) {
      const { status } = await api.ask("PUT", `/api/cloud/resources/${resource}/pems/ben/`, { permission: "read" });
      assert.equal(status, 200);
    }
    const heard = await Promise.all(created.map((event) => heardBy(store, event)));
    assert.deepEqual(heard, [
      ["ben REGISTERED", "dev REGISTERED"],
      ["ben CREATED", "dev CREATED"],
      ["ada CREATED", "ben CREATED", "dev CREATED"],
    ]);
  });
});
