/** Who hears of a resource: whoever sees it when that is told, and under which name. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { everyone } from "../../src/domain/access.ts";
import type { NewEvent } from "../../src/domain/event.ts";
import { anyResource, type Uuid } from "../../src/domain/ids.ts";
import type { Subscription } from "../../src/domain/subscription.ts";
import type { Change, NewSubscription } from "../../src/store/unit.ts";
import { uuid } from "../conformance/store/given.ts";
import { type Engine, engine, failed, ok } from "../support/engine.ts";
import { stored } from "../support/stored.ts";

const roles = { bob: "member", cyd: "member", dev: "developer", mallory: "member" } as const;

async function peopled(): Promise<Engine> {
  const at = await engine();
  const changes = Object.entries(roles).map(([name, role]): Change => {
    return { do: "principal.put", principal: { tenant: "acme", name, role, createdMs: 0 } };
  });
  await at.publish({ changes });
  return at;
}

function watch(at: Engine, owner: string, over: Partial<NewSubscription>): Promise<Subscription> {
  return at.subscribe({ face: "notifications", owner, ...over });
}

async function raise(at: Engine, resource: Uuid, name: string, over: Partial<NewEvent> = {}): Promise<number> {
  const event: NewEvent = {
    id: name,
    tenant: "acme",
    resource,
    names: { notifications: stored(name) },
    owners: ["bob"],
    origin: "test",
    timeMs: at.clock.now(),
    data: { kind: "any", resource: {} },
    ...over,
  };
  const commit = await at.publish({ events: [event] });
  assert.ok(commit.kind === "committed");
  return commit.sequences[0] ?? 0;
}

/** Who was told what so far, sorted. */
function told(at: Engine): string[] {
  return at.tried.map(({ subscription, event }) => `${subscription.owner} ${event.names.notifications}`).toSorted();
}

async function quiet(at: Engine, expected: readonly string[]): Promise<void> {
  await at.triedTimes(expected.length);
  await at.calm();
  assert.deepEqual(told(at), [...expected].toSorted());
}

describe("an event of a resource", () => {
  it("is heard by its owner, by whom it was shared with, and by admins, and by nobody else", async () => {
    await using at = await peopled();
    const job = uuid("job");
    await at.publish({ changes: [{ do: "grant.put", grant: { resource: job, grantee: "cyd", permission: "read" } }] });
    for (const name of ["ada", ...Object.keys(roles)]) await watch(at, name, { scope: job });
    await raise(at, job, "RUNNING");
    await quiet(at, ["ada RUNNING", "bob RUNNING", "cyd RUNNING"]);
  });

  it("is heard by developers when it is of a kind that they reach all of", async () => {
    await using at = await peopled();
    const file = uuid("file");
    for (const name of Object.keys(roles)) await watch(at, name, { scope: file });
    await raise(at, file, "OVERWRITTEN");
    await quiet(at, ["bob OVERWRITTEN", "dev OVERWRITTEN"]);
  });

  it("is heard no more from the moment at which sight was lost, the loss itself included", async () => {
    await using at = await peopled();
    const job = uuid("job");
    const grant = { resource: job, grantee: "cyd" } as const;
    await at.publish({ changes: [{ do: "grant.put", grant: { ...grant, permission: "read" } }] });
    for (const name of ["ada", "bob", "cyd"]) await watch(at, name, { scope: job });
    await at.publish({
      changes: [{ do: "grant.remove", ...grant }],
      events: [
        {
          id: "revoked",
          tenant: "acme",
          resource: job,
          names: { notifications: "PERMISSION_REVOKE" },
          owners: ["bob"],
          origin: "test",
          timeMs: at.clock.now(),
          data: {},
        },
      ],
    });
    await quiet(at, ["ada PERMISSION_REVOKE", "bob PERMISSION_REVOKE"]);
  });

  it("that waited for its next attempt is not sent to who lost sight meanwhile, not even when it is redriven", async () => {
    await using at = await peopled();
    const job = uuid("job");
    const grant = { resource: job, grantee: "cyd" } as const;
    await at.publish({ changes: [{ do: "grant.put", grant: { ...grant, permission: "read" } }] });
    const one = await watch(at, "cyd", { scope: job, policy: { maxRetries: 9, scheduleMs: [1_000], jitter: 0 } });
    at.answer = () => failed;
    const sequence = await raise(at, job, "RUNNING");
    await at.becomes("waiting", sequence, one);
    await at.publish({ changes: [{ do: "grant.remove", ...grant }] });
    at.answer = () => ok;
    at.clock.advance(1_000);
    assert.equal((await at.becomes("dead", sequence, one)).reason, "not_visible");
    const dueMs = at.clock.now();
    await at.publish({ changes: [{ do: "delivery.redrive", sequence, subscription: one.number, dueMs }] });
    await at.deliverer.wake(one.number);
    await at.becomes("dead", sequence, one);
    assert.equal(at.tried.length, 1);
  });

  it("that is its end is heard by who saw it just before", async () => {
    await using at = await peopled();
    const job = uuid("job");
    await at.publish({ changes: [{ do: "grant.put", grant: { resource: job, grantee: "cyd", permission: "read" } }] });
    await watch(at, "cyd", { scope: job });
    await at.publish({
      changes: [{ do: "resource.end", uuid: job, atMs: at.clock.now() }],
      events: [
        {
          id: "gone",
          tenant: "acme",
          resource: job,
          names: { notifications: "DELETED" },
          owners: ["bob"],
          origin: "test",
          timeMs: at.clock.now(),
          data: {},
        },
      ],
    });
    await quiet(at, ["cyd DELETED"]);
    assert.deepEqual(await at.store.grants.grants(job), []);
  });
});

