import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { it } from "node:test";
import { promisify } from "node:util";
import { hooked } from "../support/functions-api.ts";
import { askHost } from "../support/host-listener.ts";
import { runServer } from "../support/in-process.ts";
import { blocksOf, codesOf, read, rowsOf } from "../support/markdown.ts";
import type { OpenApi } from "../support/openapi-document.ts";
import { processEnv } from "../support/process-env.ts";

const page = "docs/host-interface.md";
const run = promisify(execFile);

it(`${page} names every route of the host interface in a table`, () => {
  const { paths } = JSON.parse(read("test/golden/host-openapi.json")) as OpenApi;
  const routes = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const named = rowsOf(read(page)).flatMap(([cell = ""]) => codesOf(cell));
  assert.deepEqual(
    routes.filter((route) => !named.includes(route)),
    [],
  );
});

it(`${page} is done as it stands there: tokens by the command, events and tasks by curl`, async () => {
  await using server = await runServer({ SIGNALBOX_HOST_LISTEN: "127.0.0.1:0" });
  const bin = new URL("../../src/cli/bin.js", import.meta.url).pathname;
  const asOperator = { ...processEnv, SIGNALBOX_URL: server.url, SIGNALBOX_TOKEN: server.token };
  const blocks = blocksOf(read(page));
  let token = "";
  for (const { text } of blocks.filter(({ info }) => info === "sh signalbox")) {
    for (const line of text.trim().split("\n")) {
      const script = `signalbox() { "${process.execPath}" "${bin}" "$@"; }; ${line}`;
      const { stdout } = await run("bash", ["-c", script], { env: asOperator });
      token ||= /sbx_[A-Za-z0-9_-]+/.exec(stdout)?.[0] ?? assert.fail(stdout);
    }
  }
  const { id } = await hooked(server, "POST_USER_CREATE", "export default async () => ({ sent: true });");
  const event = { event_type: "POST_USER_CREATE", params: { user_id: 1, username: "a", email: "a@example.com" } };
  const first = await fetch(new URL("/host/v1/events/", server.signalbox.hostUrl), {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(event),
  });
  const { data } = (await first.json()) as { data: { task_ids: { task_id: string; function_id: number }[] } };
  assert.equal(data.task_ids[0]?.function_id, id);
  const env = {
    ...processEnv,
    HOST_URL: server.signalbox.hostUrl ?? "",
    HOST_TOKEN: token,
    TASK_ID: data.task_ids[0]?.task_id ?? "",
  };
  for (const { text, line } of blocks.filter(({ info }) => info === "sh curl")) {
    const { stdout } = await run("bash", ["-c", text], { env });
    const answer = JSON.parse(stdout) as { status?: string; success?: boolean; data: { status?: string } };
    assert.ok(answer.status === "success" || answer.data.status === "success", `${page}:${line} answered ${stdout}`);
  }
});

it(`${page} shows requests that succeed as they stand there`, async () => {
  await using server = await runServer({ SIGNALBOX_HOST_LISTEN: "127.0.0.1:0" });
  const { token } = await server.api<{ readonly token: string }>("POST", "/api/cloud/tokens/", {
    principal: "platform",
    role: "host",
    all_tenants: true,
  });
  const blocks = blocksOf(read(page)).filter(({ info }) => info === "sh host");
  assert.ok(blocks.length > 0);
  let operation = "";
  for (const { text, line } of blocks) {
    for (const [, method = "", said = "", body = ""] of text.matchAll(/^host ([A-Z]+) (\S+)(?: '([^']*)')?$/gm)) {
      const path = said.replace("$OPERATION_ID", operation);
      const asked = { method, path, token, ...(body === "" ? {} : { body: JSON.parse(body) as unknown }) };
      const answer = await askHost(server.signalbox.hostUrl ?? "", asked);
      assert.ok(answer.status < 300, `${page}:${line}: ${method} ${path}: ${answer.text}`);
      const { data } = answer.json as { readonly data?: { readonly operation_id?: string } };
      operation = data?.operation_id ?? operation;
    }
  }
});
