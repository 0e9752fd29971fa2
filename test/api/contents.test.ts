/** Objects that are stored, read and deleted through the API, in the whole of Signalbox. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { GetObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";

const objects = "/api/cloud/buckets/alpha/objects/";

interface Sent {
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: string;
}

async function serving(env: Readonly<Record<string, string>> = {}) {
  const server = await runServer(env);
  await server.api("POST", "/api/cloud/buckets/", { name: "alpha" });
  const ask = (method: string, key: string, { body, headers = {}, token = server.token }: Sent = {}) =>
    fetch(new URL(`${objects}?key=${encodeURIComponent(key)}`, server.url), {
      method,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(body === undefined ? {} : { body }),
    });
  const put = (key: string, body: Sent["body"] = "hello", headers: Sent["headers"] = {}) =>
    ask("PUT", key, { body, headers });
  return { server, ask, put, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** What an answer refuses with. */
async function refusal(answer: Response): Promise<string> {
  const { code, message } = (await answer.json()) as { readonly code: string; readonly message: string };
  return `${answer.status} ${code}: ${message}`;
}

async function keys(server: RunningServer): Promise<readonly string[]> {
  const { files } = await server.api<{ files: readonly { path: string }[] }>("GET", "/api/cloud/files/?bucket=alpha");
  return files.map(({ path }) => path);
}

