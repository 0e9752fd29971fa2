import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ProviderScene, providerScene } from "../support/oidc-provider.ts";
import { type Hop, UserAgent } from "../support/user-agent.ts";

/** What a browser of the scene's server is, as the API tells. */
async function selfOf(agent: UserAgent, { server }: ProviderScene) {
  const { status, text } = await agent.ask(`${server.url}/api/cloud/session/`);
  const { data } = JSON.parse(text) as { readonly data?: Readonly<Record<string, unknown>> };
  return { status, data: data ?? {} };
}

function begin({ server }: ProviderScene, query = ""): string {
  return `${server.url}/dashboard/login/acme${query}`;
}

function heading({ text }: Hop): string {
  return /<h1>(.*?)<\/h1>/.exec(text)?.[1] ?? "";
}

const isCallback = (url: URL): boolean => url.pathname.endsWith("/callback");

describe("a log in at an issuer", () => {
  it("is offered, makes the user on first sight, and leads back to the place that was asked for with a session", async () => {
    await using scene = await providerScene({
      issuer: { roles: { engineers: "developer" } },
      env: { SIGNALBOX_SESSION_HOURS: "10" },
      login: { session_hours: 2 },
    });
    scene.accounts.set("ada", { email: "ada@example.com", email_verified: true, groups: ["engineers"] });
    const { server } = scene;
    const agent = new UserAgent();
    const offered = await agent.ask(`${server.url}/api/cloud/logins/`);
    assert.deepEqual((JSON.parse(offered.text) as { readonly data: unknown }).data, {
      logins: [{ id: "acme", label: "Acme", url: `${server.url}/dashboard/login/acme` }],
    });
    const place = "t/default/deliveries?status=dead";
    const end = await agent.follow(begin(scene, `?to=${encodeURIComponent(place)}`), (url) =>
      url.pathname.startsWith("/dashboard/t/"),
    );
    assert.equal(end.next?.href, `${server.url}/dashboard/${place}`);
    assert.equal(end.status, 303);
    assert.equal(end.headers.get("referrer-policy"), "no-referrer");
    const cookies = end.headers.getSetCookie();
    assert.equal(cookies.length, 2, cookies.join("\n"));
    assert.ok(cookies.some((set) => /^signalbox_login_[\w-]+=; Max-Age=0; Path=\/; HttpOnly; SameSite=Lax$/.test(set)));
    assert.ok(
      cookies.some((set) =>
        /^signalbox_session_\w+=[\w-]{43}; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/.test(set),
      ),
    );

    const { data } = await selfOf(agent, scene);
    assert.deepEqual([data["principal"], data["role"], data["kind"]], ["ada", "developer", "session"]);
    const me = await agent.ask(`${server.url}/api/cloud/users/me/`);
    assert.equal((JSON.parse(me.text) as { readonly data: { readonly email: string } }).data.email, "ada@example.com");
    const { sessions } = await server.api<{ readonly sessions: readonly Record<string, string>[] }>(
      "GET",
      "/api/cloud/sessions/",
    );
    const session = sessions.find(({ principal }) => principal === "ada") ?? {};
    assert.equal(session["issuer"], scene.issuer);
    const lastsMs = Date.parse(session["expires_at"] ?? "") - Date.parse(session["created_at"] ?? "");
    assert.equal(lastsMs, 2 * 3_600_000);

    await server.api("DELETE", `/api/cloud/sessions/${session["id"]}/`);
    assert.equal((await selfOf(agent, scene)).status, 401);
  });

  for (const client of ["open", "posting"] as const) {
    it(`works for a client that is ${client}`, async () => {
      await using scene = await providerScene({ client });
      const agent = new UserAgent();
      const end = await agent.follow(begin(scene), (url) => url.pathname === "/dashboard/");
      assert.equal(end.next?.href, `${scene.server.url}/dashboard/`, end.text);
      assert.equal((await selfOf(agent, scene)).data["principal"], "ada");
      await agent.follow(begin(scene, "?anew=1"), (url) => url.pathname === "/dashboard/");
      assert.equal(scene.asked.filter((path) => path.startsWith("/.well-known/")).length, 1, "it is discovered once");
    });
  }

  it("asks for a code with PKCE, and comes back to the public URL, whatever host was asked for", async () => {
    const publicUrl = "https://events.example/signalbox";
    await using scene = await providerScene({ env: { SIGNALBOX_PUBLIC_URL: publicUrl } });
    const { server } = scene;
    const agent = new UserAgent();
    const first = await agent.ask(begin(scene));
    const asks = new URL(first.headers.get("location") ?? "").searchParams;
    assert.equal(asks.get("redirect_uri"), `${publicUrl}/dashboard/login/acme/callback`);
    assert.deepEqual([asks.get("response_type"), asks.get("code_challenge_method")], ["code", "S256"]);
    for (const name of ["state", "nonce", "code_challenge"]) assert.match(asks.get(name) ?? "", /^[\w-]{43}$/, name);
    assert.match(
      first.headers.get("set-cookie") ?? "",
      /^__Host-signalbox_login_\w{8}_[\w-]{12}=v1\.[\w+/=]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
    const { next } = await agent.follow(first.headers.get("location") ?? "", isCallback);
    assert.equal(next?.origin, "https://events.example");
    const end = await agent.ask(`${server.url}/dashboard/login/acme/callback${next?.search ?? ""}`);
    assert.equal(end.headers.get("location"), `${publicUrl}/dashboard/`, end.text);
    assert.ok(end.headers.getSetCookie().some((set) => /^__Host-signalbox_session_.*; Secure$/.test(set)));
    assert.equal((await selfOf(agent, scene)).data["principal"], "ada");
  });

  it("counts only in the browser that began it, once, and as it was begun", async () => {
    await using scene = await providerScene();
    const agent = new UserAgent();
    const { next } = await agent.follow(begin(scene), isCallback);
    assert.ok(next !== undefined);
    const stranger = new UserAgent();
    for (const [who, url] of [
      ["another browser", next],
      ["without state", new URL(`?code=${next.searchParams.get("code")}`, next)],
    ] as const) {
      const refused = await stranger.ask(url);
      assert.deepEqual([refused.status, heading(refused)], [401, "You are not logged in"], who);
      assert.match(refused.text, /It was not begun in this browser/);
      assert.match(refused.text, /<a href="[^"]*\/dashboard\/login\/acme">Log in with Acme again<\/a>/);
      assert.equal((await selfOf(stranger, scene)).status, 401);
    }
    const kept = new Map(agent.cookies.get(next.host));
    const end = await agent.ask(next);
    assert.equal(end.status, 303, end.text);
    const again = await agent.ask(next);
    assert.match(again.text, /It was not begun in this browser/);
    agent.cookies.set(next.host, kept);
    const replayed = await agent.ask(next);
    assert.equal(replayed.status, 401);
    assert.match(replayed.text, /The issuer does not take the code/);
    assert.equal((await selfOf(agent, scene)).status, 401);
  });

  it("takes no code that was made for another client, or for another log in", async () => {
    await using scene = await providerScene();
    const agent = new UserAgent();
    const asked = await agent.ask(begin(scene));
    const ask = new URL(asked.headers.get("location") ?? "");
    const others = new URL(ask);
    others.searchParams.set("client_id", "signalbox-public");
    const ofAnother = await agent.follow(others, isCallback);
    const refused = await agent.ask(ofAnother.next ?? "");
    assert.equal(refused.status, 401);
    assert.match(refused.text, /The issuer does not take the code/);

    const one = await agent.follow(begin(scene), isCallback);
    const other = await agent.follow(begin(scene), isCallback);
    const mixed = new URL(one.next ?? "");
    mixed.searchParams.set("code", other.next?.searchParams.get("code") ?? "");
    const unfit = await agent.ask(mixed);
    assert.equal(unfit.status, 401, unfit.text);
    assert.match(unfit.text, /The issuer does not take the code/);
    assert.equal((await agent.ask(other.next ?? "")).status, 303, "its own log in takes it");
  });

  it("leads nowhere but into the dashboard", async () => {
    await using scene = await providerScene();
    const agent = new UserAgent();
    for (const to of ["//evil.example/", "https://evil.example/", "../healthz", "/\\evil.example", "login/acme"]) {
      const end = await agent.follow(
        begin(scene, `?to=${encodeURIComponent(to)}`),
        (url) => url.pathname === "/dashboard/",
      );
      assert.equal(end.next?.href, `${scene.server.url}/dashboard/`, to);
    }
  });

  it("forgets what was begun too often", async () => {
    await using scene = await providerScene();
    const agent = new UserAgent();
    for (let times = 0; times < 9; times += 1) await agent.ask(begin(scene));
    assert.ok([...(agent.cookies.get(new URL(scene.server.url).host) ?? [])].length <= 4);
  });

  it("tells who is refused why, and what to do", async () => {
    await using scene = await providerScene({
      issuer: { roles: { engineers: "developer" }, default_role: null, claims: { user: "email" }, prefix: "acme." },
    });
    const { accounts, server } = scene;
    accounts.set("without-role", { email: "a@example.com", email_verified: true, groups: ["sales"] });
    accounts.set("unverified", { email: "b@example.com", email_verified: false, groups: ["engineers"] });
    accounts.set("ended", { email: "c@example.com", email_verified: true, groups: ["engineers"] });
    const enter = async (account: string | undefined) => {
      const agent = new UserAgent();
      scene.account = account;
      const end = await agent.follow(begin(scene), (url) => url.pathname === "/dashboard/");
      return { agent, end };
    };
    for (const [account, reason] of [
      ["without-role", "None of the groups in its claim &#39;groups&#39; has a role here."],
      ["unverified", "Its e-mail address is not verified"],
      [undefined, "The issuer refused it (access_denied, not today)"],
    ] as const) {
      const { end, agent } = await enter(account);
      assert.deepEqual([end.status, heading(end)], [401, "You are not logged in"], account);
      assert.ok(end.text.includes(reason), end.text);
      assert.match(end.text, /login\/acme\?anew=1">Log in with another account/);
      assert.match(end.headers.get("content-security-policy") ?? "", /default-src 'none'/);
      assert.equal((await selfOf(agent, scene)).status, 401);
    }
    const { agent } = await enter("ended");
    assert.equal((await selfOf(agent, scene)).status, 200);
    await server.api("DELETE", "/api/cloud/principals/acme.c@example.com/");
    assert.equal((await selfOf(agent, scene)).status, 401, "its session ended with it");
    const again = await enter("ended");
    assert.match(again.end.text, /&#39;acme\.c@example\.com&#39; was ended here: an admin can restore it/);
  });

  it("ends at the issuer, too, when one logs out and the settings say so", async () => {
    await using scene = await providerScene({ login: { log_out: true } });
    const { server, issuer } = scene;
    const agent = new UserAgent();
    const leave = async () => {
      await agent.follow(begin(scene), (url) => url.pathname === "/dashboard/");
      const path = `${server.url}/api/cloud/session/`;
      const left = await agent.ask(path, { method: "DELETE", headers: { origin: server.url } });
      assert.equal((await selfOf(agent, scene)).status, 401);
      return (JSON.parse(left.text) as { readonly data: { readonly log_out_url: string | null } }).data.log_out_url;
    };
    const url = await leave();
    const back = `${server.url}/dashboard/`;
    assert.equal(
      url,
      `${issuer}/session/end?${new URLSearchParams({ post_logout_redirect_uri: back, client_id: "signalbox" }).toString()}`,
    );
    const asks = await agent.ask(url);
    const [, xsrf = ""] = /name="xsrf" value="(\w+)"/.exec(asks.text) ?? [];
    const form = { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" } };
    const done = await agent.ask(`${issuer}/session/end/confirm`, { ...form, body: `xsrf=${xsrf}&logout=yes` });
    assert.equal(done.headers.get("location"), back);
    const before = scene.asked.length;
    await agent.follow(begin(scene), (at) => at.pathname === "/dashboard/");
    assert.ok(
      scene.asked.slice(before).some((path) => path.startsWith("/interaction/")),
      "it asks who it is again",
    );
    const token = await server.api<{ readonly log_out_url: null }>("DELETE", "/api/cloud/session/");
    assert.equal(token.log_out_url, null);
  });

  it("needs a user where none are made, and ends when its principal is unlinked", async () => {
    await using scene = await providerScene({ issuer: { make_users: false } });
    const { server, issuer } = scene;
    const agent = new UserAgent();
    const refused = await agent.follow(begin(scene));
    assert.match(refused.text, /There is no user &#39;ada&#39; here/);
    await server.api("POST", "/api/cloud/users/", { username: "ada", email: "ada@example.com" });
    await agent.follow(begin(scene), (url) => url.pathname === "/dashboard/");
    assert.equal((await selfOf(agent, scene)).data["principal"], "ada");
    const link = await agent.ask(`${server.url}/api/cloud/login-links/`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: server.url },
      body: "{}",
    });
    assert.equal(link.status, 403, "a link would outlive it");
    await server.api("DELETE", "/api/cloud/principals/ada/issuer/");
    assert.equal((await selfOf(agent, scene)).status, 401);
    await server.api("PUT", "/api/cloud/principals/ada/issuer/", { issuer, subject: "another" });
    assert.equal((await selfOf(agent, scene)).status, 401);
  });

  it("knows only what is offered", async () => {
    await using scene = await providerScene({ env: { SIGNALBOX_DASHBOARD: "off" } });
    const { url } = scene.server;
    const agent = new UserAgent();
    assert.equal((await agent.ask(begin(scene))).status, 404);
    assert.match((await agent.ask(`${url}/api/cloud/logins/`)).text, /"logins":\[\]/);
  });
});
