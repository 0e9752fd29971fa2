/** What is said of a target is read once, into a type that says so; nothing downstream looks again. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { describe, it } from "node:test";
import { parseEgressAllow } from "../../src/domain/egress.ts";
import { type FilterText, paramFields, parseFilterText } from "../../src/domain/filter/index.ts";
import { type MailAddress, parseMailAddress } from "../../src/domain/mail-address.ts";
import type { TargetSecrets } from "../../src/domain/subscription.ts";
import { parseWebhookUrl, type WebhookUrl } from "../../src/domain/webhook-url.ts";
import { checkCredentialsStay } from "../../src/platform/access/credentials.ts";
import type { SubscriptionPatch } from "../../src/store/unit.ts";
import { runFace } from "../notifications/v2-server.ts";

/** How often each function of `file` was called meanwhile. */
async function callsMeanwhile(file: string, work: () => Promise<unknown>): Promise<ReadonlyMap<string, number>> {
  const session = new Session();
  session.connect();
  try {
    await session.post("Profiler.enable");
    await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
    await session.post("Profiler.takePreciseCoverage");
    await work();
    const { result } = await session.post("Profiler.takePreciseCoverage");
    const functions = result.filter(({ url }) => url.endsWith(file)).flatMap((script) => script.functions);
    return new Map(functions.map(({ functionName, ranges }) => [functionName, ranges[0]?.count ?? 0]));
  } finally {
    session.disconnect();
  }
}

describe("what is said of a target", () => {
  it("is read once on one POST, whatever it is", async () => {
    // No owner is asked, so that nothing is sent meanwhile.
    await using face = await runFace({ SIGNALBOX_MAIL_CONFIRM: "off" });
    const ada = await face.someone("ada");
    const associatedUuid = await face.file(ada, "pictures");
    const targets = ["https://u:p@hooks.example.com/${EVENT}?of=${FILE_NAME}", "ada+${EVENT}@example.com"];
    for (const url of targets) {
      const calls = await callsMeanwhile("src/domain/template.ts", () =>
        ada.subscribe({ url, event: "OVERWRITTEN", associatedUuid }),
      );
      assert.equal(calls.get("parseTemplate"), 1, url);
    }
    const target = { type: "webhook", url: targets[0] };
    const calls = await callsMeanwhile("src/domain/template.ts", () =>
      fetch(`${face.server.url}/api/cloud/subscriptions/`, {
        method: "POST",
        headers: { authorization: `Bearer ${ada.token}`, "content-type": "application/json" },
        body: JSON.stringify({ event: "OVERWRITTEN", resource: associatedUuid, target }),
      }).then(({ status }) => assert.equal(status, 201)),
    );
    assert.equal(calls.get("parseTemplate"), 1);
  });

  it("is no plain text any more", () => {
    const secrets: TargetSecrets = { signing: [] };
    const { url } = parseWebhookUrl("https://a.example/", { egressAllow: parseEgressAllow([]) });
    checkCredentialsStay({ from: url, to: url, secrets }, {});
    // @ts-expect-error a url that nobody has read
    checkCredentialsStay({ from: "https://a.example/", to: url, secrets }, {});
    // @ts-expect-error an address is no url
    const other: WebhookUrl = parseMailAddress("ada@example.com").address;
    // @ts-expect-error nor is a text an address
    const address: MailAddress = "ada@example.com";
    const filter: FilterText | undefined = parseFilterText("size > 1", paramFields);
    // @ts-expect-error a filter that nobody has read
    const patch: SubscriptionPatch = { filter: "size > 1" };
    assert.deepEqual(
      [other, address, filter, patch.filter],
      ["ada@example.com", "ada@example.com", "size > 1", "size > 1"],
    );
  });

  it("is taken at its word by its parser and by stores alone", () => {
    const cast = /\bas (?:WebhookUrl|MailAddress|FilterText|EventName)\b/;
    const root = new URL("../../src/", import.meta.url).pathname;
    const files = globSync("**/*.ts", { cwd: root }).filter((file) => cast.test(readFileSync(root + file, "utf8")));
    assert.deepEqual(files.sort(), [
      "domain/filter/filter.ts",
      "domain/mail-address.ts",
      "domain/notifications/known-kinds.ts",
      "domain/webhook-url.ts",
      "store/sql/subscription-reads.ts",
      "subscriptions/own-address.ts",
    ]);
  });
});
