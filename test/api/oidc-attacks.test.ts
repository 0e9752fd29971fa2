import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { unsigned } from "../support/issuer.ts";
import { type LyingProvider, lyingProvider, trusting } from "../support/lying-provider.ts";
import { type Hop, UserAgent } from "../support/user-agent.ts";

/** What a log in must withstand of an issuer, or of one who stands between. */
describe("a log in at an issuer that lies", () => {
  let provider: LyingProvider;
  let server: RunningServer;
  before(async () => {
    provider = await lyingProvider();
    server = await runServer({ SIGNALBOX_JWT_ISSUERS: JSON.stringify(trusting(provider)) });
  });
  beforeEach(() => {
    provider.lies.clear();
    Object.assign(provider, { claims: {}, tokens: {}, userInfo: {}, key: "first" });
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
  });

  /** Goes there and back, with what the issuer's redirect brings. */
  async function enter(brings: (state: string) => string = (state) => `?code=c&state=${state}`): Promise<Hop> {
    const agent = new UserAgent();
    const asked = await agent.ask(`${server.url}/dashboard/login/acme`);
    assert.equal(asked.status, 303, asked.text);
    const { searchParams } = new URL(asked.headers.get("location") ?? "");
    provider.nonce = searchParams.get("nonce") ?? "";
    return agent.ask(`${server.url}/dashboard/login/acme/callback${brings(searchParams.get("state") ?? "")}`);
  }

  async function refused(reason: RegExp, status = 401): Promise<void> {
    const end = await enter();
    assert.equal(end.status, status, end.text);
    assert.match(end.text, reason);
    assert.ok(!end.headers.getSetCookie().some((set) => set.includes("_session_")));
  }

  it("lets in who is told truly, and sends the secret as OAuth 2.0 has it", async () => {
    const end = await enter();
    assert.equal(end.status, 303, end.text);
    const { authorization = "", body } = provider.sent;
    const [, basic = ""] = /^Basic (.*)$/.exec(authorization) ?? [];
    assert.equal(Buffer.from(basic, "base64").toString(), "signalbox:a+secret%3A+of+%2520");
    assert.match(body.get("code_verifier") ?? "", /^[\w-]{43}$/);
    assert.equal(body.get("redirect_uri"), `${server.url}/dashboard/login/acme/callback`);
  });

  for (const [what, claims, reason] of [
    ["another nonce", { nonce: "of another log in" }, /for another log in, or for another client/],
    ["no nonce", { nonce: undefined }, /cannot be taken/],
    ["another audience", { aud: "another" }, /for another log in, or for another client/],
    ["an audience of two without azp", { aud: ["signalbox", "another"] }, /cannot be taken|another client/],
    ["another issuer", { iss: "https://login.acme.example" }, /another log in, or for another client/],
    ["an end long ago", { exp: 1_000, iat: 900 }, /has expired, or is not valid yet/],
    ["no end", { exp: undefined }, /cannot be taken/],
    ["the future", { iat: Math.floor(Date.now() / 1_000) + 4_000 }, /in the future/],
    ["no subject", { sub: undefined }, /cannot be taken/],
    ["a name that none can have", { sub: "a b" }, /is no name that a principal can have/],
  ] as const) {
    it(`refuses an ID token with ${what}`, async () => {
      provider.claims = claims;
      if ("sub" in claims && claims.sub !== undefined) provider.userInfo = { sub: claims.sub };
      await refused(reason);
    });
  }

  it("refuses an ID token that is signed by no key of the issuer, or not at all, or by a shared secret", async () => {
    provider.key = "unlisted";
    await refused(/The token&#39;s signature is by no key of its issuer/);
    const iat = Math.floor(Date.now() / 1_000);
    for (const alg of ["none", "HS256", "RS256"]) {
      provider.tokens = {
        id_token: unsigned(
          { alg },
          { iss: provider.issuer, aud: "signalbox", sub: "ada", iat, exp: iat + 300 },
          "c2ln",
        ),
      };
      const end = await enter();
      assert.notEqual(end.status, 303, alg);
      assert.ok(end.status !== 500 && !end.headers.getSetCookie().some((set) => set.includes("_session_")), alg);
    }
  });

  it("takes no claims of another subject beside the ID token, and none over it", async () => {
    provider.userInfo = { sub: "eve" };
    const end = await enter();
    assert.notEqual(end.status, 303);
    assert.notEqual(end.status, 500);
    provider.userInfo = { sub: "ada", iss: "https://evil.example", aud: "evil", exp: 1 };
    assert.equal((await enter()).status, 303);
  });

  it("refuses answers that come back with nothing, twice, with an error, or from another issuer", async () => {
    for (const [brings, reason] of [
      [(state: string) => `?state=${state}`, /cannot be taken|did not answer/],
      [(state: string) => `?code=c&state=${state}&state=${state}`, /cannot be taken/],
      [(state: string) => `?code=c&code=d&state=${state}`, /cannot be taken/],
      [(state: string) => `?code=c&state=${state}&iss=https%3A%2F%2Fevil.example`, /cannot be taken/],
      [
        (state: string) => `?error=access_denied&error_description=${encodeURIComponent("<b>no</b>")}&state=${state}`,
        /The issuer refused it \(access_denied, &lt;b&gt;no&lt;\/b&gt;\)/,
      ],
      [() => "?code=c&state=x", /not begun in this browser/],
      [() => "", /not begun in this browser/],
    ] as const) {
      const end = await enter(brings);
      assert.match(end.text, reason, end.text);
      assert.ok(end.status >= 400 && end.status !== 500, `${end.status}`);
    }
  });

  it("says that the issuer is ill, whatever it answers, and takes the next log in", async () => {
    for (const [path, lie] of [
      ["/token", (response: Response) => response.writeHead(500).end("oh")],
      ["/token", (response: Response) => response.writeHead(302, { location: "/elsewhere" }).end()],
      ["/token", (response: Response) => json(response, "no object")],
      ["/token", (response: Response) => json(response, { access_token: "a", token_type: "Bearer", id_token: "x" })],
      ["/token", (response: Response) => json(response, { junk: "x".repeat(300_000) })],
      ["/token", (response: Response) => response.destroy()],
      ["/token", (response: Response) => json(response, { error: "invalid_client" }, 401)],
      ["/userinfo", (response: Response) => response.writeHead(403).end()],
      ["/userinfo", (response: Response) => json(response, { sub: "ada", junk: "x".repeat(300_000) })],
    ] as const) {
      provider.lies.set(path, (_request, response) => void lie(response));
      const end = await enter();
      assert.ok(end.status === 503 || end.status === 401, `${path} ${String(lie)}: ${end.status} ${end.text}`);
      assert.match(end.text, /<a href="[^"]*\/dashboard\/login\/acme">/);
      provider.lies.clear();
    }
    assert.equal((await enter()).status, 303);
  });

  it("makes a new session each time, whatever the browser had", async () => {
    const [one, other] = [await enter(), await enter()];
    const session = ({ headers }: Hop): string => headers.getSetCookie().find((set) => set.includes("_session_")) ?? "";
    assert.notEqual(session(one), "");
    assert.notEqual(session(one), session(other));
  });
});

type Response = Parameters<NonNullable<ReturnType<LyingProvider["lies"]["get"]>>>[1];

function json(response: Response, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}
