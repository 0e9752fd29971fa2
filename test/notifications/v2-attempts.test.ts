import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { until } from "../support/until.ts";
import { type Face, type Receiver, receiver, runFace, type Somebody } from "./v2-server.ts";

const once = { retryStrategy: "NONE" };

interface Stage extends AsyncDisposable {
  readonly face: Face;
  readonly hooked: Receiver;
  readonly ada: Somebody;
  readonly uuid: string;
  overwrite(): Promise<void>;
}

async function stage(): Promise<Stage> {
  const face = await runFace();
  const hooked = await receiver();
  const ada = await face.someone("ada");
  const uuid = await face.file(ada, "pictures");
  return {
    face,
    hooked,
    ada,
    uuid,
    overwrite: async () => {
      await ada.s3.send(new PutObjectCommand({ Bucket: "pictures", Key: "picsumipsum.txt", Body: "x" }));
    },
    [Symbol.asyncDispose]: async () => {
      await face[Symbol.asyncDispose]();
      await hooked[Symbol.asyncDispose]();
    },
  };
}

describe("attempts", () => {
  it("are all listed, newest first, with what came of them", async () => {
    await using at = await stage();
    const { ada, hooked, uuid, face } = at;
    const url = `${hooked.url}/\${SYSTEM}?of=\${PATH}`;
    const { id } = await ada.subscribe({
      url,
      event: "OVERWRITTEN",
      associatedUuid: uuid,
      persistent: true,
      policy: once,
    });
    const list = async (query = "") => (await ada.ask("GET", `/${id}/attempts${query}`)).list;
    await at.overwrite();
    await until("it was delivered", async () => (await list("?status=delivered")).length === 1);
    hooked.status = 500;
    await at.overwrite();
    await until("it has failed", async () => (await list("?status=FAILED")).length === 1);
    const [failed, delivered] = await list();
    const { _links, created, startTime, endTime, id: attempt, ...rest } = failed ?? {};
    assert.deepEqual(rest, {
      url: `${hooked.url}/pictures?of=picsumipsum.txt`,
      event: "OVERWRITTEN",
      associatedUuid: uuid,
      notificationId: id,
      status: "FAILED",
      attempts: 1,
      nextAttempt: null,
      response: { code: 500, message: "no thanks" },
    });
    assert.match(String(attempt), /^[0-9a-f]{16}-.*-042$/);
    assert.ok(String(created) <= String(startTime) && String(startTime) <= String(endTime));
    const base = `${face.server.url}/notifications/v2/${id}`;
    assert.deepEqual(_links, {
      self: { href: `${base}/attempts/${String(attempt)}` },
      notification: { href: base },
      profile: { href: `${face.server.url}/profiles/v2/ada` },
      file: { href: `${face.server.url}/api/cloud/files/${uuid}/` },
    });
    assert.deepEqual([delivered?.["status"], delivered?.["response"]], ["DELIVERED", { code: 200, message: "thanks" }]);
    assert.deepEqual((await ada.ask("GET", `/${id}/attempts/${String(attempt)}`)).result, failed);
    // What is told of the subscription is of the newest, and one that failed stops nothing.
    const { result } = await ada.ask("GET", `/${id}`);
    assert.deepEqual(
      [result["status"], result["responseCode"], result["attempts"], result["success"], result["lastSent"]],
      ["ACTIVE", 500, 1, false, startTime],
    );
    const found: readonly (readonly [string, number])[] = [
      ["response.code=500", 1],
      ["response.code.lt=500", 1],
      ["response.message.like=*thanks", 2],
      ["eventName=OVERWRITTEN", 2],
      ["event.neq=OVERWRITTEN", 0],
      ["attemptNumber.gte=1", 2],
      ["provider=webhook", 2],
      ["owner=ada", 2],
      [`notificationId=${id}`, 2],
      [`id=${String(attempt)}`, 1],
      ["status.in=failed,waiting", 1],
      ["startTime.after=2001-01-01", 2],
      ["endTime.before=2001-01-01", 0],
      ["created.on=2001-01-01", 0],
      ["scheduledTime.after=2001-01-01", 0],
      ["limit=1", 1],
      ["offset=1", 1],
      ["offset=2", 0],
    ];
    for (const [query, count] of found) assert.equal((await list(`?${query}`)).length, count, query);
    const refused = ["content.like=*", "offset=9999", "limit=0", "status.gt=1&x=1"];
    for (const query of refused) assert.equal((await ada.ask("GET", `/${id}/attempts?${query}`)).status, 400, query);
  });

  it("wait for their next try", async () => {
    await using at = await stage();
    const { ada, hooked, uuid } = at;
    hooked.status = 503;
    const policy = { retryStrategy: "DELAYED", retryDelay: 3600 };
    const { id } = await ada.subscribe({ url: hooked.url, event: "*", associatedUuid: uuid, policy });
    await at.overwrite();
    await until("it was tried", async () => (await ada.ask("GET", `/${id}/attempts?attempts=1`)).list.length === 1);
    const [waiting] = (await ada.ask("GET", `/${id}/attempts`)).list;
    assert.equal(waiting?.["status"], "WAITING");
    assert.ok(Date.parse(String(waiting["nextAttempt"])) > Date.now() + 3_000_000);
    assert.equal((await ada.ask("GET", `/${id}`)).result["status"], "ACTIVE");
    const clearing = await ada.ask("DELETE", `/${id}/attempts/${String(waiting["id"])}`);
    assert.deepEqual([clearing.status, clearing.code], [412, "precondition_failed"]);
    assert.match(clearing.message ?? "", /waits/);
  });

  it("are cleared when they have failed: one, or all", async () => {
    await using at = await stage();
    const { ada, hooked, uuid } = at;
    const { id } = await ada.subscribe({
      url: hooked.url,
      event: "*",
      associatedUuid: uuid,
      persistent: true,
      policy: once,
    });
    const list = async (query = "") => (await ada.ask("GET", `/${id}/attempts${query}`)).list;
    await at.overwrite();
    await until("it was delivered", async () => (await list("?status=DELIVERED")).length === 1);
    hooked.status = 500;
    for (let times = 0; times < 3; times++) await at.overwrite();
    await until("three have failed", async () => (await list("?status=FAILED")).length === 3);
    const [one] = await list("?status=FAILED");
    const [kept] = await list("?status=DELIVERED");
    assert.equal((await ada.ask("DELETE", `/${id}/attempts/${String(one?.["id"])}`)).status, 200);
    assert.equal((await ada.ask("GET", `/${id}/attempts/${String(one?.["id"])}`)).status, 404);
    assert.equal((await ada.ask("DELETE", `/${id}/attempts/${String(one?.["id"])}`)).status, 404);
    assert.equal((await ada.ask("DELETE", `/${id}/attempts/${String(kept?.["id"])}`)).status, 412);
    assert.equal((await list()).length, 3);
    const cleared = await ada.ask("DELETE", `/${id}/attempts`);
    assert.deepEqual([cleared.status, cleared.result], [200, {}]);
    assert.deepEqual(
      (await list()).map((each) => each["status"]),
      ["DELIVERED"],
    );
    for (const wrong of ["x", id, `0000000000000001-${uuid.slice(0, -4)}-042`]) {
      assert.equal((await ada.ask("GET", `/${id}/attempts/${wrong}`)).status, 404);
    }
  });
});

