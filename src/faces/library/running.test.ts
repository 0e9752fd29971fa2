import assert from "node:assert/strict";
import { it } from "node:test";
import { EventService } from "./event-service.ts";
import type { Library } from "./library.ts";
import { libraryOf, nowRunning } from "./running.ts";

const handle = () => ({ url: "http://127.0.0.1:1", [Symbol.asyncDispose]: async () => {} });

it("an event service finds the only Signalbox of its process, or the one that it was given", async () => {
  const [first, second] = [{}, {}] as Library[];
  assert.ok(first !== undefined && second !== undefined);
  assert.throws(() => libraryOf(undefined), { code: "unavailable", message: /call start\(config\) first/ });
  const service = new EventService({ tenant: "acme" });
  await assert.rejects(service.taskResult("t").get(), { code: "unavailable" });

  const [one, another] = [handle(), handle()];
  const stopOne = nowRunning(one, first);
  assert.equal(libraryOf(undefined), first);
  const stopAnother = nowRunning(another, second);
  assert.throws(() => libraryOf(undefined), { code: "conflict", message: /several/ });
  assert.equal(libraryOf(one), first);
  assert.equal(libraryOf(another), second);

  stopOne();
  stopOne();
  assert.throws(() => libraryOf(one), { code: "unavailable", message: /does not run/ });
  assert.equal(libraryOf(undefined), second);
  stopAnother();
  assert.throws(() => libraryOf(undefined), { code: "unavailable" });
});

it("an event service belongs to a tenant", () => {
  assert.throws(() => new EventService({ tenant: "" }), { code: "invalid_request" });
});
