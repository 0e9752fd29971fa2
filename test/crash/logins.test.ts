/** Kills the server around logins: one that was answered is one after the restart, and a code makes one session at most. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { adminToken, type ServerProcess, serverProcess } from "../support/server-process.ts";

/** Under way at once: fewer than may be refused to one address. */
const most = 8;
/** The name of a session's cookie is of the server's address, which outlives a restart. */
const env = { SIGNALBOX_PUBLIC_URL: "http://signalbox.test" };
const sessionPath = "/api/cloud/session/";

function logIn(server: ServerProcess, by: { token: string } | { code: string }): Promise<Response> {
  return fetch(`${server.url}${sessionPath}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(by),
  });
}

async function statusOf(server: ServerProcess, cookie: string): Promise<number> {
  return (await fetch(`${server.url}${sessionPath}`, { headers: { cookie } })).status;
}

async function codeOfLink(server: ServerProcess): Promise<string> {
  const { url } = await server.api<{ readonly url: string }>("POST", "/api/cloud/login-links/", {});
  return new URL(url).hash.slice("#code=".length);
}

function cookieOf(answer: Response): string {
  return (answer.headers.get("set-cookie") ?? "").split(";", 1)[0] ?? "";
}

describe("killed", () => {
  it("as logins are answered: each that was answered goes on, each code makes one session, or is still open", async () => {
    const folder = await mkdtemp(join(tmpdir(), "signalbox-crash-"));
    await using cleaned = new AsyncDisposableStack();
    cleaned.defer(() => rm(folder, { recursive: true, force: true }));
    const cookies: string[] = [];
    const lost: string[] = [];
    let ended = "";
    {
      await using server = await serverProcess({ folder, env });
      const out = await logIn(server, { token: adminToken });
      ended = cookieOf(out);
      const headers = { cookie: ended, "sec-fetch-site": "same-origin" };
      assert.equal((await fetch(`${server.url}${sessionPath}`, { method: "DELETE", headers })).status, 200);
      const codes = await Promise.all(Array.from({ length: most }, () => codeOfLink(server)));
      let killed: Promise<void> | undefined;
      await Promise.all(
        codes.map(async (code) => {
          const answer = await logIn(server, { code }).catch(() => undefined);
          // The first answer ends the process, while others are at every point of their way.
          killed ??= server.kill();
          if (answer?.status === 200) cookies.push(cookieOf(answer));
          else lost.push(code);
        }),
      );
      await killed;
    }
    assert.ok(cookies.length > 0);
    await using server = await serverProcess({ folder, env });
    for (const cookie of cookies) assert.equal(await statusOf(server, cookie), 200, "answered, and so durable");
    assert.equal(await statusOf(server, ended), 401, "logged out of, and so for ever");
    const { sessions } = await server.api<{ readonly sessions: readonly unknown[] }>("GET", "/api/cloud/sessions/");
    let again = 0;
    for (const code of lost) {
      const { status } = await logIn(server, { code });
      if (status === 200) again += 1;
      else assert.equal(status, 401);
    }
    // Of those whose answer was lost each was a session already, or is one now.
    assert.equal(sessions.length + again, most);
  });
});
