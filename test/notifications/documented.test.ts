/** What the document of notifications says of events, and of who is told them, with resources of every sort that it names. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { runServer } from "../support/in-process.ts";
import { adminToken, serverProcess } from "../support/server-process.ts";
import { smtpReceiver } from "../support/smtp.ts";
import { until } from "../support/until.ts";
import { type Heard, receiver, runFace, type Shown } from "./v2-server.ts";

const names = (heard: readonly Heard[], path: string) =>
  heard.filter((one) => one.path === path).map(({ body }) => body["event"]);

describe("every action is an event", () => {
  it("the changing of a job's status, a permission on a file, an edit of metadata, the making of an account", async () => {
    await using face = await runFace();
    await using hooked = await receiver();
    const { server } = face;
    const resources = server.signalbox.resources("default");
    const ada = await face.someone("ada");
    await face.someone("ben");
    const file = await face.file(ada, "pictures");
    const job = await resources.register({ kind: "job", owner: "ada", data: { name: "sums", status: "PENDING" } });
    const metadata = await resources.register({ kind: "metadata", owner: "ada", data: { name: "mustard plant" } });
    const watch = (uuid: string, event: string) =>
      ada.subscribe({ associatedUuid: uuid, event, persistent: true, url: `${hooked.url}/${event}` });
    await watch(job.uuid, "RUNNING");
    await watch(file, "PERMISSION_GRANT");
    await watch(metadata.uuid, "UPDATED");
    const profiles = { associatedUuid: "*", event: "CREATED", persistent: true, url: `${hooked.url}/CREATED` };
    await face.operator.subscribe(profiles);

    await resources.raise(job.uuid, "RUNNING", { data: { status: "RUNNING" } });
    const pems = await fetch(`${server.url}/api/cloud/resources/${file}/pems/ben/`, {
      method: "PUT",
      headers: { authorization: `Bearer ${ada.token}`, "content-type": "application/json" },
      body: JSON.stringify({ permission: "READ" }),
    });
    assert.equal(pems.status, 200, await pems.text());
    await resources.raise(metadata.uuid, "UPDATED", { data: { name: "tobacco plant" } });
    await server.api("POST", "/api/cloud/users/", { username: "nryan", email: "nryan@example.com" });
    await until("all four are heard", () => hooked.heard.length >= 4);

    const body = (path: string): Shown => hooked.heard.find((one) => one.path === path)?.body ?? assert.fail(path);
    assert.deepEqual([body("/RUNNING")["event"], body("/RUNNING")["status"]], ["RUNNING", "RUNNING"]);
    const { username, permission } = body("/PERMISSION_GRANT")["permission"] as Shown;
    assert.deepEqual([username, permission], ["ben", "READ"]);
    assert.equal((body("/UPDATED")["metadata"] as Shown)["name"], "tobacco plant");
    assert.equal((body("/CREATED")["profile"] as Shown)["username"], "nryan");
    assert.equal(hooked.heard.length, 4);
  });
});

describe("a typical use", () => {
  it("is mail when her job completes: once, and then the subscription is complete", async () => {
    await using smtp = await smtpReceiver();
    await using server = await runServer({ SIGNALBOX_SMTP_URL: smtp.url, SIGNALBOX_MAIL_CONFIRM: "trust" });
    await server.api("POST", "/api/cloud/users/", { username: "nryan", email: "nryan@example.com" });
    const { token } = await server.api<{ token: string }>("POST", "/api/cloud/tokens/", {
      principal: "nryan",
      role: "member",
    });
    const jobs = server.signalbox.resources("default");
    const job = await jobs.register({ kind: "job", owner: "nryan", data: { name: "demo-pyplot", status: "PENDING" } });
    const ask = async (path: string, body?: object): Promise<Shown> => {
      const response = await fetch(`${server.url}/notifications/v2/${path}`, {
        method: body === undefined ? "GET" : "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      assert.ok(response.ok, path);
      return ((await response.json()) as { readonly result: Shown }).result;
    };
    const made = await ask("", { associatedUuid: job.uuid, event: "FINISHED", url: "nryan@example.com" });
    for (const status of ["RUNNING", "FINISHED", "FINISHED"]) await jobs.raise(job.uuid, status, { data: { status } });
    await until("it is complete", async () => (await ask(String(made["id"])))["status"] === "COMPLETE");
    assert.deepEqual(
      smtp.received.map(({ to, parsed }) => [to, /FINISHED/.test(parsed.subject ?? "")]),
      [["nryan@example.com", true]],
    );
    assert.match(smtp.received[0]?.parsed.text ?? "", /demo-pyplot/);
  });
});

describe("persistent subscriptions", () => {
  it("hear what comes again and again: applications registered on a system, jobs submitted to it and to its queue", async () => {
    await using face = await runFace();
    await using hooked = await receiver();
    const resources = face.server.signalbox.resources("default");
    const ada = await face.someone("ada");
    const system = await resources.register({ kind: "system", owner: "ada", data: { name: "cluster" } });
    const watch = (event: string) =>
      ada.subscribe({ associatedUuid: system.uuid, event, persistent: true, url: `${hooked.url}/${event}` });
    const watches = [await watch("APP_REGISTERED"), await watch("JOB_CREATED"), await watch("JOB_QUEUED")];
    const times = 3;
    for (let nth = 1; nth <= times; nth++) {
      const parents = [system.uuid];
      await resources.register({ kind: "app", owner: "ada", parents, data: { name: `app ${nth}` } });
      const job = await resources.register({ kind: "job", owner: "ada", parents, data: { name: `job ${nth}` } });
      await resources.raise(job.uuid, "QUEUED", { data: { status: "QUEUED", queue: "normal" } });
    }
    await until("all are heard", () => hooked.heard.length >= 3 * times);
    for (const event of ["APP_REGISTERED", "JOB_CREATED", "JOB_QUEUED"]) {
      assert.deepEqual(
        names(hooked.heard, `/${event}`),
        Array.from({ length: times }, () => event),
      );
    }
    for (const { id } of watches) assert.equal((await ada.ask("GET", `/${id}`)).result["status"], "ACTIVE");
  });

  it("are kept until they are deleted, and are heard no more then", async () => {
    await using face = await runFace();
    await using hooked = await receiver();
    const resources = face.server.signalbox.resources("default");
    const ada = await face.someone("ada");
    const job = await resources.register({ kind: "job", owner: "ada" });
    const watch = (path: string) =>
      ada.subscribe({ associatedUuid: job.uuid, event: "HEARTBEAT", persistent: true, url: `${hooked.url}${path}` });
    const { id } = await watch("/first");
    await watch("/second");
    for (let nth = 0; nth < 5; nth++) await resources.raise(job.uuid, "HEARTBEAT");
    await until("both have heard all", () => hooked.heard.length >= 10);
    assert.equal((await ada.ask("GET", `/${id}`)).result["status"], "ACTIVE");
    const deleted = await ada.ask("DELETE", `/${id}`);
    assert.equal(deleted.status, 200);
    await resources.raise(job.uuid, "HEARTBEAT");
    await until("the other goes on", () => names(hooked.heard, "/second").length === 6);
    assert.equal(names(hooked.heard, "/first").length, 5);
    assert.equal((await ada.ask("GET", `/${id}`)).status, 404);
  });
});

describe("several subscriptions to one resource", () => {
  it("may be as many as one likes, to one event too, and each is told; with * of every event", async () => {
    await using face = await runFace();
    await using hooked = await receiver();
    const resources = face.server.signalbox.resources("default");
    const ada = await face.someone("ada");
    const job = await resources.register({ kind: "job", owner: "ada" });
    const wanted = [...Array.from({ length: 20 }, (_, nth) => [`/running/${nth}`, "RUNNING"]), ["/all", "*"]];
    for (const [path, event] of wanted) {
      await ada.subscribe({ associatedUuid: job.uuid, event, persistent: true, url: `${hooked.url}${path}` });
    }
    const raised = ["RUNNING", "HEARTBEAT", "WHATEVER_THE_JOB_SAYS", "FINISHED"];
    for (const event of raised) await resources.raise(job.uuid, event);
    await until("all are heard", () => hooked.heard.length >= 20 + raised.length);
    assert.deepEqual(new Set(names(hooked.heard, "/all")), new Set(raised));
    assert.equal(names(hooked.heard, "/all").length, raised.length);
    for (let nth = 0; nth < 20; nth++) assert.deepEqual(names(hooked.heard, `/running/${nth}`), ["RUNNING"]);
  });
});

describe("a subscription to everything, for one event", () => {
  it("is not used up by what happens to itself: that it is made, changed, and sent something by hand", async () => {
    await using face = await runFace();
    await using hooked = await receiver();
    const everything = { associatedUuid: "*", event: "*", url: `${hooked.url}/once` };
    const { id } = await face.operator.subscribe(everything);
    await face.operator.ask("PATCH", `/${id}`, { url: `${hooked.url}/once?event=\${EVENT}` });
    const forced = await face.operator.ask("POST", `/${id}/attempts`);
    assert.deepEqual([forced.status, forced.result["status"]], [200, "DELIVERED"]);
    assert.equal((await face.operator.ask("GET", `/${id}`)).result["status"], "ACTIVE");
    await face.server.api("POST", "/api/apps/", { name: "Sums" });
    await until("its event has come", async () => {
      return (await face.operator.ask("GET", `/${id}`)).result["status"] === "COMPLETE";
    });
    assert.deepEqual(
      hooked.heard.map(({ path }) => path),
      ["/once?event=FORCED_EVENT", "/once?event=REGISTERED"],
    );
  });
});

describe("the list of events", () => {
  it("of a server alone has what Signalbox raises, and for everything no other event is taken", async () => {
    const folder = await mkdtemp(join(tmpdir(), "signalbox-documented-"));
    try {
      await using server = await serverProcess({ folder });
      const ask = async (path: string, body?: object) => {
        const response = await fetch(`${server.url}/notifications/v2/${path}`, {
          method: body === undefined ? "GET" : "POST",
          headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const { result, fields } = (await response.json()) as { result: unknown; fields?: unknown[] };
        return { status: response.status, result, fields };
      };
      const listed = (await ask("events/")).result as readonly { resource: string; events: string[]; open: boolean }[];
      assert.deepEqual(
        listed.map(({ resource, open }) => [resource, open]),
        ["profile", "file", "app", "subscription", "bucket", "function"].map((resource) => [resource, false]),
      );
      const wanted = { associatedUuid: "*", url: "https://hooks.example.com/" };
      for (const event of ["OVERWRITEN", "RUNNING", "STAGING"]) {
        const { status, fields } = await ask("", { ...wanted, event });
        assert.equal(status, 400, event);
        const [field] = fields as readonly { readonly path: string; readonly message: string }[];
        assert.equal(field?.path, "event");
        assert.match(field.message, /OVERWRITTEN/);
      }
      for (const event of new Set(listed.flatMap(({ events }) => events))) {
        const { status } = await ask("", { ...wanted, event: event.toLowerCase() });
        assert.equal(status, 201, event);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
