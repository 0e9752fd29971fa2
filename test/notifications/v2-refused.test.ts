import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { until } from "../support/until.ts";
import { type Face, runFace, type Somebody } from "./v2-server.ts";

const unknown = "0001409758089943-5056a550b8-0001-002";

describe("a subscription that cannot be", () => {
  let face: Face;
  let ada: Somebody;
  let file: string;
  before(async () => {
    face = await runFace();
    ada = await face.someone("ada");
    file = await face.file(ada, "pictures");
  });
  after(() => face[Symbol.asyncDispose]());

  const good = () => ({ url: "https://hooks.example.com/", event: "OVERWRITTEN", associatedUuid: file });
  const wrong: readonly {
    readonly what: string;
    readonly body: object;
    readonly path: string;
    readonly says: RegExp;
  }[] = [
    { what: "a misspelt property", body: { ur: "x", urll: 1 }, path: "urll", says: /Did you mean "url"/ },
    {
      what: "a property twice, in another case",
      body: { URL: "https://a.example/" },
      path: "URL",
      says: /second time/,
    },
    { what: "an empty url", body: { url: "" }, path: "url", says: /your own address, and 'ada' is no user/ },
    { what: "a url that is a list", body: { url: ["https://a.example/"] }, path: "url", says: /must be a string/ },
    { what: "a url that is an object", body: { url: { href: "a" } }, path: "url", says: /must be a string/ },
    { what: "a telephone number", body: { url: "5125551234" }, path: "url", says: /SMS/ },
    { what: "another scheme", body: { url: "agave://a/b" }, path: "url", says: /not supported/ },
    {
      what: "a url that is too long",
      body: { url: `https://a.example/${"a".repeat(1024)}` },
      path: "url",
      says: /1024/,
    },
    { what: "a private address", body: { url: "http://10.0.0.1/" }, path: "url", says: /EGRESS_ALLOW/ },
    { what: "the address of metadata", body: { url: "http://[::ffff:169.254.169.254]/" }, path: "url", says: /public/ },
    { what: "a macro of another kind", body: { url: "https://a.example/${JOB_ID}" }, path: "url", says: /not a macro/ },
    { what: "a macro in the host", body: { url: "https://${PATH}.example/" }, path: "url", says: /host/ },
    {
      what: "several addresses",
      body: { url: "a@example.com,b@example.com" },
      path: "url",
      says: /one e-mail address/,
    },
    { what: "no event", body: { event: null }, path: "event", says: /is required/ },
    { what: "an empty event", body: { event: "" }, path: "event", says: /must not be empty/ },
    {
      what: "a misspelt event",
      body: { event: "overwriten" },
      path: "event",
      says: /Did you mean "OVERWRITTEN"/,
    },
    {
      what: "an event of jobs",
      body: { event: "RUNNING" },
      path: "event",
      says: /no event of a resource of kind file/,
    },
    { what: "an event with blanks", body: { event: "A B" }, path: "event", says: /1 to 65/ },
    { what: "an event that is too long", body: { event: "A".repeat(66) }, path: "event", says: /1 to 65/ },
    { what: "no resource", body: { associatedUuid: "" }, path: "associatedUuid", says: /is required/ },
    {
      what: "a resource that is no uuid",
      body: { associatedUuid: "picsum.txt" },
      path: "associatedUuid",
      says: /uuid/,
    },
    { what: "a resource that is a number", body: { associatedUuid: 7 }, path: "associatedUuid", says: /uuid/ },
    { what: "persistent that is a word", body: { persistent: "maybe" }, path: "persistent", says: /true or false/ },
    { what: "a policy that is a list", body: { policy: [] }, path: "policy", says: /must be an object/ },
    {
      what: "an unknown strategy",
      body: { policy: { retryStrategy: "SOMETIMES" } },
      path: "policy.retryStrategy",
      says: /NONE/,
    },
    { what: "too many retries", body: { policy: { retryLimit: 1441 } }, path: "policy.retryLimit", says: /1440/ },
    {
      what: "a delay of nothing",
      body: { policy: { retryStrategy: "DELAYED" } },
      path: "policy.retryDelay",
      says: /at least 1/,
    },
  ];
  for (const { what, body, path, says } of wrong) {
    it(`is told what is wrong: ${what}`, async () => {
      const { status, code, fields } = await ada.ask("POST", "/", { ...good(), ...body });
      assert.deepEqual([status, code], [400, "invalid_request"]);
      const field = fields.find((one) => one.path === path);
      assert.match(field?.message ?? "", says);
    });
  }

  it("is told all that is wrong at once", async () => {
    const { message, fields } = await ada.ask("POST", "/", { url: "", persistent: 2, policy: { retryRate: -1 }, x: 1 });
    assert.deepEqual(
      fields.map(({ path }) => path),
      ["x", "url", "event", "associatedUuid", "persistent", "policy.retryRate"],
    );
    assert.match(message ?? "", /url: .*; event: /);
  });

  it("is not made: nothing of that was", async () => {
    assert.deepEqual((await face.operator.ask("GET", "/?visible.in=true")).status, 400);
    assert.deepEqual((await face.operator.ask("GET", "/?visible=true")).list, []);
  });

  it("takes names and constants in any case, and what answers tell", async () => {
    const policy = { RETRYSTRATEGY: "exponential", retrylimit: 3 };
    const made = await ada.subscribe({
      ...good(),
      PERSISTENT: true,
      Policy: policy,
      status: "FAILED",
      id: "x",
      _links: {},
    });
    assert.deepEqual(
      [made["persistent"], made["status"], made["policy"]],
      [
        true,
        "ACTIVE",
        { retryStrategy: "EXPONENTIAL", retryLimit: 3, retryRate: 5, retryDelay: 0, saveOnFailure: false },
      ],
    );
    assert.notEqual(made.id, "x");
  });

  it("takes a user and password out of the url, and shows neither", async () => {
    const { url } = await ada.subscribe({ ...good(), url: "https://ada:secret@hooks.example.com/a?b=1" });
    assert.equal(url, "https://hooks.example.com/a?b=1");
  });

  it("is not found for a resource that is not there", async () => {
    const { status, code } = await ada.ask("POST", "/", { ...good(), associatedUuid: unknown });
    assert.deepEqual([status, code], [404, "not_found"]);
  });

  it("is one too many", async () => {
    await using small = await runFace({ SIGNALBOX_MAX_SUBSCRIPTIONS_PER_USER: "2" });
    const bob = await small.someone("bob");
    const uuid = await small.file(bob, "pictures");
    const body = { url: "https://hooks.example.com/", event: "*", associatedUuid: uuid };
    const answers = await Promise.all(Array.from({ length: 5 }, () => bob.ask("POST", "/", body)));
    const made = answers.filter(({ status }) => status === 201);
    const refused = answers.filter(({ code }) => code === "conflict");
    assert.deepEqual([made.length, refused.length], [2, 3]);
  });
});

