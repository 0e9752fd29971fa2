import { noQuotas } from "../../../src/domain/quotas.ts";
import { asideEvents } from "../../../src/store/sql/aside.ts";
import { configurations } from "../../../src/store/sql/configurations.ts";
import { deliveries } from "../../../src/store/sql/deliveries.ts";
import { deliveryLists } from "../../../src/store/sql/delivery-list.ts";
import { figures } from "../../../src/store/sql/figures.ts";
import { functions } from "../../../src/store/sql/function-reads.ts";
import { identities } from "../../../src/store/sql/identities.ts";
import { keptMails } from "../../../src/store/sql/kept-mails.ts";
import { mailboxes } from "../../../src/store/sql/mailboxes.ts";
import { objects } from "../../../src/store/sql/objects.ts";
import { operations } from "../../../src/store/sql/operations.ts";
import { quotas } from "../../../src/store/sql/quotas.ts";
import { deadAhead } from "../../../src/store/sql/redrive-step.ts";
import { resolvers } from "../../../src/store/sql/resolvers.ts";
import type { Reads, Repeated } from "../../../src/store/sql/step.ts";
import { subscriptions } from "../../../src/store/sql/subscription-reads.ts";
import { users } from "../../../src/store/sql/users.ts";
import { allWaits } from "../../../src/store/sql/waits.ts";
import type { NewSubscription } from "../../../src/store/unit.ts";
import { aBucket, uuid } from "./given.ts";

/** Reads of the store, each asked of a database that looks at how it is going to run them: none may go through a whole table, or sort. */

export async function readIdentities(reads: Reads, repeated: Repeated): Promise<void> {
  const [who, what] = [identities(reads, repeated), objects(reads, repeated)];
  const wanted = subscriptions(reads);
  const asked = mailboxes(reads);
  const said = configurations(reads);
  const { uuid } = aBucket();
  const page = { max: 9 };
  const bounds = quotas(reads, noQuotas);
  await bounds.of("acme");
  await bounds.one("acme", "bytes");
  await bounds.bounds("events_per_second");
  await what.uploadsBefore(0, { max: 9 });
  await who.tenant("acme");
  await who.tenants(page);
  await who.principal("acme", "ada");
  await who.principals({ tenant: "acme", nowMs: 0 }, { after: "a", max: 9 });
  await who.principals({ tenant: "acme", nowMs: 0, name: "ada" }, { max: 1 });
  await who.principalsOf({ tenant: "acme", uuid, username: "ada" });
  await asked.question("a@b.example");
  await asked.refused("a@b.example");
  const mails = keptMails(reads);
  await mails.list({ max: 9 });
  await mails.list({ max: 9, after: "a" });
  await mails.nameOf("a");
  await mails.raw("a");
  await who.tokenByHash("");
  await who.tokens("acme", page);
  await who.tokens("acme", { ...page, after: uuid });
  await who.accessKey("");
  await who.accessKeys({ tenant: "acme" }, page);
  await who.accessKeys({ tenant: "acme", principal: "ada" }, page);
  await who.grant(uuid, "ada");
  await who.grants(uuid);
  await who.reach(uuid, "ada");
  await who.living("acme", ["ada"]);
  await what.bucket("acme", "");
  await what.bucketByUuid(uuid);
  await what.buckets({ tenant: "acme" }, page);
  await what.buckets({ tenant: "acme", visibleTo: "ada" }, page);
  await what.object(uuid, "");
  await what.list({ bucket: uuid, prefix: "a", from: "ab" }, { ...page, after: "abc" });
  await what.sizes(uuid, page);
  await what.upload("");
  await what.uploads({ bucket: uuid, prefix: "a" }, page);
  await what.parts("", page);
  await what.part("", 1);
  await what.referred(["blob"]);
  await said.of(uuid, "cors");
  await said.corsOfName("alpha", page);
  await wanted.get(uuid);
  await wanted.byNumber(1);
  await wanted.byNumbers([1]);
  await wanted.list({ tenant: "acme" }, page);
  await wanted.list({ tenant: "acme", scope: uuid, face: "objects" }, page);
  await wanted.changedSince("acme", { revision: 1, number: 1 }, 9);
  await wanted.pastAt("acme", { revision: 1, upTo: 2 }, { max: 9 });
  await wanted.everOn({ tenant: "acme", scopes: [uuid] }, page);
  await wanted.stood(1, { revision: 1, atMs: 1 });
  await wanted.newest({ tenant: "acme" }, page);
  await wanted.newest({ tenant: "acme", face: "notifications", deleted: true }, page);
  await wanted.newest({ tenant: "acme", owner: "ada", scope: uuid }, page);
  await wanted.listening({ tenant: "acme" }, page);
  await wanted.scopesOf("subscription");
  await who.seersOf([{ tenant: "acme", resources: [uuid], developers: true }]);
  await what.objectByUuid(uuid);
}

