import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { Role } from "../../src/domain/access.ts";
import { until } from "../support/until.ts";
import { type Face, receiver, runFace, type Somebody } from "./v2-server.ts";

const url = "https://hooks.example.com/";
const roles: readonly Role[] = ["admin", "developer", "member"];

async function share(face: Face, uuid: string, grantee: string, method = "PUT"): Promise<void> {
  const response = await fetch(`${face.server.url}/api/cloud/resources/${uuid}/pems/${grantee}/`, {
    method,
    headers: { authorization: `Bearer ${face.server.token}`, "content-type": "application/json" },
    ...(method === "PUT" ? { body: JSON.stringify({ permission: "read" }) } : {}),
  });
  assert.equal(response.status, 200, await response.text());
}

describe("subscribing", () => {
  it("is for who sees the resource: to others it does not exist", async () => {
    await using face = await runFace();
    await face.tenant("acme");
    const ada = await face.someone("ada");
    const uuid = await face.file(ada, "pictures");
    const body = { url, event: "*", associatedUuid: uuid };
    const missing = await ada.ask("POST", "/", { ...body, associatedUuid: "0001409758089943-5056a550b8-0001-002" });
    const statusOf = async (who: Somebody) => {
      const { status, message } = await who.ask("POST", "/", body);
      if (status !== 201) assert.deepEqual([status, message], [404, missing.message]);
      return status;
    };
    for (const role of roles) {
      const here = await face.someone(`a-${role}`, role);
      assert.equal(await statusOf(here), role === "member" ? 404 : 201, role);
      const elsewhere = await face.someone(`a-${role}`, role, "acme");
      assert.equal(await statusOf(elsewhere), 404, `${role} of another tenant`);
    }
    const bob = await face.someone("bob");
    assert.equal(await statusOf(bob), 404);
    await share(face, uuid, "bob");
    assert.equal(await statusOf(bob), 201);
    assert.equal((await ada.ask("POST", "/", body, { "x-signalbox-tenant": "acme" })).status, 404);
    const operating = await face.operator.ask("POST", "/", body, { "x-signalbox-tenant": "acme" });
    assert.equal(operating.status, 404);
  });

  it("to all resources is for admins", async () => {
    await using face = await runFace();
    await using hooked = await receiver();
    for (const role of roles) {
      const who = await face.someone(`a-${role}`, role);
      const { status, code } = await who.ask("POST", "/", { url, event: "UPDATED", associatedUuid: "*" });
      assert.deepEqual([status, code], role === "admin" ? [201, undefined] : [403, "forbidden"], role);
    }
    // Whatever its kind, of which only what all events tell is known.
    const wrong = await face.operator.ask("POST", "/", { url: `${url}\${PATH}`, event: "*", associatedUuid: "*" });
    assert.deepEqual(
      wrong.fields.map(({ path }) => path),
      ["url"],
    );
    const body = { url: `${hooked.url}/\${EVENT}`, event: "*", associatedUuid: "*", persistent: true };
    const { _links } = await face.operator.subscribe(body);
    assert.deepEqual(Object.keys(_links as object), ["self", "attempts", "owner"]);
    const ada = await face.someone("ada");
    await face.file(ada, "pictures");
    await until("all is heard", () => hooked.heard.some(({ path }) => path === "/UPLOADED"));
  });
});