describe("an e-mail address", () => {
  it("has to agree, and is asked once", async () => {
    await using face = await runFace();
    const ada = await face.someone("ada");
    const associatedUuid = await face.file(ada, "pictures");
    const body = { url: "eve@example.com", event: "*", associatedUuid };
    const made = await ada.subscribe(body);
    assert.deepEqual([made["confirmed"], made["status"], made["signingSecret"]], [false, "INACTIVE", undefined]);
    const kept = async () =>
      (await face.server.api<{ mails: readonly { to: string }[] }>("GET", "/api/cloud/mails/")).mails;
    await until("the mail is there", async () => (await kept()).length === 1);
    const fired = await ada.ask("POST", `/${made.id}/attempts`);
    assert.deepEqual([fired.status, fired.code], [412, "precondition_failed"]);
    // The same mailbox is not asked again; another is.
    const tagged = await ada.ask("POST", `/${made.id}`, { ...body, url: "eve+${EVENT}@example.com", persistent: true });
    assert.deepEqual([tagged.status, tagged.result["confirmed"]], [200, false]);
    const other = await ada.ask("PATCH", `/${made.id}`, { url: "mallory@example.com" });
    assert.deepEqual([other.status, other.result["confirmed"], other.result["persistent"]], [200, false, true]);
    await until("the other one is asked", async () => (await kept()).length === 2);
    assert.deepEqual((await kept()).map(({ to }) => to).toSorted(), ["eve@example.com", "mallory@example.com"]);
    // A webhook is asked by its signature alone, and its secret is new.
    const hook = await ada.ask("PATCH", `/${made.id}`, { url: "https://hooks.example.com/" });
    assert.deepEqual([hook.result["status"], hook.result["confirmed"]], ["ACTIVE", undefined]);
    assert.match(String(hook.result["signingSecret"]), /^whsec_/);
  });

  it("is trusted where the operator says so", async () => {
    await using face = await runFace({ SIGNALBOX_MAIL_CONFIRM: "off" });
    const ada = await face.someone("ada");
    const associatedUuid = await face.file(ada, "pictures");
    const made = await ada.subscribe({ url: "eve@example.com", event: "*", associatedUuid });
    assert.deepEqual([made["confirmed"], made["status"]], [true, "ACTIVE"]);
    const { status, result } = await ada.ask("POST", `/${made.id}/attempts`, {});
    assert.equal(status, 200);
    assert.deepEqual([result["status"], result["url"]], ["DELIVERED", "eve@example.com"]);
  });
});
