/** docs/host-interface.md: its commands against a running server, and its tables against the routes. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { hostDocument } from "../support/api.ts";
import { askHost } from "../support/host-listener.ts";
import { runServer } from "../support/in-process.ts";
import { blocksOf, codesOf, read } from "../support/markdown.ts";
import type { OpenApi } from "../support/openapi-document.ts";

const page = "docs/host-interface.md";

it(`${page} shows requests that succeed as they stand there`, async () => {
  await using server = await runServer({ SIGNALBOX_HOST_LISTEN: "127.0.0.1:0" });
  const { token } = await server.api<{ readonly token: string }>("POST", "/api/cloud/tokens/", {
    principal: "platform",
    role: "host",
    all_tenants: true,
  });
  const blocks = blocksOf(read(page)).filter(({ info }) => info === "sh host");
  assert.ok(blocks.length > 0);
  for (const { text, line } of blocks) {
    for (const [, method = "", path = "", body = ""] of text.matchAll(/^host ([A-Z]+) (\S+)(?: '([^']*)')?$/gm)) {
      const asked = { method, path, token, ...(body === "" ? {} : { body: JSON.parse(body) as unknown }) };
      const answer = await askHost(server.signalbox.hostUrl ?? "", asked);
      assert.ok(answer.status < 300, `${page}:${line}: ${method} ${path}: ${answer.text}`);
    }
  }
});

it(`${page} names the routes of resources and users`, async () => {
  const { paths } = JSON.parse(await hostDocument()) as OpenApi;
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const named = new Set(codesOf(read(page)));
  const mine = routes.filter((route) => /\/host\/v1\/(?:resources|users)\//.test(route));
  assert.ok(mine.length > 10);
  assert.deepEqual(
    mine.filter((route) => !named.has(route)),
    [],
  );
});
