import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { email } from "../../src/subscriptions/target-kinds/email.ts";
import { targetKindOf, targetNames } from "../../src/subscriptions/target-kinds/target-kinds.ts";
import { webhook } from "../../src/subscriptions/target-kinds/webhook.ts";

describe("the kinds of targets", () => {
  it("are told in the order of the documents", () => {
    assert.deepEqual(targetNames, ["webhook", "destination", "email", "function"]);
  });

  it("say each how bodies call their members", () => {
    for (const kind of targetNames) {
      const { members, schemas } = targetKindOf({ kind });
      const written = new Set(Object.values(members));
      assert.deepEqual(new Set(Object.keys(schemas.made.properties).filter((name) => name !== "type")), written);
    }
  });

  it("leave out nothing that verbs, faces or sending ask for", () => {
    const { prepare: _, ...unsent } = webhook;
    // @ts-expect-error nobody could send to it
    const halfWebhook: typeof webhook = unsent;
    const { retries: __, ...untold } = email;
    // @ts-expect-error nobody would know when to try again
    const halfEmail: typeof email = untold;
    assert.ok(halfWebhook !== undefined && halfEmail !== undefined);
  });
});
