import assert from "node:assert/strict";
import type { Uuid } from "../../../src/domain/ids.ts";
import type { Invocation } from "../../../src/domain/invocation.ts";
import type { FunctionTarget, Subscription } from "../../../src/domain/subscription.ts";
import type { App, FunctionVersion, KnownFunction } from "../../../src/store/records.ts";
import type { Store } from "../../../src/store/store.ts";
import type { Change, NewApp, NewFunction, NewSubscription } from "../../../src/store/unit.ts";
import { aSubscription, changed, givenSubscription, noonMs, tenantWithAda, uuid } from "./given.ts";

/** What the tests of the lifecycle face put into a store. */

export function anApp(over: Partial<NewApp> = {}): NewApp {
  const of = uuid("app");
  const moments = { createdMs: noonMs, updatedMs: noonMs };
  return { uuid: of, tenant: "acme", slug: `app-${of}`, name: "An app", owner: "ada", ...moments, ...over };
}

export function aFunction(over: Partial<NewFunction> = {}): NewFunction {
  const of = uuid("function");
  return {
    uuid: of,
    tenant: "acme",
    slug: `function-${of}`,
    name: "A function",
    enabled: true,
    timeoutMs: 300_000,
    env: { COLOUR: "green" },
    sealedSecrets: "c2VhbGVk",
    secretNames: ["TOKEN"],
    secretRoles: { TOKEN: "developer" },
    egress: ["example.org"],
    writes: false,
    owner: "ada",
    author: "ada",
    role: "admin",
    createdMs: noonMs,
    updatedMs: noonMs,
    ...over,
  };
}

export type NewVersion = Omit<FunctionVersion, "function" | "number">;

export function aVersion(over: Partial<NewVersion> = {}): NewVersion {
  const source = "export default () => true";
  const code = { hash: "a".repeat(64), language: "javascript", source, js: source } as const;
  return { ...code, createdMs: noonMs, createdBy: "ada", ...over };
}

export function addFunction(app: Uuid, fn: NewFunction, version = aVersion()): Change {
  return { do: "function.add", app, function: fn, version };
}

/** The tenant `acme` with ada and an app of hers. */
export async function givenApp(store: Store): Promise<App> {
  const app = anApp();
  await changed(store, ...tenantWithAda("acme"), { do: "app.add", app });
  return appNow(store, app);
}

export async function appNow(store: Store, { tenant, slug }: Pick<NewApp, "tenant" | "slug">): Promise<App> {
  return (await store.apps.app(tenant, slug)) ?? assert.fail(`app ${slug} is there`);
}

export async function givenFunction(store: Store, app: App, fn = aFunction()): Promise<KnownFunction> {
  await changed(store, addFunction(app.uuid, fn));
  return (await store.functions.bySlug(app.number, fn.slug)) ?? assert.fail(`function ${fn.slug} is there`);
}

export async function functionNow(store: Store, number: number): Promise<KnownFunction> {
  return (await store.functions.byNumber(number)) ?? assert.fail(`function ${number} is there`);
}

/** A function's subscription, whose scope is its app. */
export function aSubscriber(
  fn: Pick<KnownFunction, "number" | "appUuid">,
  event: string,
  over: Partial<NewSubscription> = {},
): NewSubscription {
  const target: FunctionTarget = { kind: "function", function: fn.number };
  return aSubscription(fn.appUuid, { face: "lifecycle", event, target, oncePerFunction: true, ...over });
}

export function givenSubscriber(store: Store, fn: KnownFunction, event: string): Promise<Subscription> {
  return givenSubscription(store, aSubscriber(fn, event));
}

/** One that succeeded, of an `invoke`. */
export function anInvocation(number: number, over: Partial<Invocation> = {}): Invocation {
  return {
    number,
    tenant: "acme",
    function: 1,
    version: 1,
    trigger: "invoke",
    eventType: "POST_USER_CREATE",
    eventId: `event of ${number}`,
    operation: `operation of ${number}`,
    attempt: 1,
    status: "succeeded",
    logs: [{ atMs: 3, level: "info", message: "hello" }],
    logsCut: false,
    createdMs: noonMs,
    startedMs: noonMs + 1,
    durationMs: 7,
    queueMs: 1,
    coldMs: 5,
    ...over,
  };
}

/** One that nobody has begun, or whose process is lost. */
export function aPendingInvocation(number: number, over: Partial<Invocation> = {}): Invocation {
  const { startedMs: _, durationMs: __, queueMs: ___, coldMs: ____, ...rest } = anInvocation(number);
  return { ...rest, status: "pending", logs: [], ...over };
}

export async function given(store: Store, ...invocations: readonly Invocation[]): Promise<void> {
  await changed(store, ...invocations.map((invocation): Change => ({ do: "invocation.put", invocation })));
}
