import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runFace, type Somebody } from "./v2-server.ts";

interface Answered {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Somebody's own requests, to whatever path or link. */
function reader(url: string, token: string) {
  return async (path: string, method = "GET", body?: object): Promise<Answered> => {
    const response = await fetch(new URL(path, url), {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Answered["body"];
    return { status: response.status, body: (answer["data"] ?? answer["result"] ?? answer) as Answered["body"] };
  };
}

function linksIn(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === "href" && typeof inner === "string" ? [inner] : linksIn(inner),
  );
}

describe("who one is", () => {
  it("is told at /api/cloud/users/me/, and changed there", async () => {
    await using face = await runFace();
    const { server } = face;
    const { url } = server;
    const ada = reader(url, (await face.someone("ada")).token);
    const none = await ada("/api/cloud/users/me/");
    assert.equal(none.status, 404);
    assert.match(String(none.body["message"]), /'ada' is a principal and no user: an admin makes a user of that name/);
    const { uuid } = await server.api<{ uuid: string }>("POST", "/api/cloud/users/", { username: "ada" });
    const own = await ada("/api/cloud/users/me/");
    assert.deepEqual([own.status, own.body["uuid"], own.body["username"]], [200, uuid, "ada"]);
    const changed = await ada("/api/cloud/users/me/", "PATCH", { email: "ada@example.com" });
    assert.deepEqual([changed.status, changed.body["email"]], [200, "ada@example.com"]);
    assert.equal((await ada("/api/cloud/users/me/", "PATCH", { username: "root" })).status, 400);
    assert.equal((await ada("/api/cloud/users/me/", "DELETE")).status, 403);
    const operator = reader(url, face.server.token);
    assert.equal((await operator("/api/cloud/users/me/", "DELETE")).status, 404, "nobody deletes themselves unnamed");
  });

  it("is told at /profiles/v2/me of principals, too; of others as far as one sees them", async () => {
    await using face = await runFace();
    const { server } = face;
    const { url } = server;
    const people = await Promise.all(["ada", "ben"].map((name) => face.someone(name)));
    const [ada, ben] = people.map(({ token }) => reader(url, token));
    assert.ok(ada !== undefined && ben !== undefined);
    const admin = reader(url, (await face.someone("root", "admin")).token);
    const bare = await ada("/profiles/v2/me");
    assert.deepEqual(
      [bare.status, bare.body["username"], bare.body["uuid"], bare.body["status"]],
      [200, "ada", null, "ACTIVE"],
    );
    const { uuid } = await server.api<{ uuid: string }>("POST", "/api/cloud/users/", {
      username: "ada",
      email: "ada@example.com",
      first_name: "Ada",
    });
    const { body: own } = await ada("/profiles/v2/me");
    assert.deepEqual([own["uuid"], own["full_name"], own["email"]], [uuid, "Ada", "ada@example.com"]);
    assert.deepEqual((await ada("/profiles/v2/ada")).body, own);
    assert.deepEqual((await admin("/profiles/v2/ada")).body, own);
    for (const name of ["ada", "root", "nobody"]) assert.equal((await ben(`/profiles/v2/${name}`)).status, 404, name);
    assert.equal((await admin("/profiles/v2/ben")).body["username"], "ben");
    assert.equal((await admin("/profiles/v2/nobody")).status, 404);
    await ada(`/api/cloud/resources/${uuid}/pems/ben/`, "PUT", { permission: "read" });
    assert.equal((await ben("/profiles/v2/ada")).body["uuid"], uuid);
  });
});

describe("the links of an answer", () => {
  it("lead somewhere for its readers: the owner, admins, and operators in another tenant", async () => {
    await using face = await runFace();
    const { url } = face.server;
    const ada = await face.someone("ada");
    const admin = await face.someone("root", "admin");
    const uuid = await face.file(ada, "pictures");
    const made = await ada.subscribe({ associatedUuid: uuid, event: "*", persistent: true, url: "https://a.example/" });
    const watching = await ada.subscribe({ associatedUuid: made.id, event: "*", url: "https://a.example/" });
    await face.tenant("acme");
    const elsewhere = await face.operator.ask(
      "POST",
      "/",
      { associatedUuid: "*", event: "*", url: "https://a.example/" },
      { "x-signalbox-tenant": "acme" },
    );
    const theirs = await face.someone("root", "admin", "acme");
    const followed = async (who: Somebody, path: string): Promise<void> => {
      const { text } = await who.ask("GET", path);
      const links = linksIn(JSON.parse(text));
      assert.ok(links.length > 0, text);
      for (const link of links) assert.equal((await reader(url, who.token)(link)).status, 200, `${who.name}: ${link}`);
    };
    await ada.ask("POST", `/${made.id}/attempts`, {});
    for (const who of [ada, admin]) {
      for (const id of [made.id, watching.id]) await followed(who, `/${id}`);
      await followed(who, "/");
      await followed(who, `/${made.id}/attempts`);
    }
    await followed(theirs, `/${String(elsewhere.result["id"])}`);
  });
});
