import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Face, runFace, type Somebody } from "./v2-server.ts";

describe("searching subscriptions", () => {
  let face: Face;
  let ada: Somebody;
  let bob: Somebody;
  let file: string;
  let started: string;
  before(async () => {
    face = await runFace();
    started = new Date(Date.now() - 60_000).toISOString();
    [ada, bob] = [await face.someone("ada"), await face.someone("bob")];
    file = await face.file(ada, "pictures");
    const other = await face.file(bob, "others");
    const at = (name: string) => `https://hooks.example.com/${name}`;
    const delayed = { retryStrategy: "DELAYED", retryLimit: 9, retryRate: 60, retryDelay: 30, saveOnFailure: true };
    await ada.subscribe({ url: at("a"), event: "OVERWRITTEN", associatedUuid: file, persistent: true });
    await ada.subscribe({ url: at("b"), event: "DELETED", associatedUuid: file, policy: delayed });
    const gone = await ada.subscribe({ url: at("c"), event: "*", associatedUuid: file });
    await ada.ask("DELETE", `/${gone.id}`);
    await ada.subscribe({ url: "eve@example.com", event: "RENAME", associatedUuid: file });
    await bob.subscribe({ url: at("d"), event: "*", associatedUuid: other });
    await face.operator.subscribe({ url: at("e"), event: "UPDATED", associatedUuid: "*" });
  });
  after(() => face[Symbol.asyncDispose]());

  /** Last letters of urls, oldest first. */
  const found = async (who: Somebody, query: string): Promise<string> => {
    const { status, list, text } = await who.ask("GET", `/?${query}`);
    assert.equal(status, 200, text);
    return list
      .map(({ url }) => (url === "eve@example.com" ? "m" : String(url).at(-1)))
      .toReversed()
      .join("");
  };

  const ofAda: readonly (readonly [string, string])[] = [
    ["", "ab"],
    ["persistent=true", "a"],
    ["persistent.neq=true", "bm"],
    ["PERSISTENT.EQ=TRUE", "a"],
    ["event=DELETED", "b"],
    ["event.neq=DELETED", "am"],
    ["event.lt=OVERWRITTEN", "b"],
    ["event.lte=OVERWRITTEN", "ab"],
    ["event.gt=OVERWRITTEN", "m"],
    ["event.gte=OVERWRITTEN", "am"],
    ["event.like=*E*E*", "abm"],
    ["event.like=OVER*", "a"],
    ["event.nlike=OVER*", "bm"],
    ["event.rlike=^(DEL|REN)", "bm"],
    ["event.in=DELETED,RENAME", "bm"],
    ["event.nin=DELETED,RENAME", "a"],
    ["event.between=DELETED,OVERWRITTEN", "ab"],
    ["url.like=*hooks.example.com*", "ab"],
    ["policy.retryLimit=9", "b"],
    ["policy.retryLimit.lt=9", "am"],
    ["policy.retryRate.between=10,60", "b"],
    ["policy.retryDelay.gte=1", "b"],
    ["policy.retryStrategy=delayed", "b"],
    ["policy.retryStrategy.in=immediate,none", "am"],
    ["policy.saveOnFailure=true", "b"],
    ["status=ACTIVE", "ab"],
    ["status=inactive", "m"],
    ["status.neq=ACTIVE", "m"],
    ["visible=true", "abm"],
    ["visible=false", "c"],
    ["visible.neq=true", "c"],
    ["visible=false&status=INACTIVE", "c"],
    ["visible=false&status=ACTIVE", ""],
    ["owner=ada", "abm"],
    ["owner=bob", ""],
    ["owner.neq=ada", ""],
    ["event=DELETED&persistent=true", ""],
    ["associatedUuid=no-such-thing-at-all", ""],
    ["associatedUuid=*", ""],
    ["created.on=2001-01-01", ""],
    ["created.before=2001-01-01", ""],
  ];
  for (const [query, is] of ofAda) {
    it(`finds ${is === "" ? "nothing" : is} by ?${query}`, async () => assert.equal(await found(ada, query), is));
  }

  it("finds by time, resource and id", async () => {
    assert.equal(await found(ada, `created.after=${started}`), "abm");
    assert.equal(
      await found(ada, `lastUpdated.between=${started},${new Date(Date.now() + 60_000).toISOString()}`),
      "abm",
    );
    assert.equal(await found(ada, `associatedUuid=${file}`), "abm");
    assert.equal(await found(ada, `associateduuid.eq=${file}&event=*`), "");
    const [newest] = (await ada.ask("GET", "/")).list;
    assert.equal(await found(ada, `id=${String(newest?.["id"])}`), "b");
  });

  it("finds everybody's for who administers the tenant", async () => {
    const admin = await face.someone("anna", "admin");
    const developer = await face.someone("dev", "developer");
    for (const who of [face.operator, admin]) {
      assert.equal(await found(who, ""), "abde");
      assert.equal(await found(who, "owner=bob"), "d");
      assert.equal(await found(who, "owner.neq=ada"), "de");
      assert.equal(await found(who, "associatedUuid=*"), "e");
      assert.equal(await found(who, "visible=false"), "c");
    }
    assert.equal(await found(developer, "owner=bob"), "");
    assert.equal(await found(bob, ""), "d");
  });

  it("gives a part of what was found", async () => {
    assert.equal(await found(ada, "owner=ada&limit=1"), "m");
    assert.equal(await found(ada, "owner=ada&limit=1&offset=1"), "b");
    assert.equal(await found(ada, "owner=ada&offset=3"), "");
  });

  for (const [query, says] of [
    ["evnt=DELETED", /Did you mean "event"/],
    ["event.equals=DELETED", /operator/],
    ["event.on=DELETED", /only/],
    ["persistent.gt=true", /only/],
    ["persistent=perhaps", /true or false/],
    ["created.after=soon", /moment/],
    ["policy.retryLimit=many", /number/],
    ["event.rlike=(", /regular expression/],
    ["event.between=A", /two values/],
    [`url.like=${"a".repeat(2001)}`, /2000/],
    [Array.from({ length: 51 }, () => "event=A").join("&"), /50/],
  ] as const) {
    it(`tells what is wrong with ?${query.slice(0, 30)}`, async () => {
      const { status, message } = await ada.ask("GET", `/?${query}`);
      assert.equal(status, 400);
      assert.match(message ?? "", says);
    });
  }
});
