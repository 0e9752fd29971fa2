import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testApi } from "../support/api.ts";
import { subscribed } from "../support/hooks.ts";
import { ruleOn, sent } from "../support/sent.ts";
import { asking } from "./asking.ts";

describe("events and operations on the command line", () => {
  it("are listed, shown with who wanted them, and sent", async () => {
    await using api = await testApi();
    const bucket = await api.bucket("photos");
    await sent(api, bucket, await ruleOn(api, bucket), "delivered");
    const later = await ruleOn(api, bucket);
    const fed = await api.feed.next(100, new AbortController().signal);
    await api.feed.settle({ records: [], done: fed.map(({ event }) => event.sequence) });
    const signalbox = await asking(api);
    const list = await signalbox("event-log", "list", "--where", "key = 'a.txt'");
    assert.equal(list.code, 0, list.err);
    assert.match(
      list.out,
      /^ID +TIME +NAME +BUCKET +KEY +ACTOR +DELIVERED +WAITING +DEAD\n\S+ +\S+ +OBJECT_CREATED_PUT +photos +a\.txt/,
    );
    assert.match(
      (await signalbox("event-log", "list", "--deliveries", "none", "--bucket", "photos")).out,
      /^(?!.*a\.txt)/,
    );
    const id = /\n(\S+)/.exec(list.out)?.[1] ?? "";
    const shown = await signalbox("event-log", "show", id);
    assert.match(shown.out, /"key": "a\.txt"/);
    assert.match(shown.out, /matched, and was delivered after 1 attempt/);
    assert.match(shown.out, /did not match: it was not there yet/);
    const { out, err } = await signalbox("event-log", "send", id, later.uuid);
    assert.match(out, /status: +waiting/, err);
    assert.match((await signalbox("event-log", "send", id, later.uuid)).err, /redrive its delivery/);
    assert.match((await signalbox("event-log", "list", "--where", "kye = 'a'")).err, /where: .*kye/);
  });

  it("tell which hook refused what, and why", async () => {
    await using api = await testApi();
    const denies = 'export default () => ({ decision: "deny", message: "only @example.com" })';
    await subscribed(api, "PRE_USER_CREATE", denies, { name: "Only ours" });
    await api.ask("POST", "/api/cloud/users/", { username: "eve", email: "eve@example.org" });
    const signalbox = await asking(api);
    const list = await signalbox("operation", "list", "--outcome", "denied");
    const id = /\n(\S+) +\S+ +PRE_USER_CREATE +denied/.exec(list.out)?.[1] ?? "";
    const { out } = await signalbox("operation", "show", id);
    assert.match(out, /prepare +Only ours +deny +only @example\.com/);
    assert.match(out, /raised USER_CREATE_ABORTED/);
  });
});
