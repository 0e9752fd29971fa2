import type { Context } from "../../context.ts";
import type { EventTypeDefinition } from "../../domain/catalog.ts";
import { defined } from "../../domain/defined.ts";
import type { EventTypeSource } from "../../domain/event-types.ts";
import type { KindSource } from "../../domain/notifications/live-kinds.ts";
import type { ResourceKind } from "../../domain/notifications/resource-kinds.ts";
import { notFound } from "../../errors.ts";
import type { StoredEventType, StoredKind } from "../../store/declarations.ts";
import { declarationLimits } from "./deps.ts";

/** Which event types and kinds there are, and who says so. */

type FindContext = Pick<Context, "store" | "declared">;

export interface FoundEventType {
  /** What is in effect. */
  readonly definition: EventTypeDefinition;
  readonly source: EventTypeSource;
  /** What is declared in the store; not in effect where the source is another. */
  readonly declaration?: StoredEventType;
}

export interface FoundKind {
  /** What is in effect. Absent: a declaration is at odds with what the host program declares. */
  readonly kind?: ResourceKind;
  readonly source: KindSource;
  /** What is declared in the store; not in effect where the source is another. */
  readonly declaration?: StoredKind;
}

/** In the order of the catalog. */
export async function listEventTypes({ store, declared }: FindContext): Promise<readonly FoundEventType[]> {
  await declared.refresh();
  const { catalog } = declared;
  const stored = await store.declarations.eventTypes({ max: declarationLimits.eventTypes });
  const byName = new Map(stored.map((one) => [one.name, one]));
  return catalog.names.flatMap((name) => {
    const [definition, source] = [catalog.get(name), catalog.sourceOf(name)];
    if (definition === undefined || source === undefined) return [];
    return [{ definition, source, ...defined({ declaration: byName.get(name) }) }];
  });
}

/** @throws SignalboxError `not_found` */
export async function findEventType({ store, declared }: FindContext, name: string): Promise<FoundEventType> {
  await declared.refresh();
  const { catalog } = declared;
  const [definition, source] = [catalog.get(name), catalog.sourceOf(name)];
  if (definition === undefined || source === undefined) throw notFound(`event type '${name.slice(0, 64)}'`);
  return { definition, source, ...defined({ declaration: await store.declarations.eventType(name) }) };
}

/** In the order of all kinds; those that are not in effect last. */
export async function listKinds({ store, declared }: FindContext): Promise<readonly FoundKind[]> {
  await declared.refresh();
  const { kinds } = declared;
  const stored = await store.declarations.kinds({ max: declarationLimits.kinds });
  const byName = new Map(stored.map((one) => [one.name, one]));
  const known = kinds.all.map((kind): FoundKind => {
    const declaration = byName.get(kind.name);
    return { kind, source: kinds.sourceOf(kind.name) ?? "documented", ...defined({ declaration }) };
  });
  const idle = stored.filter(({ name }) => kinds.byName(name) === undefined);
  return [...known, ...idle.map((declaration): FoundKind => ({ source: "declared", declaration }))];
}

/** @throws SignalboxError `not_found` */
export async function findKind({ store, declared }: FindContext, name: string): Promise<FoundKind> {
  await declared.refresh();
  const { kinds } = declared;
  const [kind, declaration] = [kinds.byName(name), await store.declarations.kind(name)];
  if (kind === undefined && declaration === undefined) throw notFound(`kind '${name.slice(0, 64)}'`);
  return { source: kinds.sourceOf(name) ?? "declared", ...defined({ kind, declaration }) };
}
