import { isDeepStrictEqual } from "node:util";
import type { Context } from "../../context.ts";
import type { Principal } from "../../domain/access.ts";
import type { NewEvent } from "../../domain/event.ts";
import type { OwnEvent } from "../../domain/raised-events.ts";
import type { KnownFunction } from "../../store/records.ts";
import type { FunctionPatch } from "../../store/unit.ts";
import { withParents } from "../ancestors.ts";
import { byCaller } from "../asking.ts";
import { raised } from "../raise.ts";
import { announcedFunctionData } from "../shown.ts";

/** The events of functions, for who watches them. */

type AnnouncedFunction = Parameters<typeof announcedFunctionData>[0] & Pick<KnownFunction, "tenant" | "appUuid">;

interface FunctionAnnouncement {
  /** As it is after that; of one that is gone, as it was. */
  readonly fn: AnnouncedFunction;
  readonly name: OwnEvent<"function">;
}

/** Also for who watches its app. */
export async function announcedFunction(
  { store, clock }: Pick<Context, "store" | "clock">,
  caller: Principal,
  { fn, name }: FunctionAnnouncement,
): Promise<NewEvent> {
  const { tenant, uuid, owner, appUuid } = fn;
  const parents = await withParents(store, { uuid, tenant, parents: [appUuid] });
  const of = { tenant, uuid, kind: "function", owners: [owner], ...parents } as const;
  return raised(clock, { ...of, name, resource: announcedFunctionData(fn), ...byCaller(caller) });
}

interface AnnouncedChange {
  readonly before: KnownFunction;
  readonly patch: FunctionPatch;
  /** Another version runs from now on. */
  readonly otherCode: boolean;
}

/** Enabling and disabling have events of their own, and what else changes is `UPDATED`. What stays as it was is not announced. */
export async function changedEvents(
  deps: Pick<Context, "clock" | "store">,
  caller: Principal,
  { before, patch, otherCode }: AnnouncedChange,
): Promise<NewEvent[]> {
  const differs = (name: string, value: unknown): boolean =>
    !isDeepStrictEqual((before as unknown as Readonly<Record<string, unknown>>)[name], value);
  const changed = Object.entries(patch).filter(([name, value]) => differs(name, value ?? undefined));
  const { name = before.name, enabled = before.enabled } = patch;
  const fn = { ...before, name, enabled, updatedMs: deps.clock.now() };
  const switched = changed.some(([property]) => property === "enabled");
  const updated = otherCode || changed.length > (switched ? 1 : 0);
  return [
    ...(updated ? [await announcedFunction(deps, caller, { fn, name: "UPDATED" })] : []),
    ...(switched ? [await announcedFunction(deps, caller, { fn, name: enabled ? "ENABLED" : "DISABLED" })] : []),
  ];
}
