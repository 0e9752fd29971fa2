import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseDeleteObjects } from "../../../../test/support/parsed-xml.ts";
import { Each, readingCompleteMultipart, readingDeleteObjects, writeXml, writingXml } from "./xml.ts";

/** What a work comes to, how often it may be interrupted, and what it costs. */
function interrupted<T>(work: Generator<void, T, void>): { readonly value: T; readonly steps: number } {
  const before = process.threadCpuUsage();
  for (let steps = 1; ; steps += 1) {
    const { done, value } = work.next();
    if (done !== true) continue;
    const { user, system } = process.threadCpuUsage(before);
    assert.ok(user + system < 2_000_000, `${user + system} µs`);
    return { value, steps };
  }
}

describe("documents that are as long as they may be", () => {
  it("are read in many small steps", () => {
    const text = "&amp;".repeat(380);
    const keys = `<Delete>${`<Object><Key>${text}</Key></Object>`.repeat(1000)}</Delete>`;
    const deleted = interrupted(readingDeleteObjects(Buffer.from(keys)));
    assert.deepEqual(deleted.value.objects.at(-1), { key: "&".repeat(380), conditions: {} });
    assert.ok(deleted.steps > 50, `${deleted.steps} steps`);

    const parts = Array.from(
      { length: 10_000 },
      (_, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>e</ETag></Part>`,
    );
    const document = `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`;
    const completed = interrupted(readingCompleteMultipart(Buffer.from(document)));
    assert.equal(completed.value.length, 10_000);
    assert.ok(completed.steps > 100, `${completed.steps} steps`);
  });

  it("are written in many small steps, as they are in one", () => {
    const keys = Array.from({ length: 1000 }, () => "\u0001&".repeat(512));
    const content = { Name: "b", Contents: Each.of(keys, (key) => ({ Key: key, Size: 1 })) };
    const { value, steps } = interrupted(writingXml("L", content, { xmlns: "urn:x" }));
    assert.equal(value, writeXml("L", content, { xmlns: "urn:x" }));
    assert.equal(
      value,
      writeXml("L", { Name: "b", Contents: keys.map((Key) => ({ Key, Size: 1 })) }, { xmlns: "urn:x" }),
    );
    assert.ok(steps > 50, `${steps} steps`);
  });

  it("hold no text and no tag that is longer than it can need to be", () => {
    for (const xml of [
      `<Delete><Object><Key>${"k".repeat(70_000)}</Key></Object></Delete>`,
      `<Delete><Object><Key>${"<![CDATA[k]]>".repeat(70_000)}</Key></Object></Delete>`,
      `<Delete${' a="b"'.repeat(1_000)}/>`,
    ]) {
      assert.throws(() => parseDeleteObjects(Buffer.from(xml)), { code: "MalformedXML" });
    }
  });
});
