/** Compares what clients were told with what is kept, and that with what the functions did. */
import assert from "node:assert/strict";
import { systemClock } from "../../../src/clock.ts";
import type { Event } from "../../../src/domain/event.ts";
import { lifecycleOf } from "../../../src/domain/lifecycle.ts";
import { silentLog } from "../../../src/log.ts";
import { openSqliteStore } from "../../../src/store/sqlite/store.ts";
import type { ServerProcess } from "../../support/server-process.ts";
import type { Book, MadeUser } from "./book.ts";
import { app, refused, slugs, tokenOf } from "./functions.ts";
import type { Welcome } from "./host.ts";

export type User = Omit<MadeUser, "operation_id">;

interface Invocation {
  readonly id: number;
  readonly function_slug: string;
  readonly status: string;
  readonly operation_id: string;
  readonly event_id: string;
  readonly verdict: { readonly decision: string } | null;
}

interface Decision {
  readonly event: string;
  readonly outcome: "allowed" | "denied" | "failed";
  readonly resource: string | null;
  readonly hooks: readonly {
    readonly function_slug: string;
    readonly invocation_id: number | null;
    readonly verdict: { readonly decision: string; readonly patch?: unknown } | null;
  }[];
}

interface Delivery {
  readonly status: string;
  readonly event: { readonly id: string; readonly name: string; readonly resource: string };
}

/** Everything that the API shows. */
export interface Kept {
  readonly users: readonly User[];
  readonly deliveries: readonly Delivery[];
  readonly invocations: readonly Invocation[];
  /** By operation. */
  readonly decisions: ReadonlyMap<string, Decision>;
}

export function usersOf(server: ServerProcess): Promise<User[]> {
  return all<User>(server, "/api/cloud/users/", "users");
}

export async function keptBy(server: ServerProcess): Promise<Kept> {
  const invocations: Invocation[] = [];
  for (const slug of slugs) {
    invocations.push(
      ...(await all<Invocation>(server, `/api/apps/${app}/functions/${slug}/invocations/`, "invocations")),
    );
  }
  const decisions = new Map<string, Decision>();
  for (const operation of new Set(invocations.map((one) => one.operation_id))) {
    decisions.set(operation, await server.api<Decision>("GET", `/api/cloud/decisions/${operation}/`));
  }
  return {
    users: await usersOf(server),
    deliveries: await all<Delivery>(server, "/api/cloud/deliveries/", "deliveries"),
    invocations,
    decisions,
  };
}

async function all<T>(server: ServerProcess, path: string, of: string): Promise<T[]> {
  const found: T[] = [];
  for (let cursor = ""; ; ) {
    const page = await server.api<Readonly<Record<string, unknown>>>("GET", `${path}?limit=100${cursor}`);
    found.push(...(page[of] as readonly T[]));
    const next = page["next_cursor"];
    if (typeof next !== "string") return found;
    cursor = `&cursor=${encodeURIComponent(next)}`;
  }
}

/** Whoever was told of a user finds it, and there is no other than those that were asked for and agreed to. */
export function assertUsersFit({ users }: Kept, book: Book): void {
  const byName = new Map(users.map((user) => [user.username, user]));
  assert.equal(byName.size, users.length, "each name is there once");
  for (const { username, made, taken, denied, unsure } of book.signUps) {
    const user = byName.get(username);
    byName.delete(username);
    if (made !== undefined) {
      assert.deepEqual([user?.uuid, user?.attributes], [made.uuid, made.attributes], `${username} is as it was told`);
    }
    if (taken) assert.ok(user !== undefined, `${username} was told to be there`);
    if (denied) assert.equal(user, undefined, `${username} was refused`);
    if (made === undefined && !taken && !unsure) assert.equal(user, undefined, `${username} was not made`);
  }
  assert.deepEqual([...byName.keys()], [], "nobody is there who was not asked for");
  for (const { username, attributes } of users) {
    assert.ok(!Object.values(refused).some((prefix) => username.startsWith(prefix)), `${username} was refused`);
    assert.equal(attributes.checked, tokenOf(username), `${username} has the verdict on its own name`);
  }
}

