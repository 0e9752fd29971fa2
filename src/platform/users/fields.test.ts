import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Params } from "../../domain/lifecycle.ts";
import { type UserFields, userChanges } from "../../domain/user.ts";
import { SignalboxError } from "../../errors.ts";
import type { AttributeCheck } from "../../offload/attribute-schemas.ts";
import { fieldsAfterHooks, mergedFields, newFields } from "./fields.ts";

const anything: AttributeCheck = async () => [];
const nothing: AttributeCheck = async (attributes) =>
  Object.keys(attributes).map((name) => ({ path: `attributes.${name}`, message: "must not be there" }));

const ada: UserFields = {
  username: "ada",
  email: "ada@example.com",
  firstName: "Ada",
  lastName: "Lovelace",
  attributes: { plan: "free", limits: { rows: 10, days: 7 }, tags: ["a", "b"] },
};

async function refusalOf(run: () => Promise<unknown>): Promise<SignalboxError> {
  try {
    await run();
  } catch (thrown) {
    if (thrown instanceof SignalboxError) return thrown;
    throw thrown;
  }
  return assert.fail("was accepted");
}

/** `{"a":{"a":…}}`, with so many objects. */
function nested(levels: number): Params {
  return levels === 1 ? {} : { a: nested(levels - 1) };
}

describe("a new user", () => {
  it("needs nothing but a name", async () => {
    const fields = await newFields({ username: "ada" }, anything);
    assert.deepEqual(fields, { username: "ada", email: "", firstName: "", lastName: "", attributes: {} });
  });

  it("has one name, whichever way its letters are composed", async () => {
    assert.equal((await newFields({ username: "Zoe\u0308" }, anything)).username, "Zo\u00eb");
  });

  it("is refused with everything that is wrong at once", async () => {
    const input = { username: "", email: "x", firstName: "\n", lastName: "\0", attributes: { rank: 1 } };
    const { code, fields, message } = await refusalOf(() => newFields(input, nothing));
    assert.equal(code, "invalid_request");
    assert.deepEqual(
      fields.map(({ path }) => path),
      ["username", "email", "first_name", "last_name", "attributes.rank"],
    );
    assert.match(message, /^username: must not be empty; email: .*; attributes.rank: must not be there$/);
  });

  const bad: readonly (readonly [string, unknown, string, RegExp])[] = [
    ["are an array", [], "attributes", /must be a JSON object/],
    ["are null", null, "attributes", /must be a JSON object/],
    ["are a text", "plan", "attributes", /must be a JSON object/],
    ["are too many bytes", { a: "x".repeat(65_536) }, "attributes", /at most 65536/],
    ["are too many bytes of few characters", { a: "😀".repeat(16_400) }, "attributes", /at most 65536/],
    ["lie too deep", nested(25), `attributes${".a".repeat(24)}`, /too deep/],
    ["lie far too deep", nested(5_000), `attributes${".a".repeat(24)}`, /too deep/],
    ["set a prototype", JSON.parse('{"a":{"__proto__":{"admin":true}}}'), "attributes.a.__proto__", /not a name/],
    ["hold what JSON has not", { a: Number.NaN }, "attributes.a", /NaN/],
    ["hold a function", { a: () => 1 }, "attributes.a", /must be JSON/],
  ];
  for (const [what, attributes, path, message] of bad) {
    it(`is refused when its attributes ${what}`, async () => {
      const { fields } = await refusalOf(() =>
        newFields({ username: "ada", attributes: attributes as Params }, anything),
      );
      assert.deepEqual(
        fields.map((field) => field.path),
        [path],
      );
      assert.match(fields[0]?.message ?? "", message);
    });
  }

  it("may have attributes up to the limits", async () => {
    const attributes = { ...nested(24), b: "x".repeat(65_000) };
    assert.deepEqual((await newFields({ username: "ada", attributes }, anything)).attributes, attributes);
  });

  it("is refused when a program says what is not known, or nothing at all", async () => {
    for (const [input, path, message] of [
      [{ username: "ada", password: "correct horse" }, "password", /is not a known property/],
      [{ username: "ada", first_name: "Ada" }, "first_name", /Did you mean "firstName"/],
      [null, "", /must be an object/],
      ["ada", "", /must be an object/],
      [undefined, "", /must be an object/],
    ] as const) {
      for (const run of [
        () => newFields(input as unknown as { username: string }, anything),
        () => mergedFields(ada, input as unknown as object, anything),
      ]) {
        const { code, fields, message: text } = await refusalOf(run);
        assert.deepEqual([code, fields[0]?.path], ["invalid_request", path]);
        assert.match(fields[0]?.message ?? "", message);
        assert.doesNotMatch(text, /correct horse/);
      }
    }
  });

  it("is refused when somebody sends other types than are declared", async () => {
    const input = { username: 7, email: {}, firstName: [], lastName: true };
    const { fields } = await refusalOf(() => newFields(input as unknown as { username: string }, anything));
    assert.deepEqual(
      fields.map(({ path, message }) => `${path} ${message}`),
      ["username", "email", "first_name", "last_name"].map((path) => `${path} must be a string`),
    );
  });
});