describe("an object through the API", () => {
  it("is what an S3 client reads, and comes back as an attachment that does nothing", async () => {
    await using scene = await serving();
    const { server, ask, put } = scene;
    const stored = await put("pages/ü.html", "<script>alert(1)</script>", {
      "content-type": "text/html",
      "content-language": "en",
      "x-signalbox-meta-author": "ada",
      "x-signalbox-meta-city": "Zürich",
    });
    assert.equal(stored.status, 200);
    const { data } = (await stored.json()) as { data: Readonly<Record<string, unknown>> };
    assert.deepEqual(
      [data["path"], data["length"], data["mimeType"], data["metadata"]],
      ["pages/ü.html", 25, "text/html", { author: "ada", city: "Zürich" }],
    );
    const at = { Bucket: "alpha", Key: "pages/ü.html" };
    const { Body, ContentType, Metadata, ETag } = await server.s3.send(new GetObjectCommand(at));
    assert.deepEqual(
      [await Body?.transformToString(), ContentType, Metadata?.["author"], ETag],
      ["<script>alert(1)</script>", "text/html", "ada", `"${String(data["eTag"])}"`],
    );

    const whole = await ask("GET", "pages/ü.html");
    assert.equal(await whole.text(), "<script>alert(1)</script>");
    const head = await ask("HEAD", "pages/ü.html");
    for (const { status, headers } of [whole, head]) {
      assert.equal(status, 200);
      const wanted = {
        "content-type": "text/html",
        "content-length": "25",
        "content-language": "en",
        "content-disposition": "attachment; filename=\"_.html\"; filename*=UTF-8''%C3%BC.html",
        "content-security-policy": "sandbox",
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "no-store",
        "accept-ranges": "bytes",
        etag: ETag,
        "x-signalbox-meta-author": "ada",
        "x-signalbox-uuid": data["uuid"],
      };
      assert.deepEqual(Object.fromEntries(Object.keys(wanted).map((name) => [name, headers.get(name)])), wanted);
    }

    assert.equal((await ask("DELETE", "pages/ü.html")).status, 200);
    await assert.rejects(server.s3.send(new HeadObjectCommand(at)));
    for (const method of ["GET", "DELETE"]) {
      assert.equal(await refusal(await ask(method, "pages/ü.html")), "404 not_found: The object does not exist.");
    }
  });

  it("is read in ranges, and only as it is wanted", async () => {
    await using scene = await serving();
    const { ask, put } = scene;
    await put("k", "0123456789");
    const etag = (await ask("HEAD", "k")).headers.get("etag") ?? "";
    const read = async (headers: Readonly<Record<string, string>>) => {
      const answer = await ask("GET", "k", { headers });
      return `${answer.status} ${answer.headers.get("content-range") ?? "-"} ${answer.status < 400 ? await answer.text() : await refusal(answer)}`;
    };
    assert.equal(await read({ range: "bytes=2-4" }), "206 bytes 2-4/10 234");
    assert.equal(await read({ range: "bytes=-3" }), "206 bytes 7-9/10 789");
    assert.equal(await read({ range: "bytes=2-4", "if-range": '"another"' }), "200 - 0123456789");
    assert.equal(await read({ "if-none-match": etag }), "304 - ");
    assert.match(await read({ range: "bytes=10-" }), /^416 - 416 range_not_satisfiable: range: /);
    assert.match(await read({ "if-match": '"another"' }), /^412 - 412 precondition_failed: If-Match: /);
    assert.equal((await ask("HEAD", "k", { headers: { range: "bytes=0-0" } })).headers.get("content-length"), "1");
  });

  it("is stored only where nothing is, or in place of what is known, when that is asked", async () => {
    await using scene = await serving();
    const { ask, put } = scene;
    const once = { "if-none-match": "*" };
    const [one, two] = await Promise.all([put("k", "first", once), put("k", "first", once)]);
    assert.deepEqual(new Set([one.status, two.status]), new Set([200, 412]));
    const etag = (await ask("HEAD", "k")).headers.get("etag") ?? "";
    assert.match(
      await refusal(await put("k", "x", { "if-match": '"another"' })),
      /^412 precondition_failed: If-Match: /,
    );
    assert.equal((await put("k", "second", { "if-match": etag })).status, 200);
    assert.match(await refusal(await put("none", "x", { "if-match": etag })), /^404 not_found/);
    assert.match(
      await refusal(await put("k", "x", { "if-none-match": etag })),
      /^400 invalid_request: .*If-None-Match/,
    );
    assert.match(await refusal(await ask("DELETE", "k", { headers: { "if-match": etag } })), /^412/);
    assert.equal(await (await ask("GET", "k")).text(), "second");
  });

  it("may have any key", async () => {
    await using scene = await serving();
    const { server, ask, put } = scene;
    const hostile = [
      "/",
      "//",
      "a//b",
      ".",
      "..",
      "../../etc/passwd",
      "a/",
      "%2F",
      "%",
      "+ +",
      "?x=1&key=y#z",
      "a\r\nb: c",
      "ü 🗝 \u202e",
      "x".repeat(1024),
    ];
    for (const key of hostile) {
      assert.equal((await put(key, key)).status, 200, key);
      const answer = await ask("GET", key);
      assert.equal(await answer.text(), key);
      assert.match(answer.headers.get("content-disposition") ?? "", /^attachment; filename="[^"]+"/);
    }
    assert.deepEqual((await keys(server)).toSorted(), hostile.toSorted());
    for (const key of hostile) assert.equal((await ask("DELETE", key)).status, 200, key);
    for (const key of ["", "a\0b", "x".repeat(1025)]) {
      for (const method of ["PUT", "GET", "DELETE"]) {
        assert.match(await refusal(await ask(method, key)), /^400 invalid_request: key: /, JSON.stringify(key));
      }
    }
    assert.deepEqual(await keys(server), []);
  });

  it("may be of any type, or of none, and empty", async () => {
    await using scene = await serving();
    const { ask, put } = scene;
    for (const type of ["application/json", "multipart/form-data; boundary=x", "text/plain;charset=latin1"]) {
      assert.equal((await put("k", "{", { "content-type": type })).status, 200, type);
      assert.equal((await ask("GET", "k")).headers.get("content-type"), type);
    }
    assert.equal((await put("k", new Uint8Array([0, 255, 254]))).status, 200);
    assert.deepEqual([...new Uint8Array(await (await ask("GET", "k")).arrayBuffer())], [0, 255, 254]);
    assert.equal((await ask("PUT", "empty")).status, 200);
    assert.equal((await ask("HEAD", "empty")).headers.get("content-length"), "0");
    assert.equal(await (await ask("GET", "empty")).text(), "");
  });

  it("is refused when it is too large, damaged, or says too much of itself", async () => {
    await using scene = await serving({ SIGNALBOX_MAX_OBJECT_BYTES: "8" });
    const { server, ask, put } = scene;
    assert.equal((await put("k", "12345678")).status, 200);
    const large = /^413 too_large: the object is larger .*SIGNALBOX_MAX_OBJECT_BYTES/;
    assert.match(await refusal(await put("large", "123456789")), large);
    const chunked = new ReadableStream({
      start: (controller) => {
        controller.enqueue(Buffer.from("12345"));
        controller.enqueue(Buffer.from("67890"));
        controller.close();
      },
    });
    const url = new URL(`${objects}?key=large`, server.url);
    const headers = { authorization: `Bearer ${server.token}` };
    assert.match(await refusal(await fetch(url, { method: "PUT", headers, body: chunked, duplex: "half" })), large);
    assert.match(await refusal(await put("k", "x", { "content-md5": "x" })), /^400 invalid_request: content-md5/);
    assert.match(
      await refusal(await put("k", "x", { "content-md5": "XUFAKrxLKna5cZ2REBfFkg==" })),
      /^400 invalid_request: content-md5/,
    );
    assert.match(
      await refusal(await put("k", "x", { "x-signalbox-meta-a": "x".repeat(2048) })),
      /^400 invalid_request: x-signalbox-meta-\*/,
    );
    assert.deepEqual(await keys(server), ["k"]);
    assert.equal(await (await ask("GET", "k")).text(), "12345678");
  });

  it("has room within the tenant's quotas only", async () => {
    await using scene = await serving({ SIGNALBOX_QUOTA_BYTES: "10" });
    const { server, put } = scene;
    assert.equal((await put("a", "0123456789")).status, 200);
    assert.match(await refusal(await put("b", "x")), /^409 quota_exceeded/);
    assert.equal((await put("a", "01234")).status, 200);
    assert.deepEqual(await keys(server), ["a"]);
  });

  it("is refused by hooks before its bytes are taken, in the words of the API", async () => {
    await using scene = await serving();
    const { server, ask, put } = scene;
    await put("kept.txt");
    await server.api("POST", "/api/apps/", { name: "Files", slug: "files" });
    const code =
      'export default ({ params }) => params.key.startsWith("k") ? { decision: "deny", message: "not " + params.key } : { decision: "allow", patch: { metadata: { seen: params.metadata.by ?? "no" } } };';
    const fn = await server.api<{ id: number }>("POST", "/api/apps/files/functions/", { name: "Warden", code });
    for (const event of ["PRE_OBJECT_PUT", "PRE_OBJECT_DELETE"]) {
      await server.api("POST", `/api/cloud/events/${event}/subscribe/`, { function_id: fn.id });
    }
    assert.equal(
      await refusal(await put("k", "x".repeat(2 ** 20))),
      "400 hook_denied: Function 'Warden' refused PRE_OBJECT_PUT: not k",
    );
    assert.match(
      await refusal(await ask("DELETE", "kept.txt")),
      /^400 hook_denied: .*PRE_OBJECT_DELETE: not kept\.txt/,
    );
    assert.equal((await put("a", "x", { "x-signalbox-meta-by": "ann" })).status, 200);
    assert.equal((await ask("HEAD", "a")).headers.get("x-signalbox-meta-seen"), "ann");
    assert.deepEqual(await keys(server), ["a", "kept.txt"]);
  });

  it("comes by a link that names the tenant, for operators alone", async () => {
    await using scene = await serving();
    const { server, put } = scene;
    await put("a.txt", "of the default");
    await server.api("POST", "/api/cloud/tenants/", { id: "other" });
    const asked = async (tenant: string, token = server.token, said: Readonly<Record<string, string>> = {}) =>
      fetch(new URL(`${objects}?key=a.txt&tenant=${tenant}`, server.url), {
        headers: { authorization: `Bearer ${token}`, ...said },
      });
    assert.equal(await (await asked("default")).text(), "of the default");
    assert.equal((await asked("other")).status, 404);
    assert.equal((await asked("none")).status, 404);
    assert.equal(
      (await asked("default", server.token, { "x-signalbox-tenant": "other" })).status,
      404,
      "a header counts",
    );
    const { token } = await server.api<{ token: string }>("POST", "/api/cloud/tokens/", {
      principal: "a",
      role: "admin",
    });
    assert.equal((await asked("default", token)).status, 200);
    assert.match(await refusal(await asked("other", token)), /^404 not_found: tenant 'other'/);
  });

  it("comes to nothing when its sender goes away, or their token ends, while it comes", async () => {
    await using scene = await serving();
    const { server } = scene;
    const { host, port } = { host: "127.0.0.1", port: Number(new URL(server.url).port) };
    const made = await server.api<{ id: string; token: string }>("POST", "/api/cloud/tokens/", {
      principal: "ann",
      role: "admin",
    });
    const begin = async (): Promise<{
      readonly socket: ReturnType<typeof connect>;
      readonly received: () => string;
    }> => {
      const socket = connect(port, host);
      let text = "";
      socket.on("data", (bytes) => (text += bytes.toString("latin1")));
      socket.write(
        `PUT ${objects}?key=late HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${made.token}\r\nexpect: 100-continue\r\ncontent-length: 10\r\n\r\n`,
      );
      await until("it may be sent", () => text.includes("100 Continue"));
      socket.write("12345");
      return { socket, received: () => text };
    };
    const gone = await begin();
    gone.socket.destroy();
    await once(gone.socket, "close");
    const { socket, received } = await begin();
    await server.api("DELETE", `/api/cloud/tokens/${made.id}/`);
    socket.write("67890");
    await until("it is answered", () => received().includes("unauthenticated"));
    socket.destroy();
    await once(socket, "close");
    assert.deepEqual(await keys(server), []);
  });
});
