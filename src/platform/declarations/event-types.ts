import type { EventTypeDefinition } from "../../domain/catalog.ts";
import { defined } from "../../domain/defined.ts";
import { plainJson } from "../../domain/plain-json.ts";
import { isRecord } from "../../domain/schema/unions.ts";
import { invalidField, notFound, SignalboxError } from "../../errors.ts";
import type { StoredEventType } from "../../store/declarations.ts";
import { commitOptimistically } from "../../store/optimistic.ts";
import { eventTypeThing } from "../edits.ts";
import { breaksFilters, brokenFilters, pausing, unsubscribed } from "./dependents.ts";
import {
  byName,
  type DeclarationContext,
  type Declared,
  type DeclareOptions,
  type Declarer,
  declarationLimits,
  edited,
  payerOf,
  refusedFields,
} from "./deps.ts";

/** Event types that a platform declares while Signalbox runs. */

/**
 * What an event type is to be, if it can be declared as that.
 *
 * @throws SignalboxError `invalid_request` naming the fields; `conflict` for a name that is the host program's own; `too_many_requests`.
 */
export async function checkedEventType(
  { offload, declared }: Pick<DeclarationContext, "offload" | "declared">,
  by: Declarer,
  input: unknown,
): Promise<EventTypeDefinition> {
  const plain = plainJson(input, { maxBytes: declarationLimits.bytes, maxDepth: declarationLimits.depth });
  if (plain.kind === "refused") throw refusedFields(plain.fields);
  const definition = plain.value;
  const name = isRecord(definition) ? definition["name"] : undefined;
  if (typeof name === "string") checkFree(declared.catalog, name);
  const fields = await offload.run(payerOf(by), { task: "checkEventType", input: { definition }, field: "schema" });
  if (fields.length > 0) throw refusedFields(fields);
  return inOrder(definition as unknown as EventTypeDefinition);
}

function checkFree(catalog: DeclarationContext["declared"]["catalog"], name: string): void {
  const source = catalog.sourceOf(name);
  if (source === "built_in") throw invalidField("name", `${name} is a built-in event type; give yours another name`);
  if (source === "host") throw hostsOwn(name);
}

function hostsOwn(name: string): SignalboxError {
  return new SignalboxError(
    "conflict",
    `${name} is declared by the program that runs Signalbox (Host.events), which goes first: change it there, or give yours another name`,
  );
}

/** So that the same declaration is the same text, in whichever order it was said. */
function inOrder(definition: EventTypeDefinition): EventTypeDefinition {
  const { name, phase, resource, description, schema, sensitive, public: known, changeable } = definition;
  return {
    name,
    phase,
    resource,
    ...defined({ description }),
    schema,
    ...defined({ sensitive, public: known, changeable }),
  };
}

/**
 * Declares an event type, or what it is from now on: in effect when this resolves.
 *
 * @throws SignalboxError as {@link checkedEventType}; `breaks_filters` when subscriptions have filters that it would break, unless that is
 * forced: then they are paused in the same commit; `conflict` past a limit.
 */
export async function declareEventType(
  deps: DeclarationContext,
  by: Declarer,
  input: unknown,
  { force = false, signal }: DeclareOptions = {},
): Promise<Declared<StoredEventType>> {
  const definition = await checkedEventType(deps, by, input);
  const { name } = definition;
  const { store, clock } = deps;
  const done = await commitOptimistically<Omit<Declared<StoredEventType>, "declaration">>(
    { publish: deps.publish, what: "event type" },
    async () => {
      const found = await store.declarations.eventType(name);
      if (found !== undefined && JSON.stringify(found.definition) === JSON.stringify(definition)) {
        return { committed: () => ({ outcome: "unchanged", paused: 0 }) };
      }
      const { found: broken, condition } = await brokenFilters(deps, by, definition, signal);
      if (broken.length > 0 && !force) throw breaksFilters(name, broken);
      const pauses = pausing(deps, broken);
      const nowMs = clock.now();
      const declaration = {
        sort: "event_type",
        name,
        definition,
        ...byName(by),
        createdMs: nowMs,
        updatedMs: nowMs,
      } as const;
      const fewer = { if: "declarations.fewer", sort: "event_type", fewer: declarationLimits.eventTypes } as const;
      return {
        unit: {
          conditions: [
            { if: "declaration.is", sort: "event_type", name, revision: found?.revision ?? null },
            ...(found === undefined ? [fewer] : []),
            condition,
          ],
          changes: [{ do: "declaration.put", declaration }, edited(deps, by, eventTypeThing(name)), ...pauses.changes],
          events: pauses.events,
        },
        committed: async () => {
          await deps.declarationsChanged();
          return { outcome: found === undefined ? "made" : "changed", paused: broken.length };
        },
        refused: (refusal) => {
          if (refusal.if === "declarations.fewer") throw tooMany(refusal.fewer);
        },
      };
    },
  );
  return { ...done, declaration: await declaredEventType(deps, name) };
}

function tooMany(fewer: number): SignalboxError {
  return new SignalboxError("conflict", `there are ${fewer} declared event types, and may be no more: remove one`);
}

/** @throws SignalboxError `not_found` */
async function declaredEventType({ store }: Pick<DeclarationContext, "store">, name: string): Promise<StoredEventType> {
  const found = await store.declarations.eventType(name);
  if (found === undefined) throw notFound(`a declared event type '${name.slice(0, 64)}'`);
  return found;
}

/**
 * Takes a declaration away: nothing can be published under its name any more.
 *
 * @throws SignalboxError `not_found`; `conflict` for one that is not in the store; `in_use` when there are subscriptions to it, unless that is
 * forced: then they stay, and receive nothing until it is declared again.
 */
export async function removeEventType(
  deps: DeclarationContext,
  name: string,
  { force = false }: DeclareOptions = {},
): Promise<void> {
  const { store, declared } = deps;
  await commitOptimistically({ publish: deps.publish, what: "event type" }, async () => {
    const found = await store.declarations.eventType(name);
    if (found === undefined) {
      const source = declared.catalog.sourceOf(name);
      if (source === "host") throw hostsOwn(name);
      if (source === "built_in") throw new SignalboxError("conflict", `${name} is built in, and stays`);
      throw notFound(`a declared event type '${name.slice(0, 64)}'`);
    }
    // One that the host has declared too goes on as the host's.
    const isLeft = declared.catalog.revisionOf(name) === undefined;
    const free = force || isLeft ? [] : [await unsubscribed(deps, name)];
    return {
      unit: {
        conditions: [{ if: "declaration.is", sort: "event_type", name, revision: found.revision }, ...free],
        changes: [
          { do: "declaration.remove", sort: "event_type", name },
          { do: "edit.end", thing: eventTypeThing(name) },
        ],
      },
      committed: () => deps.declarationsChanged(),
    };
  });
}