export async function readFunctions(reads: Reads): Promise<void> {
  const reserve = async () => 1;
  const [what, who, done] = [functions(reads, reserve), users(reads, reserve), operations(reads)];
  const page = { max: 9 };
  await what.app("acme", "");
  await what.apps("acme", page);
  await what.byNumber(1);
  await what.bySlug(1, "");
  await what.list(1, page);
  await what.version({ function: 1, number: 1 });
  await what.versionByHash({ function: 1, hash: "" });
  await what.versions(1, page);
  await what.ranBefore({ function: 1, number: 1 });
  await what.subscription({ function: 1, event: "" });
  await what.subscriptions(1);
  await what.invocation(1);
  await what.invocationOf({ sequence: 1, subscription: 1, attempt: 1 });
  for (const query of [{}, { function: 1 }, { eventType: "" }, { function: 1, eventType: "" }]) {
    await what.invocations({ tenant: "acme", ...query }, page);
    await what.narrowedInvocations({ tenant: "acme", ...query, narrowing: { app: 1, version: 1, sinceMs: 1 } }, page);
  }
  await who.byNumber({ tenant: "acme", number: 1 });
  await who.byUuid(uuid("profile"));
  await who.byName("acme", "ada");
  await who.list({ tenant: "acme" }, page);
  await who.list({ tenant: "acme", email: "a" }, page);
  await who.list({ tenant: "acme", username: "a" }, page);
  await who.schema("acme");
  await done.decision("acme", "");
  await done.decisions({ tenant: "acme" }, page);
  await done.decisions(
    { tenant: "acme", outcome: "denied", function: 1, sinceMs: 1, untilMs: 9 },
    { ...page, after: { timeMs: 5, operation: "a" } },
  );
  await done.remembered({ tenant: "acme", principal: "", key: "" });
  await done.intents({}, page);
  await done.intents({ tenant: "acme" }, page);
  await done.intent("");
}

export async function readFigures(reads: Reads): Promise<void> {
  const kept = figures(reads, async () => {});
  const viewer = { name: "ada", developer: true };
  const span = { tenant: "acme", span: "minute", fromMs: 0, toMs: 120_000 } as const;
  await kept.standing([1], 0);
  await kept.standings({ tenant: "acme", nowMs: 0, viewer }, { max: 9 });
  await kept.oldestWaiting({ tenant: "acme" });
  await kept.oldestWaiting({ subscription: 1 });
  await kept.totals(span);
  await kept.reasons(span);
  for (const query of [{}, { subscription: 1 }, { viewer }]) {
    const hour = { tenant: "acme", atMs: 0, ...query };
    await kept.ofHour(hour);
    await kept.reasonsOfHour(hour);
  }
}

export async function readHostOperations(reads: Reads): Promise<void> {
  const done = operations(reads);
  await done.intents({ tenant: "acme", origin: "host", state: "open" }, { max: 9 });
  await done.dueIntents(0, 9);
  await done.nextDueMs();
  await done.ended("a");
  await resolvers(reads).of("acme");
}

/** @param subscription one that is there, of this scope */
export async function readDeliveries(
  reads: Reads,
  { uuid: subscription, scope }: Pick<NewSubscription, "uuid" | "scope">,
  waits = allWaits,
): Promise<void> {
  const lists = deliveryLists(reads);
  const place = { sequence: 1, subscription: 1 };
  for (const order of ["newest", "oldest"] as const) {
    for (const narrowed of [{}, { statuses: ["dead", "waiting"] as const }, { scope }, { subscription }]) {
      const query = { tenant: "acme", order, ...narrowed };
      await lists.list(query, { max: 9 });
      await lists.list(query, { max: 9, after: place });
      await lists.count(query);
    }
  }
  await lists.newest();
  const kept = deliveries(reads, async () => ({ state: "done", subscriptions: [] }), waits);
  await kept.due(1, 0, 9);
  await kept.nextDue(1, 0);
  await kept.waits(1, { after: { dueMs: 0, sequence: 0 }, max: 9 });
  await kept.waiting({ max: 9 });
  const aside = asideEvents(reads, waits);
  await aside.list({ tenant: "acme", state: "waiting" }, { max: 9 });
  await aside.list({ tenant: "acme", state: "poisoned" }, { max: 9 });
  await aside.tenants();
  await kept.recorded({ from: 1, to: 2 }, { max: 9 });
  await kept.attempts(place);
  await kept.attempt(place, 1);
  await kept.countsOfEvents({ tenant: "acme", sequences: [1, 2] });
  await kept.redrives({ tenant: "acme" }, { max: 9 });
  const { sql, params } = deadAhead({ tenant: "acme", filter: {}, after: place, toSequence: 9 }, 9);
  await reads.all(sql, ...params);
}
