/** Alerts on the whole way: set through the API, raised by an object that nobody takes, sent to a webhook and to an address. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";
import { webhookReceiver } from "../support/webhooks.ts";

const alerts = "/api/cloud/alerts/";

interface Set {
  readonly id: string;
  readonly signing_secret?: string;
}

describe("the alert target of a tenant", () => {
  it("is sent what went wrong, signed, or as a mail", async () => {
    await using ears = await webhookReceiver(({ path }) => (path === "/rule" ? 500 : 200));
    await using server = await runServer({ SIGNALBOX_MAIL_CONFIRM: "off" });
    await server.s3.send(new CreateBucketCommand({ Bucket: "photos" }));
    const rules = "/api/cloud/buckets/photos/notifications/";
    const rule = await server.api<Set>("POST", rules, { url: `${ears.url}/rule`, max_retries: 0 });
    const write = (key: string) => server.s3.send(new PutObjectCommand({ Bucket: "photos", Key: key, Body: "x" }));

    const hook = await server.api<Set>("PUT", alerts, { target: { type: "webhook", url: `${ears.url}/alerts` } });
    assert.match(hook.signing_secret ?? "", /^whsec_/);
    await write("a.txt");
    const heard = () => ears.received.filter(({ path }) => path === "/alerts");
    await until("an alert", () => heard().length > 0);
    const [told] = heard();
    assert.match(String(told?.headers["webhook-signature"]), /^v1,/);
    const body = JSON.parse(told?.body ?? "") as Readonly<Record<string, unknown>>;
    assert.deepEqual(
      [body["event"], body["associatedUuid"], body["notificationId"]],
      ["DEAD_LETTER", rule.id, hook.id],
    );
    const { deadLetters, reason, responseCode } = body["notification"] as Readonly<Record<string, unknown>>;
    assert.deepEqual([deadLetters, reason, responseCode], [1, "status", 500]);

    await server.api("PUT", alerts, { target: { type: "email", address: "ops@example.org" } });
    const other = await server.api<Set>("POST", rules, { url: `${ears.url}/rule`, max_retries: 0 });
    await write("b.txt");
    interface Mails {
      readonly mails: readonly { readonly name: string; readonly to: string; readonly subject: string }[];
    }
    const mailed = async () => (await server.api<Mails>("GET", "/api/cloud/mails/")).mails;
    await until("a mail", async () => (await mailed()).length > 0);
    const [mail] = await mailed();
    assert.equal(mail?.to, "ops@example.org");
    assert.match(mail?.subject ?? "", new RegExp(`subscription ${other.id} has dead letters$`));
    const { text } = await server.api<{ text: string }>("GET", `/api/cloud/mails/${mail?.name}/`);
    assert.match(text, /reason: +status/i);
    assert.equal(heard().length, 1, "the webhook's place was taken");
    await server.api("DELETE", alerts);
    assert.deepEqual(await server.api("GET", alerts), { subscription: null });
  });
});
