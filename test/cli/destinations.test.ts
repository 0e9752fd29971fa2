import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testApi } from "../support/api.ts";
import { asking, json } from "./asking.ts";

describe("signalbox destination", () => {
  it("makes and changes destinations with their tags", async () => {
    await using api = await testApi();
    const signalbox = await asking(api);
    const tags = ["--tag", "team=shop", "--tag", "push-endpoint=https://orders.example/in"];
    const made = ["destination", "create", "orders", "https://orders.example/in", "--alerts", "off", ...tags, "--json"];
    assert.match((await json(signalbox(...made))).signing_secret ?? "", /^whsec_/);
    const changed = [
      "destination",
      "change",
      "orders",
      "--url",
      "https://orders.example/v2",
      "--tag=team=a=b",
      "--json",
    ];
    const shown: Readonly<Record<string, unknown>> = await json(signalbox(...changed));
    assert.deepEqual(
      [shown["tags"], shown["alerts"]],
      [{ team: "a=b", "push-endpoint": "https://orders.example/v2" }, false],
    );
    const wrong = await signalbox("destination", "change", "orders", "--tag", "push-endpoint=https://other.example/");
    assert.equal(wrong.code, 1);
    assert.match(wrong.err, /tags.push-endpoint: says where it goes/);
    assert.equal((await signalbox("destination", "delete", "orders")).code, 0);
  });

  it("lists how many go to each, and which", async () => {
    await using api = await testApi();
    const signalbox = await asking(api);
    for (const name of ["orders", "unused"]) {
      assert.equal((await signalbox("destination", "create", name, `https://${name}.example/in`)).code, 0);
    }
    const subscribing = ["subscription", "create", "POST_USER_CREATE", "--destination", "orders", "--json"];
    const { id = "" } = await json(signalbox(...subscribing));
    const { out } = await signalbox("destination", "list");
    assert.match(out, /^orders .*\b1\b.*:orders$/m);
    assert.match(out, /^unused .*\b0\b.*:unused$/m);
    const going = async (name: string) => (await signalbox("subscription", "list", "--destination", name)).out;
    assert.match(await going("orders"), new RegExp(id));
    assert.doesNotMatch(await going("unused"), new RegExp(id));
  });
});
