import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { it } from "node:test";
import { runCommand } from "../../src/cli/run.ts";
import { testApi } from "../support/api.ts";
import { browserOf, codeOf } from "../support/browser.ts";
import { asking } from "./asking.ts";

it("login-link prints a link, for oneself or for another, and session lists and ends what came of it", async () => {
  await using api = await testApi();
  const signalbox = await asking(api);
  await api.tokenOf("member", "mia");
  const own = await signalbox("login-link");
  assert.deepEqual([own.code, own.err], [0, ""]);
  const admin = await browserOf(api, { code: codeOf(own.out.trim()) });
  api.clock.advance(1);
  const mia = await browserOf(api, { code: codeOf((await signalbox("login-link", "--principal", "mia")).out.trim()) });
  assert.equal(mia.self["principal"], "mia");
  const listed = await signalbox("session", "list");
  assert.match(listed.out, new RegExp(`^ID .*\n${mia.session} +mia +member .*\n${admin.session} +admin +operator `));
  assert.equal((await signalbox("session", "end", mia.session)).code, 0);
  assert.doesNotMatch((await signalbox("session", "list")).out, /mia/);
  assert.match((await signalbox("whoami")).out, /^principal: +admin\nrole: +operator\ntenant: +default\n/);
  assert.match((await signalbox("login-link", "--principal", "nobody")).err, /principal 'nobody' does not exist/);
});

it("open prints the link, and opens it where there is a terminal", async () => {
  await using api = await testApi();
  await api.app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = api.app.server.address() as AddressInfo;
  const env = { SIGNALBOX_URL: `http://127.0.0.1:${port}`, SIGNALBOX_TOKEN: api.operator };
  const run = async (seen: string[] | undefined) => {
    let out = "";
    const code = await runCommand(["open"], {
      env,
      out: (text) => {
        out += text;
      },
      err: assert.fail,
      fetch: globalThis.fetch,
      ...(seen === undefined ? {} : { browse: (url: string) => void seen.push(url) }),
    });
    assert.equal(code, 0);
    return out;
  };
  const seen: string[] = [];
  const printed = await run(seen);
  assert.deepEqual(seen, [printed]);
  await browserOf(api, { code: codeOf(printed) });
  codeOf(await run(undefined));
});
