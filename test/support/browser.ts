/** A browser that asks the API: with the cookie that it was given, and with the headers that browsers set by themselves. */
import assert from "node:assert/strict";
import type { Answer, TestApi } from "./api.ts";
import { until } from "./until.ts";

export const sessionPath = "/api/cloud/session/";

type Headers = Readonly<Record<string, string>>;

export interface Browser {
  /** `name=value`, as it goes back to the server. */
  readonly cookie: string;
  /** The whole header by which it came. */
  readonly setCookie: string;
  /** Of the login. */
  readonly self: Readonly<Record<string, unknown>>;
  readonly session: string;
  /** @param headers more of them, or others in the place of what it says by itself. */
  readonly ask: (method: string, path: string, body?: unknown, headers?: Headers) => Promise<Answer>;
}

/** Asks as a page of the server's own does. */
export function askWith(api: TestApi, cookie: string): Browser["ask"] {
  return (method, path, body, headers = { "sec-fetch-site": "same-origin" }) =>
    api.ask(method, path, body, { token: "", headers: { cookie, ...headers } });
}

/** Logs in with a token or a code. */
export async function browserOf(api: TestApi, by: { token: string } | { code: string }): Promise<Browser> {
  const answer = await api.ask("POST", sessionPath, by, { token: "" });
  assert.equal(answer.status, 200, answer.text);
  const setCookie = String(answer.headers["set-cookie"]);
  const cookie = setCookie.split(";", 1)[0] ?? "";
  const self = answer.data;
  return { cookie, setCookie, self, session: (self["session"] as { id: string }).id, ask: askWith(api, cookie) };
}

/** A login that is refused, for which it is only told after a while. */
export async function refusedLogin(api: TestApi, body: unknown): Promise<Answer & { readonly afterMs: number }> {
  const beganMs = api.clock.steady();
  let answer: Answer | undefined;
  const answered = api.ask("POST", sessionPath, body, { token: "" }).then((come) => {
    answer = come;
  });
  const { pending } = api.clock;
  await until("it is answered, or waits", () => answer !== undefined || api.clock.pending > pending);
  if (answer === undefined) {
    api.clock.advance(249);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(answer, undefined, "it is told too early");
    api.clock.advance(1);
  }
  await answered;
  assert.ok(answer !== undefined);
  return { ...answer, afterMs: api.clock.steady() - beganMs };
}

/** The code of a link. */
export function codeOf(url: unknown): string {
  const [, code = ""] = /\/dashboard\/login#code=([A-Za-z0-9_-]{43})$/.exec(String(url)) ?? [];
  assert.notEqual(code, "", String(url));
  return code;
}
