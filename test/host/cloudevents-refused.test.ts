/** CloudEvents that are not as they must be, or that a token is not for; what is read leniently. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HTTP } from "cloudevents";
import type { HostScope } from "../../src/domain/access.ts";
import { batch, inBatch, inOne, listening, order, plain, register, structured } from "../support/cloudevents.ts";

describe("a CloudEvent that is not as it must be", () => {
  it("is refused with what is wrong, in each form by the names of that form, and nothing is published", async () => {
    await using at = await listening();
    const cases: readonly (readonly [object, string])[] = [
      [{ specversion: undefined }, "specversion"],
      [{ specversion: "0.3" }, "specversion"],
      [{ id: undefined }, "id"],
      [{ id: "" }, "id"],
      [{ id: "x".repeat(1_025) }, "id"],
      [{ source: undefined }, "source"],
      [{ source: "not a uri" }, "source"],
      [{ type: undefined }, "type"],
      [{ type: "POST_ORDER_EATEN" }, "type"],
      [{ type: "CREATED" }, "type"],
      [{ subject: "nonsense" }, "subject"],
      [{ user: "x".repeat(257) }, "user"],
      [{ time: "yesterday" }, "time"],
      [{ dataschema: "a b" }, "dataschema"],
      [{ data: { id: "seven", item: "a pen" } }, "data.id"],
      [{ data: { item: "a pen" } }, "data.id"],
      [{ data: undefined }, "data"],
    ];
    const jsonOnly: readonly (readonly [object, string])[] = [
      [{ id: 7 }, "id"],
      [{ id: null }, "id"],
      [{ data: [] }, "data"],
      [{ datacontenttype: "application/xml" }, "datacontenttype"],
      [{ data_base64: "aGVsbG8=" }, "data_base64"],
      [{ traceparent: { a: 1 } }, "traceparent"],
      [{ rank: 1.5 }, "rank"],
      [{ rank: 2 ** 31 }, "rank"],
      [{ someThing: "x" }, "someThing"],
    ];
    for (const [change, field] of [...cases, ...jsonOnly]) {
      const said = plain(change);
      const one = await at.ask(inOne(said));
      assert.deepEqual([one.status, one.fields[0]?.path], [400, field], one.text);
      const many = await at.ask(inBatch([plain({ id: "a" }), plain({ id: "b" }), plain({ id: "c" }), said]));
      assert.deepEqual([many.status, many.fields[0]?.path], [400, `events[3].${field}`], many.text);
    }
    for (const [change, field] of cases) {
      const { data, ...said } = plain(change);
      const headers = Object.entries(said).flatMap(([name, value]) =>
        typeof value === "string" ? [[`ce-${name}`, value] as const] : [],
      );
      const body = data === undefined ? undefined : JSON.stringify(data);
      const sent = { headers: { "content-type": "application/json", ...Object.fromEntries(headers) }, body };
      const answer = await at.ask(sent);
      const path = field.startsWith("data") && field !== "dataschema" ? field : `ce-${field}`;
      assert.deepEqual([answer.status, answer.fields[0]?.path], [400, path], answer.text);
    }
    for (const [sent, field] of [
      [inBatch([]), "events"],
      [inBatch(Array.from({ length: 1_001 }, () => ({}))), "events"],
      [{ headers: { "content-type": batch }, body: JSON.stringify(plain()) }, "events"],
      [inBatch([plain(), 7]), "events[1]"],
      [inBatch([plain(), [plain()]]), "events[1]"],
      [{ headers: { "content-type": structured }, body: JSON.stringify([plain()]) }, "body"],
      [{ headers: { "content-type": structured }, body: undefined }, "body"],
      [inOne(plain(Object.fromEntries(Array.from({ length: 64 }, (_, at) => [`a${at}`, "x"])))), ""],
    ] as const) {
      const answer = await at.ask(sent);
      assert.deepEqual([answer.status, answer.fields[0]?.path], [400, field], answer.text.slice(0, 300));
    }
    for (const [sent, status] of [
      [{ headers: { "content-type": structured }, body: "{" }, 400],
      [{ headers: { "content-type": `${structured}; charset=utf-16` }, body: "{}" }, 415],
      [{ headers: { ...HTTP.binary(order("1")).headers, "content-type": "application/xml" }, body: "<a/>" }, 415],
      [inOne(plain({ subject: "night-9-007", type: "RUNNING" })), 404],
      [inOne(plain({ data: { id: 7, item: "x".repeat(2 ** 20) } })), 413],
    ] as const) {
      const answer = await at.ask(sent);
      assert.equal(answer.status, status, answer.text.slice(0, 300));
    }
    assert.deepEqual(await at.committed(), []);
  });

  it("takes nothing of a batch with it when it raises what its resource does not know", async () => {
    await using at = await listening();
    await register(at.api, "night-1-007");
    const raise = (id: string, more: object): Record<string, unknown> =>
      plain({ id, type: "RUNNING", subject: "night-1-007", data: { status: "RUNNING" }, ...more });
    for (const [more, status, field] of [
      [{ type: "EATEN UP" }, 400, "events[2].type"],
      [{ data: 7 }, 400, "events[2].data"],
      [{ subject: "night-9-007" }, 404, "events[2]"],
    ] as const) {
      const answer = await at.ask(inBatch([plain(), raise("2", {}), raise("3", more)]));
      assert.deepEqual([answer.status, answer.fields[0]?.path], [status, field], answer.text);
    }
    assert.equal((await at.committed()).length, 1, "nothing but that it was registered");
    const right = await at.ask(inBatch([plain(), raise("2", {})]));
    assert.deepEqual(
      right.data.results.map(({ duplicate }) => duplicate),
      [undefined, undefined],
      "and nothing was remembered",
    );
  });

  it("is no body of any other route", async () => {
    await using at = await listening();
    const headers = { "content-type": structured };
    const answer = await at.api.askHost("POST", "/host/v1/resources/", { resources: [] }, { headers });
    assert.equal(answer.status, 415, answer.text);
    const outside = await at.api.ask("POST", "/api/cloud/buckets/", { name: "photos" }, { headers });
    assert.equal(outside.status, 415, outside.text);
  });
});

it("headers are unquoted, and percent-decoded once", async () => {
  await using at = await listening();
  const headers = HTTP.binary(order("1")).headers;
  const cases: readonly (readonly [string, string | number])[] = [
    ["J%C3%BCrgen%20%F0%9F%98%80", "Jürgen 😀"],
    ["100%2525", "100%25"],
    ["100%", "100%"],
    ['"a \\"b\\" %C3%BC"', 'a "b" ü'],
    ["J\u00fcrgen", 400],
    ["%C3", 400],
    ["%ED%A0%80", 400],
  ];
  for (const [index, [said, wanted]] of cases.entries()) {
    const sent = { headers: { ...headers, "ce-id": `user-${index}`, "ce-user": said }, body: '{"id":1,"item":"a"}' };
    const before = (await at.committed()).length;
    const answer = await at.ask(sent);
    const event = (await at.committed())[before];
    if (typeof wanted === "string") assert.equal(event?.actor, wanted, answer.text);
    else assert.deepEqual([answer.status, answer.fields[0]?.path, event], [wanted, "ce-user", undefined], answer.text);
  }
});

it("attributes that are null are not there, and extensions that are not known are no hindrance", async () => {
  await using at = await listening();
  const more = { subject: null, time: "2026-11-20T10:30:00.123456+01:00", traceparent: "00-a", rank: 7, late: true };
  const answer = await at.ask(inOne(plain({ ...more, datacontenttype: "application/json; charset=utf-8" })));
  assert.equal(answer.status, 200, answer.text);
  assert.equal((await at.committed()).length, 1);
});

it("a token is for its event types and kinds, in every form", async () => {
  await using at = await listening();
  await register(at.api, "night-1-007");
  const running = plain({ source: "/cluster", type: "RUNNING", subject: "night-1-007", data: {} });
  const of = (scope: Partial<HostScope>): Promise<string> =>
    at.api.hostToken(scope, `of-${JSON.stringify(scope).length}`);
  for (const [scope, orderStatus, jobStatus] of [
    [{ eventTypes: ["POST_ORDER_*"], kinds: ["job"] }, 200, 200],
    [{ eventTypes: ["POST_USER_*"] }, 403, 200],
    [{ kinds: ["system"] }, 200, 403],
  ] as const) {
    const token = await of(scope);
    const id = JSON.stringify(scope);
    for (const [event, status] of [
      [plain({ id }), orderStatus],
      [plain({ ...running, id }), jobStatus],
    ] as const) {
      const { data: _, ...rest } = event;
      const headers = Object.fromEntries(Object.entries(rest).map(([name, value]) => [`ce-${name}`, value as string]));
      const binary = {
        headers: { ...headers, "ce-id": encodeURIComponent(`${id}b`) },
        body: JSON.stringify(event["data"]),
      };
      for (const sent of [
        inOne(event),
        inBatch([event]),
        { ...binary, headers: { ...binary.headers, "content-type": "application/json" } },
      ]) {
        const answer = await at.ask(sent, token);
        assert.equal(answer.status, status, answer.text);
        if (status === 403) assert.match(answer.message, /your token is not for/);
      }
    }
  }
});