describe("a patch", () => {
  it("leaves what it does not name, and empties what it says is null", async () => {
    assert.deepEqual(await mergedFields(ada, {}, nothing), ada);
    const patch = { email: null, firstName: null, lastName: "King", attributes: null };
    assert.deepEqual(await mergedFields(ada, patch, anything), {
      username: "ada",
      email: "",
      firstName: "",
      lastName: "King",
      attributes: {},
    });
  });

  it("merges attributes by RFC 7396", async () => {
    const patch = { attributes: { plan: null, limits: { rows: 20 }, tags: ["c"], new: { deep: null, is: 1 } } };
    assert.deepEqual((await mergedFields(ada, patch, anything)).attributes, {
      limits: { rows: 20, days: 7 },
      tags: ["c"],
      new: { is: 1 },
    });
  });

  it("is judged by the schema only when it changes attributes: they may be older than it", async () => {
    assert.equal((await mergedFields(ada, { firstName: "A." }, nothing)).firstName, "A.");
    assert.equal(
      (await refusalOf(() => mergedFields(ada, { attributes: { plan: "x" } }, nothing))).code,
      "invalid_request",
    );
  });

  it("is refused when what it makes is too large, though it is small itself", async () => {
    const large = { ...ada, attributes: { a: "x".repeat(40_000) } };
    const { fields } = await refusalOf(() => mergedFields(large, { attributes: { b: "x".repeat(40_000) } }, anything));
    assert.equal(fields[0]?.path, "attributes");
  });

  it("is refused when it lies too deep to be merged", async () => {
    assert.match(
      (await refusalOf(() => mergedFields(ada, { attributes: nested(5_000) }, anything))).message,
      /too deep/,
    );
  });
});

describe("what hooks leave", () => {
  it("is the proposal with other names and attributes; what they took away is empty", async () => {
    const params = { username: "root", email: "x@x.example", first_name: "A.", attributes: { plan: "gold" } };
    assert.deepEqual(await fieldsAfterHooks(ada, params, anything), {
      ...ada,
      firstName: "A.",
      lastName: "",
      attributes: { plan: "gold" },
    });
    assert.deepEqual((await fieldsAfterHooks(ada, {}, anything)).attributes, {});
  });

  it("is a failure of the hooks, not of the caller, when it is no user", async () => {
    for (const [params, path] of [
      [{ first_name: 7 }, "first_name"],
      [{ first_name: null }, "first_name"],
      [{ last_name: "x".repeat(151) }, "last_name"],
      [{ attributes: { plan: "gold" } }, "attributes.plan"],
      [{ attributes: [] }, "attributes"],
      [{ attributes: { a: "x".repeat(70_000) } }, "attributes"],
    ] as const) {
      const { code, fields, message } = await refusalOf(() => fieldsAfterHooks(ada, params, nothing));
      assert.deepEqual([code, fields[0]?.path], ["hook_failed", path]);
      assert.match(message, /^what hooks changed does not fit: /);
    }
  });

  it("fits when they left attributes alone that the schema has outgrown", async () => {
    const params = { first_name: "Ada", last_name: "King", attributes: ada.attributes };
    assert.equal((await fieldsAfterHooks(ada, params, nothing)).lastName, "King");
  });
});

describe("changes", () => {
  it("are listed by name, with what was and what is", async () => {
    assert.deepEqual(userChanges(ada, { ...ada, email: "", attributes: {} }), {
      email: { from: "ada@example.com", to: "" },
      attributes: { from: ada.attributes, to: {} },
    });
  });

  it("are none when only the order of names is another", async () => {
    const attributes = { tags: ["a", "b"], limits: { days: 7, rows: 10 }, plan: "free" };
    assert.deepEqual(userChanges(ada, { ...ada, attributes }), {});
  });
});
