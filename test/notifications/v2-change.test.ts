import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { until } from "../support/until.ts";
import { receiver, runFace } from "./v2-server.ts";

const url = "https://hooks.example.com/";
const delayed = { retryStrategy: "DELAYED", retryLimit: 9, retryRate: 60, retryDelay: 30, saveOnFailure: true };
const byDefault = { retryStrategy: "IMMEDIATE", retryLimit: 5, retryRate: 5, retryDelay: 0, saveOnFailure: false };

describe("changing a subscription", () => {
  it("replaces it: what is left out gets its default, but owner and secret stay", async () => {
    await using face = await runFace();
    const ada = await face.someone("ada");
    const uuid = await face.file(ada, "pictures");
    const made = await ada.subscribe({ url, event: "*", associatedUuid: uuid, persistent: true, policy: delayed });
    for (const method of ["POST", "PUT"]) {
      const body = { url: `${url}${method}`, event: "DELETED", associatedUuid: uuid };
      const { status, result } = await face.operator.ask(method, `/${made.id}`, body);
      assert.deepEqual(
        [
          status,
          result["owner"],
          result["url"],
          result["event"],
          result["persistent"],
          result["policy"],
          result["signingSecret"],
        ],
        [200, "ada", body.url, "DELETED", false, byDefault, undefined],
      );
      assert.deepEqual([result["id"], result["created"]], [made.id, made["created"]]);
    }
    const { status, fields } = await ada.ask("POST", `/${made.id}`, { persistent: true });
    assert.deepEqual([status, fields.map(({ path }) => path)], [400, ["url", "event", "associatedUuid"]]);
  });

  it("changes what is said, and leaves the rest", async () => {
    await using face = await runFace();
    const ada = await face.someone("ada");
    const uuid = await face.file(ada, "pictures");
    const { id } = await ada.subscribe({
      url,
      event: "DELETED",
      associatedUuid: uuid,
      persistent: true,
      policy: delayed,
    });
    const changed = async (body: object) => (await ada.ask("PATCH", `/${id}`, body)).result;
    assert.deepEqual((await changed({}))["policy"], delayed);
    const one = await changed({ Policy: { RETRYLIMIT: 3 }, event: "RENAME" });
    assert.deepEqual([one["policy"], one["event"], one["url"]], [{ ...delayed, retryLimit: 3 }, "RENAME", url]);
    const two = await changed({ policy: { retryStrategyType: "immediate", retryDelay: 0 }, persistent: null });
    assert.deepEqual(
      [two["policy"], two["persistent"]],
      [{ ...delayed, retryStrategy: "IMMEDIATE", retryDelay: 0, retryLimit: 3 }, false],
    );
    for (const [body, path] of [
      [{ url: "" }, "url"],
      [{ event: "RUNNING" }, "event"],
      [{ evnt: "RUNNING" }, "evnt"],
      [{ policy: { retryDelay: 1 } }, "policy.retryDelay"],
    ] as const) {
      const { status, fields } = await ada.ask("PATCH", `/${id}`, body);
      assert.deepEqual([status, fields[0]?.path], [400, path]);
    }
  });

  it("takes what was read, with the password that is never shown", async () => {
    await using face = await runFace();
    await using hooked = await receiver();
    const ada = await face.someone("ada");
    const uuid = await face.file(ada, "pictures");
    const withPassword = hooked.url.replace("http://", "http://ada:secret@");
    const body = { url: withPassword, event: "OVERWRITTEN", associatedUuid: uuid, persistent: true };
    const { id } = await ada.subscribe(body);
    const { result } = await ada.ask("GET", `/${id}`);
    const sent = await ada.ask("POST", `/${id}`, { ...result, event: "*" });
    assert.deepEqual([sent.status, sent.result["event"], sent.result["persistent"]], [200, "*", true]);
    assert.equal((await ada.ask("POST", `/${id}/attempts`)).result["status"], "DELIVERED");
    assert.equal(hooked.heard[0]?.headers["authorization"], `Basic ${Buffer.from("ada:secret").toString("base64")}`);
    // Elsewhere it is sent to nobody.
    await ada.ask("PATCH", `/${id}`, { url: `${hooked.url}/elsewhere` });
    assert.equal((await ada.ask("POST", `/${id}/attempts`)).result["status"], "DELIVERED");
    assert.equal(hooked.heard[1]?.headers["authorization"], undefined);
  });

  it("takes effect with the next event", async () => {
    await using face = await runFace();
    await using hooked = await receiver();
    const ada = await face.someone("ada");
    const uuid = await face.file(ada, "pictures");
    const put = () => ada.s3.send(new PutObjectCommand({ Bucket: "pictures", Key: "picsumipsum.txt", Body: "x" }));
    const { id } = await ada.subscribe({ url: `${hooked.url}/a`, event: "DELETED", associatedUuid: uuid });
    await put();
    await ada.ask("PATCH", `/${id}`, { url: `${hooked.url}/b`, event: "OVERWRITTEN" });
    await put();
    await until("it has fired", async () => (await ada.ask("GET", `/${id}`)).result["status"] === "COMPLETE");
    assert.deepEqual(
      hooked.heard.map(({ path }) => path),
      ["/b"],
    );
    for (const method of ["POST", "PUT", "PATCH"]) {
      const body = { url, event: "*", associatedUuid: uuid };
      const { status, code } = await ada.ask(method, `/${id}`, body);
      assert.deepEqual([status, code], [412, "precondition_failed"], method);
    }
  });

  it("loses nothing when many do it at once", async () => {
    await using face = await runFace();
    const ada = await face.someone("ada");
    const uuid = await face.file(ada, "pictures");
    const { id } = await ada.subscribe({ url, event: "*", associatedUuid: uuid });
    const changes = [{ event: "DELETED" }, { persistent: true }, { url: `${url}other` }, { policy: { retryLimit: 9 } }];
    const answers = await Promise.all(changes.map((body) => ada.ask("PATCH", `/${id}`, body)));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200],
    );
    const { result } = await ada.ask("GET", `/${id}`);
    assert.deepEqual(
      [result["event"], result["persistent"], result["url"], result["policy"]],
      ["DELETED", true, `${url}other`, { ...byDefault, retryLimit: 9 }],
    );
    const replaced = await Promise.all(
      ["RENAME", "MOVED", "DELETED"].map((event) => ada.ask("POST", `/${id}`, { url, event, associatedUuid: uuid })),
    );
    assert.deepEqual(
      replaced.map(({ status }) => status),
      [200, 200, 200],
    );
  });

  it("is told to who watches it, and so is its end", async () => {
    await using face = await runFace();
    await using hooked = await receiver();
    const ada = await face.someone("ada");
    const uuid = await face.file(ada, "pictures");
    const { id } = await ada.subscribe({ url, event: "*", associatedUuid: uuid });
    const watching = await ada.subscribe({ url: hooked.url, event: "*", associatedUuid: id, persistent: true });
    assert.deepEqual((watching["_links"] as Record<string, unknown>)["subscription"], {
      href: `${face.server.url}/notifications/v2/${id}`,
    });
    await ada.ask("PATCH", `/${id}`, { persistent: true });
    const deleted = await ada.ask("DELETE", `/${id}`);
    assert.deepEqual([deleted.status, deleted.result], [200, {}]);
    await until("both are heard", () => hooked.heard.length === 2);
    const told = new Set(hooked.heard.map(({ body }) => body["event"]));
    assert.deepEqual(told, new Set(["UPDATED", "DELETED"]));
    assert.equal((await ada.ask("DELETE", `/${id}`)).status, 404);
  });
});