describe("route × role × other tenant", () => {
  it("is walked: who may not know of a subscription is told what they are told of none", async () => {
    await using face = await runFace();
    await face.tenant("acme");
    const ada = await face.someone("ada");
    const uuid = await face.file(ada, "pictures");
    const { id } = await ada.subscribe({ url, event: "*", associatedUuid: uuid, persistent: true });
    const attempt = `0000000000000001-${id.slice(0, -4)}-042`;
    const body = { url, event: "*", associatedUuid: uuid, persistent: true };
    const routes: readonly (readonly [string, string, unknown, number])[] = [
      ["GET", "", undefined, 200],
      ["POST", "", body, 200],
      ["PUT", "", body, 200],
      ["PATCH", "", { persistent: true }, 200],
      ["GET", "/attempts", undefined, 200],
      ["DELETE", "/attempts", undefined, 200],
      ["GET", `/attempts/${attempt}`, undefined, 404],
      ["DELETE", `/attempts/${attempt}`, undefined, 404],
      // Last: it takes away what the others name.
      ["DELETE", "", undefined, 200],
    ];
    const strangers = [
      await face.someone("bob"),
      await face.someone("dev", "developer"),
      await face.someone("ada", "member", "acme"),
      await face.someone("anna", "admin", "acme"),
    ];
    const nobodys = id.replace(/^./, (digit) => (digit === "1" ? "2" : "1"));
    const anna = await face.someone("anna", "admin");
    for (const [method, path, said, is] of routes) {
      for (const who of strangers) {
        const other = await who.ask(method, `/${id}${path}`, said);
        const none = await who.ask(method, `/${nobodys}${path}`, said);
        assert.deepEqual([other.status, other.text], [404, none.text], `${method} ${path} as ${who.name}`);
      }
      const anonymous = await ada.ask(method, `/${id}${path}`, said, { authorization: "" });
      assert.equal(anonymous.status, 401, `${method} ${path}`);
      for (const who of method === "DELETE" && path === "" ? [anna] : [ada, anna, face.operator]) {
        assert.equal((await who.ask(method, `/${id}${path}`, said)).status, is, `${method} ${path} as ${who.name}`);
      }
    }
    for (const [method, path, said] of routes) {
      assert.equal((await ada.ask(method, `/${id}${path}`, said)).status, 404, `${method} ${path} once it is deleted`);
    }
    assert.equal((await ada.ask("GET", `/?visible=false&id=${id}`)).list.length, 1);
  });

  it("knows of subscriptions of this face alone", async () => {
    await using face = await runFace();
    await face.file(face.operator, "pictures");
    const rule = await face.server.api<{ id: string }>("POST", "/api/cloud/buckets/pictures/notifications/", { url });
    assert.equal((await face.operator.ask("GET", `/${rule.id}`)).status, 404);
    assert.equal((await face.operator.ask("DELETE", `/${rule.id}`)).status, 404);
    assert.deepEqual((await face.operator.ask("GET", "/?visible.neq=perhaps")).status, 400);
    assert.deepEqual((await face.operator.ask("GET", "/?visible=true")).list, []);
  });

  it("leaves an owner who lost sight of the resource what it asked for itself", async () => {
    await using face = await runFace();
    await using hooked = await receiver();
    const [ada, bob] = [await face.someone("ada"), await face.someone("bob")];
    const uuid = await face.file(ada, "pictures");
    await share(face, uuid, "bob");
    const body = { url: `${hooked.url}/?path=\${PATH}`, event: "OVERWRITTEN", associatedUuid: uuid, persistent: true };
    const { id } = await bob.subscribe(body);
    const watching = await ada.subscribe({ url: hooked.url, event: "*", associatedUuid: uuid, persistent: true });
    await share(face, uuid, "bob", "DELETE");
    await ada.s3.send(new PutObjectCommand({ Bucket: "pictures", Key: "picsumipsum.txt", Body: "secret" }));
    const heard = async (who: Somebody, of: string) => (await who.ask("GET", `/${of}/attempts?event=OVERWRITTEN`)).list;
    await until("its owner hears of it", async () => (await heard(ada, watching.id)).length === 1);
    assert.deepEqual(await heard(bob, id), []);
    const { result } = await bob.ask("GET", `/${id}`);
    assert.deepEqual([result["url"], result["status"]], [body.url, "ACTIVE"]);
    // Where to and how long is still theirs to say; what about is not.
    assert.equal((await bob.ask("PATCH", `/${id}`, { persistent: false })).status, 200);
    assert.equal((await bob.ask("PATCH", `/${id}`, { associatedUuid: uuid })).status, 404);
    assert.equal((await bob.ask("POST", `/${id}`, body)).status, 404);
    assert.equal((await bob.ask("DELETE", `/${id}`)).status, 200);
  });
});
