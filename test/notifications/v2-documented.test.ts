import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { until } from "../support/until.ts";
import { receiver, runFace } from "./v2-server.ts";

describe("the documented example", () => {
  it("hears of every overwriting, because it is persistent", async () => {
    await using face = await runFace();
    await using hooked = await receiver();
    const ada = await face.someone("ada");
    const uuid = await face.file(ada, "pictures");
    const made = await ada.subscribe({ associatedUuid: uuid, event: "OVERWRITTEN", persistent: true, url: hooked.url });
    const { _links, created, lastUpdated, id, signingSecret, ...rest } = made;
    assert.deepEqual(rest, {
      owner: "ada",
      url: `${hooked.url}/`,
      associatedUuid: uuid,
      event: "OVERWRITTEN",
      responseCode: null,
      attempts: 0,
      lastSent: null,
      success: false,
      persistent: true,
      status: "ACTIVE",
      policy: { retryStrategy: "IMMEDIATE", retryLimit: 5, retryRate: 5, retryDelay: 0, saveOnFailure: false },
    });
    assert.match(id, /^[0-9a-f-]{36}-011$/);
    assert.match(String(signingSecret), /^whsec_/);
    assert.equal(created, lastUpdated);
    const { url } = face.server;
    assert.deepEqual(_links, {
      self: { href: `${url}/notifications/v2/${id}` },
      attempts: { href: `${url}/notifications/v2/${id}/attempts` },
      owner: { href: `${url}/profiles/v2/ada` },
      file: { href: `${url}/api/cloud/files/${uuid}/` },
    });
    for (const text of ["ipsum", "dolor"]) {
      await ada.s3.send(new PutObjectCommand({ Bucket: "pictures", Key: "picsumipsum.txt", Body: text }));
    }
    await until("both are heard", () => hooked.heard.length === 2);
    const [first] = hooked.heard;
    assert.equal(first?.headers["x-agave-notification"], id);
    assert.equal(first.body["event"], "OVERWRITTEN");
    assert.equal((first.body["file"] as { path: string }).path, "picsumipsum.txt");
    await until("both are recorded", async () => (await ada.ask("GET", `/${id}`)).result["success"] === true);
    const { result } = await ada.ask("GET", `/${id}`);
    assert.deepEqual(
      [result["status"], result["responseCode"], result["attempts"], result["signingSecret"]],
      ["ACTIVE", 200, 1, undefined],
    );
  });

  it("is transient by default: one event completes it", async () => {
    await using face = await runFace();
    await using hooked = await receiver();
    const ada = await face.someone("ada");
    const uuid = await face.file(ada, "pictures");
    const { id, persistent } = await ada.subscribe({ associatedUuid: uuid, event: "*", url: hooked.url });
    assert.equal(persistent, false);
    await ada.s3.send(new PutObjectCommand({ Bucket: "pictures", Key: "picsumipsum.txt", Body: "ipsum" }));
    await until("it is complete", async () => (await ada.ask("GET", `/${id}`)).result["status"] === "COMPLETE");
    await ada.s3.send(new DeleteObjectCommand({ Bucket: "pictures", Key: "picsumipsum.txt" }));
    const replaced = await ada.ask("POST", `/${id}`, { associatedUuid: uuid, event: "*", url: hooked.url });
    assert.deepEqual([replaced.status, replaced.code], [412, "precondition_failed"]);
    assert.deepEqual(
      hooked.heard.map(({ body }) => body["event"]),
      ["OVERWRITTEN"],
    );
    // It is not ACTIVE any more, so only a search finds it.
    assert.deepEqual((await ada.ask("GET", "/")).list, []);
    assert.deepEqual(
      (await ada.ask("GET", "/?status=complete")).list.map((one) => one["id"]),
      [id],
    );
  });

  it("hears DELETED and RENAME, and with * everything", async () => {
    await using face = await runFace();
    await using hooked = await receiver();
    const ada = await face.someone("ada");
    const uuid = await face.file(ada, "pictures");
    for (const event of ["DELETED", "RENAME", "*"]) {
      await ada.subscribe({
        associatedUuid: uuid,
        event,
        persistent: true,
        url: `${hooked.url}/${event}?is=\${EVENT}`,
      });
    }
    await ada.s3.send(new PutObjectCommand({ Bucket: "pictures", Key: "picsumipsum.txt", Body: "ipsum" }));
    const renamed = await fetch(`${face.server.url}/api/cloud/files/${uuid}/rename/`, {
      method: "POST",
      headers: { authorization: `Bearer ${face.server.token}`, "content-type": "application/json" },
      body: JSON.stringify({ key: "lorem.txt" }),
    });
    assert.equal(renamed.status, 200, await renamed.text());
    await ada.s3.send(new DeleteObjectCommand({ Bucket: "pictures", Key: "lorem.txt" }));
    await until("all are heard", () => hooked.heard.length === 5);
    assert.deepEqual(hooked.heard.map(({ path }) => path).toSorted(), [
      "/*?is=DELETED",
      "/*?is=OVERWRITTEN",
      "/*?is=RENAME",
      "/DELETED?is=DELETED",
      "/RENAME?is=RENAME",
    ]);
  });

  it("is mail to her own address, as it stands, once that is confirmed; otherwise she is told what to do", async () => {
    await using face = await runFace({ SIGNALBOX_MAIL_CONFIRM: "trust" });
    const ada = await face.someone("ada");
    const uuid = await face.file(ada, "pictures");
    const example = { associatedUuid: uuid, event: "OVERWRITTEN", persistent: true };
    const bodies = [{ ...example, url: "" }, example, { ...example, url: null }, { ...example, url: " " }];
    const refused = async (says: RegExp) => {
      for (const body of bodies) {
        const { status, code, fields } = await ada.ask("POST", "/", body);
        assert.deepEqual([status, code, fields.map(({ path }) => path)], [400, "invalid_request", ["url"]]);
        assert.match(fields[0]?.message ?? "", says);
      }
    };
    await refused(/'ada' is no user.* an e-mail address, or a url that begins with http/);
    const user = await face.server.api<{ id: number }>("POST", "/api/cloud/users/", { username: "ada" });
    await refused(/you have none: set one by PATCH \/api\/cloud\/users\/me\//);
    await face.server.api("PATCH", `/api/cloud/users/${user.id}/`, { email: "ada@example.com" });
    for (const body of bodies) {
      const made = await ada.subscribe(body);
      assert.deepEqual([made["url"], made["status"], made["confirmed"]], ["ada@example.com", "ACTIVE", true]);
    }
    const hook = await ada.subscribe({ ...example, url: "https://hooks.example.com/" });
    const { result } = await ada.ask("PATCH", `/${hook.id}`, { url: "" });
    assert.deepEqual([result["url"], result["status"]], ["ada@example.com", "ACTIVE"]);
  });

  it("asks nobody to mail an own address that nobody confirmed", async () => {
    await using face = await runFace();
    const ada = await face.someone("ada");
    const uuid = await face.file(ada, "pictures");
    await face.server.api("POST", "/api/cloud/users/", { username: "ada", email: "ada@example.com" });
    const { status, fields } = await ada.ask("POST", "/", { associatedUuid: uuid, event: "OVERWRITTEN", url: "" });
    assert.equal(status, 400);
    assert.match(fields[0]?.message ?? "", /your own address ada@example.com is not confirmed yet: give it here/);
  });

  it("may name its event in any case of letters, and is answered with the event's own", async () => {
    await using hooked = await receiver();
    await using face = await runFace();
    const ada = await face.someone("ada");
    const uuid = await face.file(ada, "pictures");
    const made = await ada.subscribe({ associatedUuid: uuid, event: "overwritten", url: hooked.url });
    assert.equal(made["event"], "OVERWRITTEN");
    const { result } = await ada.ask("PATCH", `/${made.id}`, { event: "Deleted" });
    assert.equal(result["event"], "DELETED");
  });

  it("is refused for everything with an event that no kind has; a program that runs kinds open to any gets a warning", async () => {
    const body = { associatedUuid: "*", event: "OVERWRITEN", url: "https://hooks.example.com/" };
    await using face = await runFace();
    const doubtful = await face.operator.subscribe(body);
    assert.match(String((doubtful["warnings"] as unknown[])[0]), /Did you mean "OVERWRITTEN"/);
    const { result } = await face.operator.ask("GET", `/${doubtful.id}`);
    assert.equal(result["warnings"], undefined);
    const fine = await face.operator.subscribe({ ...body, event: "running" });
    assert.deepEqual([fine["event"], fine["warnings"]], ["RUNNING", undefined]);
  });

  it("groups the events by resource", async () => {
    await using face = await runFace();
    const { status, list } = await face.operator.ask("GET", "/events");
    assert.equal(status, 200);
    const file = list.find(({ resource }) => resource === "file");
    assert.ok((file?.["events"] as string[] | undefined)?.includes("OVERWRITTEN"));
    assert.equal(list.find(({ resource }) => resource === "job")?.["open"], true);
  });
});