/** No user without its decision, no agreement without its user, and each hook that has run is told of. */
export function assertDecided({ users, decisions, invocations }: Kept, book?: Book): void {
  const byNumber = new Map(invocations.map((one) => [one.id, one]));
  const allowed = new Map([...decisions].filter(([, { outcome }]) => outcome === "allowed"));
  const named = new Map([...allowed].map(([operation, { resource }]) => [resource, operation]));
  assert.equal(allowed.size, users.length, "as many agreements as users");
  for (const { username, uuid } of users) {
    const operation = named.get(uuid);
    const decision = operation === undefined ? undefined : allowed.get(operation);
    assert.ok(decision !== undefined, `${username} was decided upon`);
    assert.equal(decision.event, "PRE_USER_CREATE");
    const made = book?.signUps.find((one) => one.username === username)?.made;
    if (made !== undefined) assert.equal(operation, made.operation_id, `${username} was told its operation`);
    assert.deepEqual(
      decision.hooks.map((hook) => [hook.function_slug, hook.verdict]),
      [
        ["prepare", { decision: "allow", patch: { attributes: { checked: tokenOf(username) } } }],
        ["validate", { decision: "allow" }],
      ],
      `${username} has the verdicts of both`,
    );
    for (const { function_slug: slug, invocation_id: number } of decision.hooks) {
      const {
        status,
        verdict,
        operation_id: of,
        function_slug: by,
      } = byNumber.get(number ?? 0) ?? assert.fail(`${slug} ran`);
      assert.deepEqual([status, verdict?.decision, of, by], ["succeeded", "allow", operation, slug]);
    }
  }
  const unsettled = invocations.filter(({ status }) => status === "pending");
  assert.deepEqual(unsettled, [], "every invocation has ended");
  assert.equal(byNumber.size, invocations.length, "no two invocations have one number");
}

/** Each user was announced once, and its function ran until its host had thanked, each time for the same event. */
export function assertWelcomed(
  { users, deliveries, invocations }: Kept,
  told: readonly { readonly told: Welcome; readonly answer: string }[],
): void {
  const byUser = new Map(users.map((user) => [user.uuid, user]));
  const events = new Map(deliveries.map(({ event }) => [event.resource, event.id]));
  assert.equal(deliveries.length, users.length, "one delivery for each user");
  assert.equal(events.size, users.length);
  for (const { status, event } of deliveries) {
    assert.deepEqual([status, event.name, byUser.has(event.resource)], ["delivered", "POST_USER_CREATE", true]);
  }
  const thanked = new Set<string>();
  for (const { told: one, answer } of told) {
    const { username = "nobody" } = byUser.get(one.user) ?? {};
    assert.deepEqual(
      [one.name, one.checked],
      [username, tokenOf(username)],
      "only who was made is welcomed, and checked",
    );
    assert.equal(one.event, events.get(one.user), `${username} is always welcomed for the same event`);
    if (answer === "thanks") thanked.add(one.user);
  }
  const ran = new Set(invocations.filter(({ status }) => status === "succeeded").map((one) => one.event_id));
  for (const { uuid, username } of users) {
    assert.ok(thanked.has(uuid), `${username} was welcomed`);
    assert.ok(ran.has(events.get(uuid) ?? ""), `${username} has a run that succeeded`);
  }
}

/** The log of a server that has ended says the same: one POST event for each user, none for anybody else. */
export async function assertLogged(folder: string, { users, decisions }: Kept): Promise<void> {
  const opened = await openSqliteStore({ folder, clock: systemClock, log: silentLog });
  try {
    const events: Event[] = [];
    for (let page = await opened.store.events.after(0, 1_000); page.length > 0; ) {
      events.push(...page);
      page = await opened.store.events.after(events.at(-1)?.sequence ?? 0, 1_000);
    }
    const made = events.filter(({ names }) => names.lifecycle === "POST_USER_CREATE");
    assert.deepEqual(new Set(made.map(({ resource }) => resource)), new Set(users.map(({ uuid }) => uuid)));
    assert.equal(made.length, users.length, "each is announced once");
    for (const event of made) assert.equal(decisions.get(lifecycleOf(event).operation)?.resource, event.resource);
    // Whoever's hooks had run is told when nothing came of it, and of nothing else.
    const told = events.filter(({ names }) => names.lifecycle !== undefined);
    const others = new Set(told.filter((one) => !made.includes(one)).map(({ names }) => names.lifecycle));
    assert.deepEqual(
      [...others].filter((name) => name !== "USER_CREATE_ABORTED"),
      [],
    );
  } finally {
    await opened[Symbol.asyncDispose]();
  }
}
