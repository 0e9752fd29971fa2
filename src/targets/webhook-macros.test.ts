import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { anEvent, uuid as anId, aSubscription } from "../../test/conformance/store/given.ts";
import { fakeClock } from "../../test/support/clock.ts";
import { stored } from "../../test/support/stored.ts";
import { resourceKinds } from "../domain/notifications/resource-kinds.ts";
import { newSigningSecret } from "../domain/signature.ts";
import { sendsToWebhook } from "../domain/subscription.ts";
import type { Egress } from "./egress.ts";
import { webhookTargets } from "./webhook.ts";

const secret = newSigningSecret(new Uint8Array(32).fill(3));

/** Where a rule with this URL sends a new object `path/to/my file.txt`. */
async function called(url: string): Promise<string> {
  let href = "";
  const send: Egress["send"] = ({ head }, posting) => {
    ({ href } = head.url);
    queueMicrotask(() => posting.answered({ kind: "answer", status: 200, snippet: "" }));
  };
  const scope = anId("bucket");
  const subscription = { ...aSubscription(scope), number: 1, updatedMs: 0, fromRevision: 1, revision: 1 };
  assert.ok(sendsToWebhook(subscription));
  const { target } = subscription;
  const prepared = webhookTargets({
    egress: { send } as Egress,
    clock: fakeClock(),
    open: () => ({ signing: [{ secret }] }),
    eventSource: "signalbox",
    kinds: resourceKinds(),
    publicUrl: () => "http://signalbox.example",
  })({ ...subscription, face: "objects", target: { ...target, format: "object", url: stored(url) } });
  const event = { ...anEvent(scope), names: { objects: "OBJECT_CREATED_PUT" }, sequence: 255, revision: 1 };
  const data = { ...event.data, bucket: "my-bucket", key: "path/to/my file.txt", size: 6, lastModifiedMs: 0 };
  await prepared.attempt({ uuid: anId("delivery"), event: { ...event, data }, attempt: 1 });
  return href;
}

describe("macros in the URL of a rule", () => {
  it("stand for what happened, encoded, as on every face", async () => {
    assert.equal(
      await called("https://a.example/${EVENT}?n=${NAME}&s=${FILE_LENGTH}"),
      "https://a.example/OBJECT_CREATED_PUT?n=my%20file.txt&s=6",
    );
  });

  it("are text where an older version took what is none", async () => {
    for (const url of ["https://a.example/?u=${unclosed", "https://a.example/?u=${lower}"]) {
      assert.equal(await called(url), url);
    }
  });
});
