import assert from "node:assert/strict";
import { it } from "node:test";
import { UnderWay } from "./under-way.ts";

const patient = new AbortController().signal;

it("a stop waits for what is under way, also for what that begins, and lets nothing else begin", async () => {
  const underWay = new UnderWay();
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  const ran = underWay.run(async () => {
    await first.promise;
    void underWay.track(second.promise);
  });
  let stopped = false;
  const stop = underWay.stop(patient).then(() => {
    stopped = true;
  });
  await assert.rejects(
    underWay.run(async () => {}),
    { code: "unavailable" },
  );
  first.resolve();
  await ran;
  await new Promise(setImmediate);
  assert.equal(stopped, false);
  second.resolve();
  await stop;
  assert.equal(underWay.cut.aborted, false);
});

it("a stop does not wait beyond its grace", async () => {
  const underWay = new UnderWay();
  const never = underWay.run(() => new Promise(() => {}));
  const grace = new AbortController();
  const stop = underWay.stop(grace.signal);
  assert.equal(underWay.stopping.aborted, true);
  assert.equal(underWay.cut.aborted, false);
  grace.abort();
  await stop;
  assert.equal(underWay.cut.aborted, true);
  void never;
  await new UnderWay().stop(AbortSignal.abort());
});

it("what fails under way harms no stop", async () => {
  const underWay = new UnderWay();
  const failing = underWay.run(() => Promise.reject(new Error("as it should")));
  await assert.rejects(failing, /as it should/);
  await underWay.stop(patient);
});