describe("firing now", () => {
  it("sends an event that uses nothing up, and tells who watches", async () => {
    await using at = await stage();
    const { ada, hooked, uuid, face } = at;
    const made = await ada.subscribe({ url: `${hooked.url}/\${EVENT}`, event: "OVERWRITTEN", associatedUuid: uuid });
    await ada.subscribe({ url: `${hooked.url}/watching`, event: "FORCED_ATTEMPT", associatedUuid: made.id });
    const { status, result } = await ada.ask("POST", `/${made.id}/attempts`);
    assert.deepEqual(
      [status, result["status"], result["event"], result["url"], result["associatedUuid"]],
      [200, "DELIVERED", "FORCED_EVENT", `${hooked.url}/FORCED_EVENT`, uuid],
    );
    await until("who watches has heard", () => hooked.heard.length === 2);
    const fired = hooked.heard.find(({ path }) => path === "/FORCED_EVENT");
    assert.equal(fired?.headers["webhook-id"], result["id"]);
    assert.deepEqual(fired?.body["notification"], {
      id: made.id,
      event: "FORCED_EVENT",
      owner: "ada",
      associatedUuid: uuid,
      created: made["created"],
    });
    assert.equal((await ada.ask("GET", `/${made.id}`)).result["status"], "ACTIVE");
    await at.overwrite();
    await until(
      "it has fired by itself",
      async () => (await ada.ask("GET", `/${made.id}`)).result["status"] === "COMPLETE",
    );
    // Also once it has: nothing says that it would not arrive.
    assert.equal((await face.operator.ask("POST", `/${made.id}/attempts`, {})).result["status"], "DELIVERED");
    assert.equal((await ada.ask("GET", `/${made.id}`)).result["status"], "COMPLETE");
  });

  it("tells of a try that failed, and goes on by itself", async () => {
    await using at = await stage();
    const { ada, hooked, uuid } = at;
    hooked.status = 500;
    const policy = { retryStrategy: "IMMEDIATE", retryLimit: 1 };
    const { id } = await ada.subscribe({ url: hooked.url, event: "*", associatedUuid: uuid, policy });
    const { status, result } = await ada.ask("POST", `/${id}/attempts`);
    assert.equal(status, 200);
    assert.deepEqual(result["response"], { code: 500, message: "no thanks" });
    const path = `/${id}/attempts/${String(result["id"])}`;
    await until("it was tried again", async () => (await ada.ask("GET", path)).result["status"] === "FAILED");
    assert.equal((await ada.ask("GET", path)).result["attempts"], 2);
    assert.equal((await ada.ask("GET", `/${id}`)).result["status"], "ACTIVE");
  });

  it("is decided by admins: what is sent, and about what", async () => {
    await using at = await stage();
    const { ada, hooked, uuid, face } = at;
    const other = await face.file(ada, "others");
    const anna = await face.someone("anna", "admin");
    const developer = await face.someone("dev", "developer");
    const { id } = await ada.subscribe({
      url: hooked.url,
      event: "OVERWRITTEN",
      associatedUuid: uuid,
      persistent: true,
    });
    const fire = async (who: Somebody, body: unknown) => {
      const { status, code } = await who.ask("POST", `/${id}/attempts`, body);
      return code ?? status;
    };
    assert.equal(await fire(ada, { event: "OVERWRITTEN" }), "forbidden");
    assert.equal(await fire(ada, { associatedUuid: other }), "forbidden");
    assert.equal(await fire(ada, { message: "hello" }), "forbidden");
    assert.equal(await fire(developer, {}), "not_found");
    assert.equal(await fire(ada, { event: "FORCED_EVENT", associatedUuid: uuid }), 200);
    assert.equal(await fire(ada, { event: "forced_event" }), 200);
    assert.equal(await fire(anna, { event: "*" }), "invalid_request");
    assert.equal(await fire(anna, { event: "DELETED" }), "invalid_request");
    assert.equal(await fire(anna, { message: { a: 1 } }), "invalid_request");
    assert.equal(await fire(anna, { massage: "hello" }), "invalid_request");
    assert.equal(await fire(anna, { associatedUuid: "nothing" }), "invalid_request");
    assert.equal(await fire(anna, { associatedUuid: "0001409758089943-5056a550b8-0001-002" }), "not_found");
    assert.equal(await fire(anna, { EVENT: "OVERWRITTEN", associatedUuid: other, message: "hello" }), 200);
    const { body } = hooked.heard.at(-1) ?? assert.fail("it was heard");
    assert.deepEqual(
      [body["event"], body["associatedUuid"], body["actor"], (body["notification"] as { message: string }).message],
      ["OVERWRITTEN", other, "anna", "hello"],
    );
  });
});
