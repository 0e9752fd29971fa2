import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SignalboxError } from "../../errors.ts";
import { parseUuid } from "../ids.ts";
import { eventNameForm } from "./known-kinds.ts";
import { type KindInput, type ResourceKind, raisedName, resourceKinds } from "./resource-kinds.ts";

const own = ["profile", "file", "app", "subscription", "bucket", "function"];

function kindNamed(name: string, hosted: readonly KindInput[] = []): ResourceKind {
  const kind = resourceKinds(hosted).byName(name);
  assert.ok(kind, `there is no kind ${name}`);
  return kind;
}

function uuid(text: string) {
  const parsed = parseUuid(text);
  assert.ok(parsed);
  return parsed;
}

function problemsOf(hosted: unknown): readonly string[] {
  try {
    resourceKinds(hosted as readonly KindInput[]);
  } catch (thrown) {
    assert.ok(thrown instanceof SignalboxError && thrown.code === "invalid_request");
    assert.notEqual(thrown.message, "");
    return thrown.fields.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

describe("the kinds that are known", () => {
  const kinds = resourceKinds();
  const { all } = kinds;

  it("are found by name, by code and by uuid", () => {
    const rows: readonly (readonly [string, string])[] = [
      ["profile", "001"],
      ["file", "002"],
      ["internal_user", "003"],
      ["app", "005"],
      ["system", "006"],
      ["job", "007"],
      ["transfer", "009"],
      ["postit", "010"],
      ["subscription", "011"],
      ["metadata", "012"],
      ["schema", "013"],
      ["monitor", "014"],
      ["monitor_check", "015"],
      ["tag", "048"],
      ["realtime_channel", "054"],
      ["bucket", "101"],
      ["function", "102"],
    ];
    for (const [name, code] of rows) {
      assert.equal(kinds.byName(name)?.code, code);
      assert.equal(kinds.byCode(code)?.name, name);
    }
    assert.equal(kinds.of(uuid("0001409758089943-5056a550b8-0001-002"))?.name, "file");
    assert.equal(kinds.of(uuid("7554973644402463206-242ac114-0001-007"))?.name, "job");
    for (const code of ["004", "042", "900", "", "2"]) assert.equal(kinds.byCode(code), undefined);
    for (const name of ["", "File", "constructor", "__proto__"]) assert.equal(kinds.byName(name), undefined);
  });

  it("have names and codes of their own, and no event twice or too long to be subscribed to", () => {
    assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
    assert.equal(new Set(all.map(({ code }) => code)).size, all.length);
    for (const { name, events, open } of all) {
      assert.equal(new Set(events).size, events.length, name);
      for (const event of events) assert.match(event, eventNameForm);
      assert.ok(open || events.length > 0, name);
    }
  });

  it("are closed where Signalbox raises their events itself", () => {
    for (const name of own) assert.equal(kindNamed(name).open, false);
    assert.deepEqual(
      all.slice(0, own.length).map(({ name }) => name),
      own,
    );
  });

  it("tell events as documented and as they were raised", () => {
    const rows: readonly (readonly [string, readonly string[]])[] = [
      [
        "file",
        ["UPLOADED", "UPLOAD", "CONTENT_CHANGED", "CONTENT_CHANGE", "OVERWRITTEN", "METADATA_UPDATED", "DOWNLOAD"],
      ],
      ["subscription", ["SUCCESS", "FAILURE", "FORCED_ATTEMPT"]],
      ["app", ["REGISTERED", "CREATED", "UPDATED", "JOB_CREATED"]],
      ["profile", ["QUOTA_EXCEEDED", "PERMISSION_GRANT", "PERMISSION_REVOKE"]],
      ["system", ["STATUS_UPDATE", "JOB_FINISHED", "MONITOR_CHECK_PASSED"]],
      ["job", ["ARCHIVING_FINISHED", "HEARTBEAT", "JOB_RUNTIME_CALLBACK_EVENT"]],
    ];
    for (const [name, events] of rows) {
      for (const event of events) assert.ok(kindNamed(name).events.includes(event), `${name} ${event}`);
    }
    assert.equal(kindNamed("file").events[0], "CREATED");
  });

  it("say under which key payloads hold them", () => {
    assert.equal(kindNamed("file").payloadKey, "file");
    assert.equal(kindNamed("subscription").payloadKey, "notification");
    assert.equal(kindNamed("transfer").payloadKey, "transferTask");
    assert.deepEqual(
      all.filter(({ flat }) => flat).map(({ name }) => name),
      ["job"],
    );
  });
});

describe("the kinds that a host declares", () => {
  it("are new ones, with a code of their own or the shared one", () => {
    const order = { name: "order", code: "300", events: ["SHIPPED"], macros: { ORDER_ID: "id" } };
    const kinds = resourceKinds([order, { name: "ticket", open: true }, { name: "visit", events: ["SEEN"] }]);
    assert.deepEqual(kinds.byName("order"), {
      name: "order",
      code: "300",
      payloadKey: "order",
      events: ["SHIPPED", "CREATED", "UPDATED", "DELETED", "PERMISSION_GRANT", "PERMISSION_REVOKE"],
      open: false,
      parents: [],
      flat: false,
      macros: { ORDER_ID: "id" },
    });
    assert.equal(kinds.of(uuid("a-300"))?.name, "order");
    assert.equal(kinds.byName("ticket")?.code, "900");
    assert.equal(kinds.byName("visit")?.code, "900");
    assert.equal(kinds.of(uuid("a-900")), undefined);
    assert.deepEqual(
      kinds.all.slice(-3).map(({ name }) => name),
      ["order", "ticket", "visit"],
    );
  });

  it("say more about documented ones, which keep what they have", () => {
    const job = kindNamed("job", [
      {
        name: "job",
        code: "007",
        open: false,
        events: ["FINISHED", "PREEMPTED"],
        macros: { JOB_ID: "uuid", JOB_TEAM: "team" },
      },
    ]);
    assert.deepEqual([job.open, job.flat, job.code], [false, true, "007"]);
    assert.deepEqual(job.events, [...kindNamed("job").events, "PREEMPTED"]);
    assert.deepEqual([job.macros["JOB_ID"], job.macros["JOB_TEAM"], job.macros["JOB_NAME"]], ["uuid", "team", "name"]);
    assert.equal(kindNamed("metadata", [{ name: "metadata", open: true }]).open, true);
    assert.equal(kindNamed("metadata").open, false);
  });

  const order = { name: "order", events: ["SHIPPED"] };
  const rows: readonly (readonly [string, unknown, readonly RegExp[]])[] = [
    ["no list", "order", [/^kinds: must be a list/]],
    ["too many", Array.from({ length: 201 }, (_, index) => ({ name: `k${index}`, open: true })), [/at most 200/]],
    ["no object", [null, "order", []], [/^kinds\[0\]: /, /^kinds\[1\]: /, /^kinds\[2\]: /]],
    ["no name", [{ events: ["A"] }], [/^kinds\[0\]\.name: must be 1–32/]],
    ["a misspelt name", [{ ...order, name: "Order" }], [/^kinds\[0\]\.name: must be 1–32/]],
    ["an endless name", [{ ...order, name: "o".repeat(33) }], [/^kinds\[0\]\.name/]],
    ...own.map((name) => [`our ${name}`, [{ ...order, name }], [/of Signalbox's own/]] as const),
    ["a taken word", [{ ...order, name: "notification" }], [/has another meaning/]],
    ["a name twice", [order, order], [/^kinds\[1\]\.name: order is declared twice/]],
    ["a code as a number", [{ ...order, code: 300 }], [/^kinds\[0\]\.code: must be three digits/]],
    ["a low code", [{ ...order, code: "042" }], [/^kinds\[0\]\.code: must be three digits/]],
    ["a code of ours", [{ ...order, code: "101" }], [/101 is taken/]],
    ["the shared code", [{ ...order, code: "900" }], [/leave it out/]],
    [
      "a code twice",
      [
        { ...order, code: "300" },
        { name: "b", code: "300", open: true },
      ],
      [/^kinds\[1\]\.code: 300 is taken/],
    ],
    ["another code of a documented one", [{ name: "job", code: "300" }], [/must be 007/]],
    ["events that are no list", [{ ...order, events: "SHIPPED" }], [/^kinds\[0\]\.events: must be a list/]],
    [
      "odd events",
      [{ ...order, events: ["*", "A B", 1, "A".repeat(33), "OK"] }],
      [/events\[0\]/, /\[1\]/, /\[2\]/, /\[3\]/],
    ],
    ["too many events", [{ ...order, events: Array.from({ length: 257 }, () => "A") }], [/at most 256/]],
    ["no events, and closed", [{ name: "order" }], [/^kinds\[0\]\.events: must name at least one/]],
    ["neither open nor closed", [{ ...order, open: "yes" }], [/^kinds\[0\]\.open: must be true or false/]],
    ["parents that are no list", [{ ...order, parents: "system" }], [/^kinds\[0\]\.parents: must be a list/]],
    ["parents that there are not", [{ ...order, parents: ["system", "ordr", 1] }], [/parents\[1\]: must be/, /\[2\]/]],
    ["macros that are no object", [{ ...order, macros: ["A"] }], [/^kinds\[0\]\.macros: must be an object/]],
    [
      "odd macros",
      [{ ...order, macros: { order: "id", "A}": "id" } }],
      [/macros\.order: must have a name/, /A}: must have/],
    ],
    ["a macro of every kind", [{ ...order, macros: { EVENT: "id" } }], [/macros\.EVENT: is a macro of every kind/]],
    ["odd paths", [{ ...order, macros: { A: "", B: "a..b", C: 1, D: "a".repeat(257) } }], [/\.A/, /\.B/, /\.C/, /\.D/]],
    [
      "what is not known",
      [{ ...order, event: [] }],
      [/^kinds\[0\]\.event: is not a known property. Did you mean "events"/],
    ],
  ];
  for (const [title, hosted, expected] of rows) {
    it(`may not be ${title}`, () => {
      const problems = problemsOf(hosted);
      assert.equal(problems.length, expected.length, problems.join("\n"));
      for (const [index, problem] of problems.entries()) assert.match(problem, expected[index] ?? /^$/);
    });
  }
});

describe("the name of an event that is raised", () => {
  it("is one of its kind in any case of letters, where that is closed", () => {
    assert.equal(raisedName(kindNamed("file"), "OVERWRITTEN"), "OVERWRITTEN");
    assert.equal(raisedName(kindNamed("file"), "Overwritten"), "OVERWRITTEN");
    assert.throws(() => raisedName(kindNamed("file"), "OVERWRITEN"), {
      code: "invalid_request",
      message:
        /^event: "OVERWRITEN" is no event of .* file\. Did you mean "OVERWRITTEN"\? Its events are CREATED, DELETED/,
    });
    for (const name of ["", "*", "toString", "X".repeat(100_000)]) {
      assert.throws(
        () => raisedName(kindNamed("file"), name),
        ({ message }: Error) => message.length < 1000,
      );
    }
  });

  it("may be any other of the right form as it is said, where it is open", () => {
    assert.equal(raisedName(kindNamed("job"), "finished"), "FINISHED");
    for (const name of ["FINISHED", "my_own_Event1", "A".repeat(32)]) {
      assert.equal(raisedName(kindNamed("job"), name), name);
    }
    for (const name of ["", "*", "1A", "_A", "A B", "A-B", "A\n", "Ä", "A".repeat(33)]) {
      assert.throws(() => raisedName(kindNamed("job"), name), {
        code: "invalid_request",
        message: /^event: must be/,
      });
    }
  });
});
