import type { Context } from "../../context.ts";
import type { Principal } from "../../domain/access.ts";
import type { NewEvent } from "../../domain/event.ts";
import type { OwnEvent } from "../../domain/raised-events.ts";
import { invalidField, notFound, SignalboxError } from "../../errors.ts";
import type { App } from "../../store/records.ts";
import type { Page, Store } from "../../store/store.ts";
import type { NewApp } from "../../store/unit.ts";
import { byCaller } from "../asking.ts";
import { freshUuid } from "../deps.ts";
import { noted } from "../edits.ts";
import { raised } from "../raise.ts";
import { announcedApp } from "../shown.ts";
import { slugOf } from "../slugs.ts";

/** Apps: what functions belong to. Everybody of the tenant sees them. */

interface NewAppInput {
  readonly name: string;
  /** Made from the name when absent. */
  readonly slug?: string;
}

/** More are most likely a program that went wrong. */
const mostApps = 1_000;

/** @throws SignalboxError `not_found` when the caller's tenant has no such app. */
export async function findApp(store: Store, caller: Principal, slug: string): Promise<App> {
  const app = await store.apps.app(caller.tenant, slug);
  if (app === undefined) throw notFound(`app '${slug}'`);
  return app;
}

/** Oldest first. */
export function listApps(store: Store, caller: Principal, page: Page<number>): Promise<App[]> {
  return store.apps.apps(caller.tenant, page);
}

/** @throws SignalboxError `invalid_request` when no slug can be made of the name; `conflict` for one that is taken. */
export async function createApp(
  deps: Pick<Context, "clock" | "publish" | "store">,
  caller: Principal,
  { name, slug }: NewAppInput,
): Promise<App> {
  const { store, publish, clock } = deps;
  const { tenant } = caller;
  const chosen = slug ?? slugOf(name);
  if (chosen === undefined) throw invalidField("slug", "is required for a name without any of a-z and 0-9");
  const nowMs = clock.now();
  const app = {
    uuid: freshUuid(clock, "app"),
    tenant,
    slug: chosen,
    name,
    owner: caller.name,
    createdMs: nowMs,
    updatedMs: nowMs,
  };
  const commit = await publish({
    conditions: [
      { if: "apps.fewer", tenant, fewer: mostApps },
      { if: "app.slugFree", tenant, slug: chosen },
    ],
    changes: [{ do: "app.add", app }],
    events: [appEvent(deps, caller, { app, name: "REGISTERED" })],
  });
  if (commit.kind === "refused") {
    const full = commit.condition.if === "apps.fewer";
    throw new SignalboxError(
      "conflict",
      full
        ? `a tenant may have at most ${mostApps} apps; delete one`
        : `there is an app '${chosen}' already; choose another slug`,
    );
  }
  return findApp(store, caller, chosen);
}

/** For who watches the app. */
function appEvent(
  { clock }: Pick<Context, "clock">,
  caller: Principal,
  { app, name }: { readonly app: NewApp; readonly name: OwnEvent<"app"> },
): NewEvent {
  const { tenant, uuid, owner } = app;
  const of = { tenant, uuid, kind: "app", owners: [owner] } as const;
  return raised(clock, { ...of, name, resource: announcedApp(app), ...byCaller(caller) });
}

/** @throws SignalboxError `not_found`. */
export async function renameApp(
  deps: Pick<Context, "clock" | "publish" | "store">,
  caller: Principal,
  slug: string,
  name: string,
): Promise<App> {
  const before = await findApp(deps.store, caller, slug);
  const { uuid } = before;
  const atMs = deps.clock.now();
  const app = { ...before, name, updatedMs: atMs };
  const commit = await deps.publish({
    conditions: [{ if: "app.exists", uuid }],
    changes: [{ do: "app.change", uuid, name, atMs }, noted(deps, caller, uuid)],
    events: [appEvent(deps, caller, { app, name: "UPDATED" })],
  });
  if (commit.kind === "refused") throw notFound(`app '${slug}'`);
  return findApp(deps.store, caller, slug);
}

/** @throws SignalboxError `not_found`; `conflict` while it has functions. */
export async function removeApp(
  deps: Pick<Context, "clock" | "publish" | "store">,
  caller: Principal,
  slug: string,
): Promise<void> {
  const app = await findApp(deps.store, caller, slug);
  const { uuid } = app;
  const commit = await deps.publish({
    conditions: [
      { if: "app.exists", uuid },
      { if: "app.empty", uuid },
    ],
    changes: [
      { do: "app.remove", uuid, atMs: deps.clock.now() },
      { do: "edit.end", thing: uuid },
      { do: "resource.end", uuid, atMs: deps.clock.now() },
    ],
    events: [appEvent(deps, caller, { app, name: "DELETED" })],
  });
  if (commit.kind === "committed") return;
  if (commit.condition.if === "app.exists") throw notFound(`app '${slug}'`);
  throw new SignalboxError("conflict", `app '${slug}' has functions; delete them first`);
}
