import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { examples } from "../support/examples.ts";
import { until } from "../support/until.ts";
import { installed } from "./harness.ts";

describe("the examples in the docs that need a client", () => {
  it("README.md: aws-cli after curl", async () => {
    installed("aws");
    await using scene = await examples();
    assert.equal(await scene.run("README.md", { kinds: ["sh", "sh fails", "sh aws"] }), 11);
    // By curl, and by aws-cli.
    await until("both writes to be heard of", () => scene.receiver.received.length >= 2);
  });

  it("docs/destinations.md: a topic, and a bucket that tells it", async () => {
    installed("aws");
    await using scene = await examples();
    assert.equal(await scene.run("docs/destinations.md", { kinds: ["sh", "sh aws"] }), 3);
    const tested = () => scene.receiver.received.find(({ path }) => path === "/scans");
    assert.match(tested()?.body ?? "", /"Event":"s3:TestEvent"/);
  });
});