describe("an event of what everybody may see", () => {
  it("is heard by all who have rights in the tenant, and by nobody whose rights have ended or who never had any", async () => {
    await using at = await peopled();
    const job = uuid("job");
    await at.publish({
      changes: [{ do: "grant.put", grant: { resource: job, grantee: everyone, permission: "read" } }],
    });
    for (const name of [...Object.keys(roles), "stranger"]) await watch(at, name, { scope: job });
    await at.publish({ changes: [{ do: "principal.end", tenant: "acme", name: "mallory", atMs: at.clock.now() }] });
    await watch(at, "mallory", { scope: job });
    await raise(at, job, "RUNNING");
    const living = Object.keys(roles).filter((name) => name !== "mallory");
    await quiet(
      at,
      living.map((name) => `${name} RUNNING`),
    );
  });
});

describe("who watches", () => {
  it("everything hears each event of what they see once, and only the tenant's own", async () => {
    await using at = await peopled();
    await watch(at, "ada", { scope: anyResource });
    await watch(at, "bob", { scope: anyResource });
    await raise(at, uuid("job"), "RUNNING");
    await raise(at, uuid("file"), "OVERWRITTEN", { scope: at.bucket, owners: ["cyd"] });
    await quiet(at, ["ada OVERWRITTEN", "ada RUNNING", "bob RUNNING"]);
  });

  it("a bucket hears what happened to a file in it, or that its content changed, and of its own events by name", async () => {
    await using at = await peopled();
    const all = await watch(at, "ada", { scope: at.bucket });
    await watch(at, "ada", { scope: at.bucket, event: "CONTENT_CHANGED" });
    await watch(at, "ada", { scope: at.bucket, event: "OVERWRITTEN" });
    await watch(at, "ada", { scope: at.bucket, event: "FILE_OVERWRITTEN" });
    const file = { scope: at.bucket, owners: ["ada"], data: { kind: "file", resource: {} } };
    await raise(at, uuid("file"), "OVERWRITTEN", file);
    await raise(at, uuid("file"), "METADATA_UPDATED", file);
    await raise(at, at.bucket, "DELETED", { owners: ["ada"] });
    const thrice = ["ada OVERWRITTEN", "ada OVERWRITTEN", "ada OVERWRITTEN"];
    await quiet(at, ["ada DELETED", "ada METADATA_UPDATED", ...thrice]);
    assert.equal(at.tried.filter(({ subscription }) => subscription.uuid === all.uuid).length, 3);
  });

  it("a subscription hears what came of its deliveries; who watches everything does not, and nothing goes round", async () => {
    await using at = await peopled();
    const job = uuid("job");
    const watched = await watch(at, "bob", { scope: job });
    await watch(at, "bob", { scope: watched.uuid });
    await watch(at, "ada", { scope: anyResource });
    await raise(at, job, "RUNNING");
    await quiet(at, ["ada RUNNING", "bob RUNNING", "bob SUCCESS"]);
    at.answer = ({ subscription }) => (subscription.uuid === watched.uuid ? { kind: "refused", reason: "status" } : ok);
    await raise(at, job, "FINISHED");
    await quiet(at, ["ada FINISHED", "ada RUNNING", "bob FAILURE", "bob FINISHED", "bob RUNNING", "bob SUCCESS"]);
  });

  it("two subscriptions that watch each other make no noise of it", async () => {
    await using at = await peopled();
    const job = uuid("job");
    const [one, other] = [uuid("subscription"), uuid("subscription")];
    await watch(at, "bob", { scope: job });
    await watch(at, "bob", { uuid: one, scope: other });
    await watch(at, "bob", { uuid: other, scope: one });
    await raise(at, one, "UPDATED");
    // Of that delivery `other` is told to `one`, and of that nothing.
    await quiet(at, ["bob SUCCESS", "bob UPDATED"]);
  });

  it("narrows it down by a filter over what is told of the resource", async () => {
    await using at = await peopled();
    const job = uuid("job");
    await watch(at, "bob", { scope: job, filter: stored("WHERE status = 'FAILED' AND exitCode > 1") });
    const about = (resource: Readonly<Record<string, string | number>>) => ({ data: { kind: "job", resource } });
    await raise(at, job, "UPDATED", about({ status: "FAILED", exitCode: 1 }));
    await raise(at, job, "FAILED", about({ status: "FAILED", exitCode: 2 }));
    await quiet(at, ["bob FAILED"]);
  });
});
