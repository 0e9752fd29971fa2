/** What happens to a resource is told at what it lies in: to those who see both. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { type NewResource, parseUuid } from "../../src/index.ts";
import { runServer } from "../support/in-process.ts";
import { stage } from "../support/library.ts";
import { until } from "../support/until.ts";
import { failsWith } from "../support/users.ts";
import { heardBy, listen, raisedSince } from "./hearing.ts";
import { receiver, runFace, type Shown } from "./v2-server.ts";

const known = (uuid: string): { readonly associatedUuid: string } => ({ associatedUuid: uuid });

describe("a job", () => {
  it("is heard of at its system and its app, with the word for what happened, and by those alone who see both", async () => {
    await using face = await runFace();
    await using hooked = await receiver();
    const resources = face.server.signalbox.resources("default");
    await face.server.api("POST", "/api/apps/", { name: "Sums", slug: "sums" });
    const [ada, ben, eve] = await Promise.all(["ada", "ben", "eve"].map((name) => face.someone(name)));
    assert.ok(ada !== undefined && ben !== undefined && eve !== undefined);
    const system = await resources.register({ kind: "system", owner: "ada", data: { name: "cluster" } });
    const job = await resources.register({
      kind: "job",
      owner: "ben",
      app: "sums",
      parents: [system.uuid],
      data: { name: "sum of all", status: "PENDING" },
    });
    const [, app = assert.fail()] = job.parents ?? [];
    assert.match(app, /-005$/);
    for (const name of ["ben", "eve"]) await resources.share(system.uuid, name, "read");
    await resources.share(app, "ben", "read");

    const to = (path: string, event: string) => ({
      event,
      persistent: true,
      url: `${hooked.url}/${path}?\${EVENT}=\${JOB_NAME}`,
    });
    await ben.subscribe({ ...known(system.uuid), ...to("ben-system", "job_running") });
    await ben.subscribe({ ...known(system.uuid), ...to("ben-all", "*") });
    await ben.subscribe({ ...known(app), ...to("ben-app", "JOB_RUNNING") });
    // They see the system, and not the jobs of others on it.
    await eve.subscribe({ ...known(system.uuid), ...to("eve-system", "*") });
    await ada.subscribe({ ...known(system.uuid), ...to("ada-system", "*") });
    await face.operator.subscribe({ ...known("*"), ...to("root", "JOB_RUNNING"), url: `${hooked.url}/root` });
    await resources.raise(job.uuid, "running", { data: { status: "RUNNING" } });
    await resources.raise(system.uuid, "STATUS_CHANGE");
    await until("both are heard", () => hooked.heard.length >= 7);

    const heard = hooked.heard.map(({ path }) => path).toSorted();
    assert.deepEqual(heard, [
      "/ada-system?STATUS_CHANGE=",
      "/ben-all?JOB_RUNNING=sum%20of%20all",
      "/ben-all?STATUS_CHANGE=",
      "/ben-app?JOB_RUNNING=sum%20of%20all",
      "/ben-system?JOB_RUNNING=sum%20of%20all",
      "/eve-system?STATUS_CHANGE=",
      "/root",
    ]);
    const body = (path: string): Shown =>
      hooked.heard.find((one) => one.path.startsWith(path))?.body ?? assert.fail(path);
    const of = { event: "RUNNING", kind: "job", uuid: job.uuid };
    for (const [path, parent] of [
      ["/ben-system", { kind: "system", uuid: system.uuid }],
      ["/ben-app", { kind: "app", uuid: app }],
    ] as const) {
      const { event, status, associatedUuid, ...told } = body(path);
      assert.deepEqual([event, status, associatedUuid], ["JOB_RUNNING", "RUNNING", job.uuid]);
      assert.deepEqual([told["of"], told["parent"]], [of, parent]);
    }
    assert.deepEqual([body("/root")["event"], body("/root")["of"]], ["JOB_RUNNING", undefined]);
  });

  it("is heard of at its system no more by whom the system is no longer shared with", async () => {
    await using at = await stage({ dispatching: false });
    const jobs = at.library.resources("acme");
    const system = await jobs.register({ kind: "system", owner: "ada" });
    const job = await jobs.register({ kind: "job", owner: "ben", parents: [system.uuid] });
    const listenAt = (owner: string) => listen(at.store, owner, parseUuid(system.uuid), "acme");
    await listenAt("ben");
    await listenAt("cyd");
    await jobs.raise(job.uuid, "RUNNING");
    const event = (await raisedSince(at.store)).at(-1) ?? assert.fail();
    assert.deepEqual(event.parents, [{ uuid: system.uuid, kind: "system", owner: "ada" }]);
    const grants = async (grantee: string, of = system.uuid) => {
      const resource = parseUuid(of) ?? assert.fail();
      await at.store.commit({ changes: [{ do: "grant.put", grant: { resource, grantee, permission: "read" } }] });
    };
    const told = async () => heardBy(at.store, event);
    assert.deepEqual(await told(), []);
    await grants("ben");
    assert.deepEqual(await told(), ["ben JOB_RUNNING"], "the owner of the job, now that they see the system");
    await grants("cyd");
    assert.deepEqual(await told(), ["ben JOB_RUNNING"]);
    await grants("cyd", job.uuid);
    assert.deepEqual(await told(), ["ben JOB_RUNNING", "cyd JOB_RUNNING"]);
    const resource = parseUuid(system.uuid) ?? assert.fail();
    await at.store.commit({ changes: [{ do: "grant.remove", resource, grantee: "ben" }] });
    assert.deepEqual(await told(), ["cyd JOB_RUNNING"]);
  });

  it("lies in no more than 8, is told four levels up and to the nearest 16, and never goes round", async () => {
    await using at = await stage({
      dispatching: false,
      kinds: [{ name: "folder", open: true, parents: ["folder"] }],
    });
    const kept = at.library.resources("acme");
    const folder = async (parents: readonly string[] = []) =>
      (await kept.register({ kind: "folder", owner: "ada", parents })).uuid;
    const told = async (uuid: string) => {
      await kept.raise(uuid, "OPENED");
      return ((await raisedSince(at.store)).at(-1)?.parents ?? []).map((parent) => parent.uuid as string);
    };
    const chain: string[] = [await folder()];
    for (let up = 0; up < 6; up++) chain.unshift(await folder([chain[0] ?? assert.fail()]));
    const [lowest = assert.fail(), ...above] = chain;
    assert.deepEqual(await told(lowest), above.slice(0, 4));
    const eight = await Promise.all(Array.from({ length: 8 }, () => folder()));
    const wide = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => folder([eight[index] ?? "", eight[(index + 1) % 8] ?? ""])),
    );
    assert.equal((await told(await folder(wide))).length, 16);
    await assert.rejects(
      folder([...wide, lowest]),
      failsWith("invalid_request", /^parents: must be a list of at most 8/),
    );
    const top = chain.at(-1) ?? assert.fail();
    await kept.raise(top, "MOVED", { parents: [lowest] });
    assert.deepEqual(await told(lowest), above.slice(0, 4));
    assert.ok(!(await told(top)).includes(top));
    await kept.raise(top, "MOVED", { parents: [] });
    assert.deepEqual(await told(top), []);
    assert.equal((await kept.get(top)).parents, undefined);
    await kept.remove(above[0] ?? assert.fail());
    assert.deepEqual(await told(lowest), [], "what is no more is no parent, and leads nowhere");
  });

  it("lies only in what there is, of kinds that its own may lie in", async () => {
    await using at = await stage({ dispatching: false });
    const kept = at.library.resources("acme");
    const job: NewResource = { kind: "job", owner: "ada" };
    const other = await kept.register(job);
    const rows: readonly (readonly [unknown, RegExp])[] = [
      ["x-006", /^parents: must be a list/],
      [[7], /^parents\[0\]: must be the uuid of a resource/],
      [["x-006"], /^parents\[0\]: there is no resource 'x-006': register it before/],
      [[other.uuid], /^parents\[0\]: a job lies in system, app, not in a job: declare more in Host\.kinds/],
    ];
    for (const [parents, message] of rows) {
      const input = { ...job, parents } as unknown as NewResource;
      await assert.rejects(kept.register(input), failsWith("invalid_request", message));
    }
    const own = { ...job, id: "mine-007", parents: ["mine-007"] };
    await assert.rejects(kept.register(own), failsWith("invalid_request", /^parents\[0\]: is the resource itself/));
    const tenant = { id: "other", name: "Other", createdMs: at.clock.now() };
    await at.store.commit({ changes: [{ do: "tenant.add", tenant }] });
    const elsewhere = await at.library.resources("other").register({ kind: "system", owner: "bob" });
    const foreign = { ...job, parents: [elsewhere.uuid] };
    await assert.rejects(kept.register(foreign), failsWith("invalid_request", /there is no resource/));
  });
});

describe("what lies in Signalbox's own", () => {
  it("is told there: a file at its bucket by what happened to it, a function at its app", async () => {
    await using face = await runFace();
    await using hooked = await receiver();
    const ada = await face.someone("ada");
    const file = await face.file(ada, "pictures");
    const bucket = (await face.server.api<{ buckets: { uuid: string }[] }>("GET", "/api/cloud/buckets/")).buckets[0];
    const at = { ...known(bucket?.uuid ?? ""), persistent: true };
    await ada.subscribe({ ...at, event: "FILE_OVERWRITTEN", url: `${hooked.url}/over?\${EVENT}=\${PATH}` });
    await ada.subscribe({ ...at, event: "CONTENT_CHANGED", url: `${hooked.url}/changed?\${EVENT}` });
    await ada.subscribe({ ...at, event: "*", url: `${hooked.url}/all?\${EVENT}` });
    const put = { Bucket: "pictures", Key: "picsumipsum.txt" };
    await ada.s3.send(new PutObjectCommand({ ...put, Body: "ipsum" }));
    await ada.s3.send(new DeleteObjectCommand(put));
    await until("all is heard", () => hooked.heard.length >= 5);
    assert.deepEqual(hooked.heard.map(({ path }) => path).toSorted(), [
      "/all?FILE_DELETED",
      "/all?FILE_OVERWRITTEN",
      "/changed?CONTENT_CHANGED",
      "/changed?CONTENT_CHANGED",
      "/over?FILE_OVERWRITTEN=picsumipsum.txt",
    ]);
    const ofChanged = hooked.heard.filter(({ path }) => path.startsWith("/changed")).map(({ body }) => body["of"]);
    assert.deepEqual(ofChanged.map((of) => (of as { event: string }).event).toSorted(), ["DELETED", "OVERWRITTEN"]);
    assert.ok(ofChanged.every((of) => (of as { uuid: string }).uuid === file));
  });

  it("by mail says what happened, too", async () => {
    await using server = await runServer({ SIGNALBOX_MAIL_CONFIRM: "off" });
    await server.api("POST", "/api/apps/", { name: "Sums", slug: "sums" });
    const resources = server.signalbox.resources("default");
    const { uuid } = await resources.register({ kind: "system", owner: "admin" });
    const file = await resources.register({ kind: "file", owner: "admin", parents: [uuid], data: { path: "/a.txt" } });
    await server.api("POST", "/api/cloud/subscriptions/", {
      resource: uuid,
      event: "FILE_OVERWRITTEN",
      target: { type: "email", address: "ada@example.com" },
    });
    await resources.raise(file.uuid, "OVERWRITTEN");
    let name = "";
    await until("there is a mail", async () => {
      const { mails } = await server.api<{ mails: { name: string; subject: string }[] }>("GET", "/api/cloud/mails/");
      name = mails[0]?.name ?? "";
      return name !== "";
    });
    const { text } = await server.api<{ text: string }>("GET", `/api/cloud/mails/${name}/`);
    assert.match(text, /file "\/a\.txt" was overwritten/);
    assert.match(text, /FILE_OVERWRITTEN/);
  });
});
