import type { Context } from "../../context.ts";
import type { EventTypeDefinition } from "../../domain/catalog.ts";
import { defined } from "../../domain/defined.ts";
import type { EventTypeSource } from "../../domain/event-types.ts";
import type { KindSource } from "../../domain/notifications/live-kinds.ts";
import type { ResourceKind } from "../../domain/notifications/resource-kinds.ts";
import { notFound } from "../../errors.ts";
import type { StoredEventType, StoredKind } from "../../store/declarations.ts";
import type { Page } from "../../store/page.ts";

/** Which event types and kinds there are, and who says so. */

type FindContext = Pick<Context, "store" | "declared">;
type Kinds = FindContext["declared"]["kinds"];

export interface FoundEventType {
  /** What is in effect. */
  readonly definition: EventTypeDefinition;
  readonly source: EventTypeSource;
  /** What is declared in the store; not in effect where the source is another. */
  readonly declaration?: StoredEventType;
}

export interface FoundKind {
  readonly name: string;
  /** What is in effect. Absent: a declaration is at odds with what the host program declares. */
  readonly kind?: ResourceKind;
  readonly source: KindSource;
  /** What is declared in the store; not in effect where the source is another. */
  readonly declaration?: StoredKind;
}

/** By name. */
export async function listEventTypes(
  { store, declared }: FindContext,
  page: Page<string>,
): Promise<readonly FoundEventType[]> {
  await declared.refresh();
  const { catalog } = declared;
  const stored = new Map((await store.declarations.eventTypes(page)).map((one) => [one.name, one]));
  return pageOf(catalog.names, page).flatMap((name) => {
    const [definition, source] = [catalog.get(name), catalog.sourceOf(name)];
    if (definition === undefined || source === undefined) return [];
    return [{ definition, source, ...defined({ declaration: stored.get(name) }) }];
  });
}

/** Of any names, each once. */
function pageOf(names: Iterable<string>, { after = "", max }: Page<string>): readonly string[] {
  return [...new Set(names)]
    .filter((name) => name > after)
    .toSorted()
    .slice(0, max);
}

/** @throws SignalboxError `not_found` */
export async function findEventType({ store, declared }: FindContext, name: string): Promise<FoundEventType> {
  await declared.refresh();
  const { catalog } = declared;
  const [definition, source] = [catalog.get(name), catalog.sourceOf(name)];
  if (definition === undefined || source === undefined) throw notFound(`event type '${name.slice(0, 64)}'`);
  return { definition, source, ...defined({ declaration: await store.declarations.eventType(name) }) };
}

/** By name, with those that are not in effect. */
export async function listKinds({ store, declared }: FindContext, page: Page<string>): Promise<readonly FoundKind[]> {
  await declared.refresh();
  const { kinds } = declared;
  const stored = new Map((await store.declarations.kinds(page)).map((one) => [one.name, one]));
  const names = [...kinds.all.map(({ name }) => name), ...stored.keys()];
  return pageOf(names, page).map((name) => shownAs(kinds, name, stored.get(name)));
}

/** What has just been declared, as it is in effect. */
export function foundKind({ declared }: Pick<FindContext, "declared">, declaration: StoredKind): FoundKind {
  return shownAs(declared.kinds, declaration.name, declaration);
}

function shownAs(kinds: Kinds, name: string, declaration: StoredKind | undefined): FoundKind {
  return { name, source: kinds.sourceOf(name) ?? "declared", ...defined({ kind: kinds.byName(name), declaration }) };
}

/** @throws SignalboxError `not_found` */
export async function findKind({ store, declared }: FindContext, name: string): Promise<FoundKind> {
  await declared.refresh();
  const { kinds } = declared;
  const declaration = await store.declarations.kind(name);
  if (kinds.byName(name) === undefined && declaration === undefined) throw notFound(`kind '${name.slice(0, 64)}'`);
  return shownAs(kinds, name, declaration);
}
