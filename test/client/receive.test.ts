/** Webhooks: verified as the server's own verification does it, and received by every form of server. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { receive, verifyWebhook, type Webhook } from "../../src/client/index.ts";
import { newSigningSecret, sign, signingKey, verify } from "../../src/domain/signature.ts";
import { httpListener } from "../support/listeners.ts";

const secret = newSigningSecret(new Uint8Array(32).fill(7));
const other = newSigningSecret(new Uint8Array(32).fill(8));

interface Signed {
  readonly body: string;
  readonly secret?: string;
  readonly timestampS?: number;
}

function headersOf({ body, secret: with_ = secret, timestampS = Math.floor(Date.now() / 1_000) }: Signed) {
  const id = "msg-1";
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestampS),
    "webhook-signature": sign([signingKey(with_)], { id, timestampS, body }),
  };
}

describe("a signature", () => {
  it("counts as it does for the server, whatever stands in the headers", async () => {
    const nowMs = 1_700_000_000_000;
    const right = headersOf({ body: "{}", timestampS: nowMs / 1_000 });
    const part = <T>(value: T) => fc.oneof({ weight: 3, arbitrary: fc.constant(value) }, fc.string());
    const headers = fc.record({
      "webhook-id": part(right["webhook-id"]),
      "webhook-timestamp": fc.oneof(part(right["webhook-timestamp"]), fc.constantFrom("01700000000", "1699999000", "")),
      "webhook-signature": fc.oneof(
        part(right["webhook-signature"]),
        fc.constantFrom(`v2,x ${right["webhook-signature"]}`, `v1, ${right["webhook-signature"]}`, "v1,====", "v1,A"),
      ),
    });
    await fc.assert(
      fc.asyncProperty(headers, fc.constantFrom("{}", "{ }", ""), async (given, body) => {
        const secrets = [other, secret];
        assert.deepEqual(await verifyWebhook(secrets, given, body, { nowMs }), verify(secrets, given, body, { nowMs }));
        assert.deepEqual(await verifyWebhook(secret, given, Buffer.from(body), { nowMs }), {
          ...verify([secret], given, body, { nowMs }),
        });
      }),
    );
    assert.deepEqual(await verifyWebhook(secret, new Headers(right), "{}", { nowMs }), { kind: "ok" });
    const late = nowMs + 301_000;
    assert.equal((await verifyWebhook(secret, right, "{}", { nowMs: late })).kind, "refused");
    assert.equal((await verifyWebhook(secret, right, "{}", { nowMs: late, toleranceMs: 400_000 })).kind, "ok");
  });

  it("is never verified with what is no secret", async () => {
    for (const wrong of ["", "whsec_", "secret", "whsec_AAAA", "whsec_!!!!", `whsec_${"A".repeat(88)}`, 7 as never]) {
      await assert.rejects(verifyWebhook(wrong, headersOf({ body: "" }), ""), (thrown: Error) => {
        assert.ok(thrown instanceof TypeError);
        return !thrown.message.includes("AAAA");
      });
    }
  });
});

describe("a receiver", () => {
  const text = JSON.stringify({ events: [{ n: 1 }] });

  it("gives the lines of a batch as a list", async () => {
    const got: unknown[] = [];
    const receiver = receive({ secrets: secret }, ({ body }) => void got.push(body));
    const body = '{"n":1}\n{"n":2}\n';
    const headers = { ...headersOf({ body }), "content-type": "application/x-ndjson" };
    await receiver.fetch(new Request("http://x/", { method: "POST", body, headers }));
    assert.deepEqual(got, [[{ n: 1 }, { n: 2 }]]);
  });

  it("answers servers that speak Request and Response", async () => {
    const got: Webhook[] = [];
    const errors: unknown[] = [];
    const receiver = receive(
      { secrets: [other, secret], maxBytes: 100, onError: (error) => errors.push(error) },
      (one) => {
        if (got.push(one) === 2) throw new Error("not now");
      },
    );
    const post = async (body: string, headers: Record<string, string>): Promise<number> =>
      (await receiver.fetch(new Request("http://x/", { method: "POST", body, headers }))).status;
    assert.equal(await post(text, headersOf({ body: text })), 200);
    assert.equal(await post(text, headersOf({ body: text })), 500);
    assert.equal(await post(text, headersOf({ body: text, timestampS: 1 })), 401);
    assert.equal(await post(`${text} `, headersOf({ body: text })), 401);
    assert.equal(await post("x".repeat(101), headersOf({ body: text })), 413);
    assert.equal((await receiver.fetch(new Request("http://x/"))).status, 405);
    const [first] = got;
    assert.deepEqual([first?.id, first?.body, first?.text], ["msg-1", { events: [{ n: 1 }] }, text]);
    assert.ok(Math.abs((first?.sentAt.getTime() ?? 0) - Date.now()) < 60_000);
    assert.deepEqual([got.length, errors.length], [2, 3]);
  });

  it("answers Node's server", async () => {
    const got: unknown[] = [];
    const receiver = receive<{ readonly n: number }>(
      { secrets: secret, maxBytes: 100 },
      ({ body }) => void got.push(body.n),
    );
    await using listener = await httpListener((request, response) => void receiver.node(request, response));
    const post = async (body: string, headers: Record<string, string>): Promise<number> => {
      const answer = await fetch(`http://127.0.0.1:${listener.port}/`, { method: "POST", body, headers });
      await answer.text();
      return answer.status;
    };
    const body = '{"n":1}';
    assert.equal(await post(body, headersOf({ body })), 200);
    assert.equal(await post(body, headersOf({ body, secret: other })), 401);
    assert.equal(await post("x".repeat(101), headersOf({ body })), 413);
    assert.deepEqual(got, [1]);
  });

  it("answers Express, if the body is the bytes still", async () => {
    const got: unknown[] = [];
    const receiver = receive({ secrets: secret }, ({ body }) => void got.push(body));
    const answered = async (body: unknown): Promise<number> => {
      const response = { statusCode: 0, setHeader: () => undefined, end: () => undefined };
      const request = { method: "POST", headers: headersOf({ body: text }), body, async *[Symbol.asyncIterator]() {} };
      await receiver.node(request, response);
      return response.statusCode;
    };
    assert.equal(await answered(Buffer.from(text)), 200);
    assert.equal(await answered(JSON.parse(text)), 500);
    assert.equal(got.length, 1);
  });
});
