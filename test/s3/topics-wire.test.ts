/** Actions of SNS as bytes: what no SDK would send. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { type S3Fixture, type Someone, s3Fixture } from "../support/s3.ts";
import { codeOf, type RawAnswer, send, type ToSign } from "../support/sign.ts";

const form = "application/x-www-form-urlencoded";

/** Signed over what the body is, unless `over` says something else of it. */
function post({ port }: S3Fixture, by: Pick<Someone, "credentials">, body: string, over: Partial<ToSign> = {}) {
  const payload = createHash("sha256").update(body).digest("hex");
  const { headers, ...rest } = over;
  const request = { method: "POST", path: "/", service: "sns", payload, ...rest };
  return send(port, by.credentials, { ...request, headers: { "content-type": form, ...headers }, body });
}

function isRefused(answer: RawAnswer, wanted: string, words: RegExp): void {
  assert.equal(`${answer.status} ${codeOf(answer)}`, wanted, answer.body);
  assert.match(
    answer.body,
    /^<\?xml .*\n<ErrorResponse xmlns="http:\/\/sns.amazonaws.com\/doc\/2010-03-31\/"><Error><Type>/,
  );
  assert.match(answer.body, /<RequestId>[0-9A-F]{16}<\/RequestId><\/ErrorResponse>$/);
  assert.match(answer.body, words);
}

const create = "Action=CreateTopic&Version=2010-03-31&Name=orders";
const entry = (n: string, key: string, value: string): string =>
  `&Attributes.entry.${n}.key=${key}&Attributes.entry.${n}.value=${encodeURIComponent(value)}`;

describe("actions of SNS", () => {
  it("are answered with XML that names the request", async () => {
    await using fixture = await s3Fixture();
    const made = await post(
      fixture,
      fixture.admin,
      `${create}${entry("1", "push-endpoint", "https://x.example/?a=1&b=2")}`,
    );
    assert.equal(made.status, 200, made.body);
    assert.match(
      made.body,
      /<CreateTopicResult><TopicArn>arn:signalbox:sns::default:orders<\/TopicArn><\/CreateTopicResult>/,
    );
    const id = made.headers["x-amzn-requestid"] ?? assert.fail();
    assert.match(made.body, new RegExp(`<ResponseMetadata><RequestId>${id}</RequestId></ResponseMetadata>`));
    const about = "TopicArn=arn:signalbox:sns::default:orders";
    const told = await post(fixture, fixture.admin, `Action=GetTopicAttributes&${about}`);
    assert.match(
      told.body,
      /<entry><key>push-endpoint<\/key><value>https:\/\/x.example\/\?a=1&amp;b=2<\/value><\/entry>/,
    );
    const of = "ResourceArn=arn:signalbox:sns::default:orders";
    const policy = await post(fixture, fixture.admin, `Action=GetDataProtectionPolicy&${of}`);
    assert.match(policy.body, /<GetDataProtectionPolicyResult><DataProtectionPolicy\/></);
  });

  it("are refused unsigned, signed for S3, by another body, or by no key; nor do they sign requests of S3", async () => {
    await using fixture = await s3Fixture();
    const { admin, port } = fixture;
    const bare = await fetch(fixture.url, { method: "POST", body: create, headers: { "content-type": form } });
    assert.deepEqual([bare.status, /<Code>(.*)<\/Code>/.exec(await bare.text())?.[1]], [403, "AuthorizationError"]);
    isRefused(
      await post(fixture, admin, create, { service: "s3" }),
      "400 IncompleteSignature",
      /for the service &quot;sns&quot;/,
    );
    const other = createHash("sha256").update("Action=ListTopics").digest("hex");
    isRefused(await post(fixture, admin, create, { payload: other }), "403 SignatureDoesNotMatch", /signature/);
    isRefused(
      await post(fixture, admin, create, { payload: "UNSIGNED-PAYLOAD" }),
      "403 SignatureDoesNotMatch",
      /signature/,
    );
    const unknown = { credentials: { ...admin.credentials, accessKeyId: "AKUNKNOWN" } };
    isRefused(await post(fixture, unknown, create), "403 InvalidClientTokenId", /access key/);
    const date = new Date(Date.now() - 3_600_000);
    isRefused(await post(fixture, admin, create, { date }), "403 SignatureDoesNotMatch", /time/);
    const list = await send(port, admin.credentials, { method: "GET", path: "/", service: "sns" });
    assert.deepEqual([list.status, codeOf(list)], [400, "AuthorizationHeaderMalformed"]);
    assert.equal((await send(port, admin.credentials, { method: "GET", path: "/" })).status, 200);
  });

  it("are refused that are too long, are no form that can be read, or ask for what there is not", async () => {
    await using fixture = await s3Fixture();
    const { admin } = fixture;
    const at = (body: string, over: Partial<ToSign> = {}) => post(fixture, admin, body, over);
    isRefused(await at(`${create}&x=${"a".repeat(70_000)}`), "413 RequestEntityTooLarge", /more than 65536 bytes/);
    isRefused(await at(`${create}${"&".repeat(300)}`), "400 InvalidParameter", /more than 256 parameters/);
    isRefused(await at(`${create}&Name=b`), "400 InvalidParameter", /Name Reason: is given more than once/);
    isRefused(await at(`${create}&a=%ff`), "400 InvalidParameter", /a Reason: is not UTF-8/);
    const charset = { headers: { "content-type": `${form}; charset=latin1` } };
    isRefused(await at(create, charset), "400 InvalidParameter", /send it as UTF-8/);
    isRefused(await at(""), "400 InvalidParameter", /Action Reason: is missing/);
    isRefused(
      await at("Action=constructor"),
      "400 InvalidAction",
      /action constructor is not here: there are CreateTopic, /,
    );
    isRefused(await at("Action=CreateTopic"), "400 InvalidParameter", /Name Reason: is missing/);
    isRefused(await at("Action=DeleteTopic"), "400 InvalidParameter", /TopicArn Reason: is missing/);
    for (const half of ["1.key=a", "1.value=a", "x.key=a", "1.other=a", "1=a"]) {
      isRefused(await at(`${create}&Attributes.entry.${half}`), "400 InvalidParameter", /Attributes\.entry\./);
    }
    for (const unheard of ["push-endpoint", "Attributes.push-endpoint", "Attribute.entry.1.key"]) {
      const said = `${create}&${unheard}=https://x.example/`;
      isRefused(await at(said), "400 InvalidParameter", /is not known here: there are .*Attributes\.entry\.1/);
    }
    const twice = `${entry("1", "push-endpoint", "https://x.example/")}${entry("2", "push-endpoint", "https://y.example/")}`;
    isRefused(await at(`${create}${twice}`), "400 InvalidParameter", /push-endpoint Reason: is given more than once/);
    assert.deepEqual(await fixture.deps.store.destinations.list("default", { max: 9 }), []);
  });

  it("are asked to come again while the server stops", async () => {
    await using fixture = await s3Fixture();
    fixture.accepting = false;
    const answer = await post(fixture, fixture.admin, "Action=ListTopics");
    isRefused(answer, "503 ServiceUnavailable", /Receiver/);
    assert.equal(answer.headers["retry-after"], "1");
  });
});
