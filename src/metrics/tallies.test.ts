import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { Counter, Histogram, Registry } from "prom-client";
import { observations, talliesBy, tally } from "./tallies.ts";

const described = { name: "lasted_seconds", help: "How long it lasted" };
const buckets = [0.005, 0.1, 1, 60];

it("write what prom-client's own metrics write of the same counts, however often they are read between", async () => {
  const labels = { label: "reason", values: ["status", "timeout", "tls"] as const };
  const counts = fc.record({
    plain: fc.nat(9),
    reason: fc.constantFrom(...labels.values),
    seconds: fc.oneof(fc.constantFrom(0, ...buckets), fc.double({ min: 0, max: 100, noNaN: true })),
    read: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(counts), async (all) => {
      const [ours, theirs] = [new Registry(), new Registry()];
      const registers = [theirs];
      const add = tally(ours, { name: "all_total", help: "All" });
      const addBy = talliesBy(ours, { name: "by_total", help: "By" }, labels);
      const observe = observations(ours, described, buckets);
      const plain = new Counter({ name: "all_total", help: "All", registers });
      const by = new Counter({ name: "by_total", help: "By", labelNames: ["reason"], registers });
      const histogram = new Histogram({ ...described, buckets, registers });
      for (const reason of labels.values) by.inc({ reason }, 0);
      for (const { plain: count, reason, seconds, read } of all) {
        add(count);
        plain.inc(count);
        addBy(reason, count);
        by.inc({ reason }, count);
        observe(seconds);
        histogram.observe(seconds);
        if (read) await ours.metrics();
      }
      assert.equal(await ours.metrics(), await theirs.metrics());
    }),
  );
});
