import { defined } from "../../domain/defined.ts";
import { hostKinds } from "../../domain/notifications/known-kinds.ts";
import type { KindInput } from "../../domain/notifications/resource-kinds.ts";
import { plainJson } from "../../domain/plain-json.ts";
import { isRecord } from "../../domain/schema/unions.ts";
import { notFound, SignalboxError } from "../../errors.ts";
import type { StoredKind } from "../../store/declarations.ts";
import { commitOptimistically } from "../../store/optimistic.ts";
import type { Condition } from "../../store/unit.ts";
import { kindThing } from "../edits.ts";
import {
  byName,
  type DeclarationContext,
  type Declared,
  type DeclareOptions,
  type Declarer,
  declarationLimits,
  edited,
  refusedFields,
} from "./deps.ts";

/** Kinds of resources that a platform declares while Signalbox runs. */

/**
 * What a kind is to be, if it can stand beside `others`.
 *
 * @throws SignalboxError `invalid_request` naming the fields; `conflict` for a name that is the host program's own.
 */
export function checkedKind(
  { declared }: Pick<DeclarationContext, "declared">,
  input: unknown,
  others: readonly KindInput[],
): KindInput {
  const plain = plainJson(input, { maxBytes: declarationLimits.bytes, maxDepth: declarationLimits.depth });
  if (plain.kind === "refused") throw refusedFields(plain.fields);
  const kind = plain.value;
  const name = isRecord(kind) ? kind["name"] : undefined;
  if (typeof name === "string" && declared.kinds.isHosts(name)) throw hostsOwnKind(name);
  const fields = declared.kinds.problems(kind, others);
  if (fields.length > 0) throw refusedFields(fields);
  return inOrder(kind as unknown as KindInput);
}

function hostsOwnKind(name: string): SignalboxError {
  return new SignalboxError(
    "conflict",
    `the kind ${name} is declared by the program that runs Signalbox (Host.kinds), which goes first: change it there, or give yours another name`,
  );
}

function inOrder({ name, code, events, open, parents, macros }: KindInput): KindInput {
  return { name, ...defined({ code, events, open, parents, macros }) };
}

/**
 * Declares a kind, or what it is from now on: in effect when this resolves.
 *
 * @throws SignalboxError as {@link checkedKind}; `in_use` when resources of it are registered and it would lose a code, an event name, a parent
 * or a macro, unless that is forced; `conflict` past a limit.
 */
export async function declareKind(
  deps: DeclarationContext,
  by: Declarer,
  input: unknown,
  { force = false }: DeclareOptions = {},
): Promise<Declared<StoredKind>> {
  const { store, clock, declared } = deps;
  const done = await commitOptimistically<Pick<Declared<StoredKind>, "outcome"> & Pick<KindInput, "name">>(
    { publish: deps.publish, what: "kind" },
    async () => {
      const { revision, others: all } = await declaredKinds(deps);
      const wanted = isRecord(input) ? input["name"] : undefined;
      const found = all.find(({ name }) => name === wanted);
      const others = all.filter((one) => one !== found).map(({ definition }) => definition);
      const definition = checkedKind(deps, input, others);
      const { name } = definition;
      if (found !== undefined && JSON.stringify(found.definition) === JSON.stringify(definition)) {
        return { committed: () => ({ name, outcome: "unchanged" }) };
      }
      const lost = found === undefined ? undefined : lostBy(found.definition, definition);
      const free = lost === undefined || force ? [] : [await unused(deps, name, `the kind ${name} would lose ${lost}`)];
      const nowMs = clock.now();
      const declaration = {
        sort: "kind",
        name,
        definition,
        ...byName(by),
        createdMs: nowMs,
        updatedMs: nowMs,
      } as const;
      const fewer = declarationLimits.kinds - declared.kinds.hosts;
      return {
        unit: {
          conditions: [
            { if: "declarations.are", revision },
            ...(found === undefined ? [{ if: "declarations.fewer", sort: "kind", fewer } as const] : []),
            ...free,
          ],
          changes: [{ do: "declaration.put", declaration }, edited(deps, by, kindThing(name))],
        },
        committed: async () => {
          await deps.declarationsChanged();
          return { name, outcome: found === undefined ? "made" : "changed" };
        },
        refused: (refusal) => {
          if (refusal.if !== "declarations.fewer") return;
          throw new SignalboxError(
            "conflict",
            `there are ${refusal.fewer} declared kinds, and may be no more: remove one`,
          );
        },
      };
    },
  );
  const declaration = await store.declarations.kind(done.name);
  if (declaration === undefined) throw notFound(`a declared kind '${done.name}'`);
  return { declaration, outcome: done.outcome, paused: 0 };
}

/** All that are declared, and the revision as of which. */
async function declaredKinds({ store }: Pick<DeclarationContext, "store">) {
  const revision = await store.declarations.revision();
  return { revision, others: await store.declarations.kinds({ max: declarationLimits.kinds }) };
}

/** What resources that are there may need; `undefined`: nothing of that. */
function lostBy(before: KindInput, after: KindInput): string | undefined {
  if (before.code !== after.code) return `its code ${before.code ?? "900"}`;
  if (before.open === true && after.open !== true) return "its open names of events";
  const event = (before.events ?? []).find((name) => after.events?.includes(name) !== true);
  if (event !== undefined && after.open !== true) return `its event ${event}`;
  const parent = (before.parents ?? []).find((name) => after.parents?.includes(name) !== true);
  if (parent !== undefined) return `its parent ${parent}`;
  const macro = Object.keys(before.macros ?? {}).find((name) => !Object.hasOwn(after.macros ?? {}, name));
  return macro === undefined ? undefined : `its macro ${macro}`;
}

const mostCounted = 1_000;

async function unused({ store }: Pick<DeclarationContext, "store">, kind: string, what: string): Promise<Condition> {
  const count = await store.declarations.registered(kind, mostCounted);
  if (count === 0) return { if: "declaration.unused", kind };
  const shown =
    count === mostCounted ? `${count} or more resources` : `${count} ${count === 1 ? "resource" : "resources"}`;
  throw new SignalboxError(
    "in_use",
    `${what}, and ${shown} of it are registered; remove those first, or say force=true`,
    {
      data: { resources: count },
    },
  );
}

/**
 * Takes a declaration away. Of a documented kind, such as `job`, what is documented stays.
 *
 * @throws SignalboxError `not_found`; `conflict` for one that is not in the store, and for one that others name as a parent; `in_use` when
 * resources of it are registered, unless that is forced: then they stay, and raise no events until it is declared again.
 */
export async function removeKind(
  deps: DeclarationContext,
  name: string,
  { force = false }: DeclareOptions = {},
): Promise<void> {
  const { declared } = deps;
  await commitOptimistically({ publish: deps.publish, what: "kind" }, async () => {
    const { revision, others: all } = await declaredKinds(deps);
    const found = all.find((kind) => kind.name === name);
    if (found === undefined) {
      if (declared.kinds.isHosts(name)) throw hostsOwnKind(name);
      if (declared.kinds.byName(name) === undefined) throw notFound(`a declared kind '${name.slice(0, 64)}'`);
      throw new SignalboxError("conflict", `the kind ${name} is no declaration in the store, and stays`);
    }
    const isLeft = declared.kinds.sourceOf(name) === "host";
    const isDocumented = hostKinds.some((kind) => kind.name === name);
    const child = all.find(({ definition }) => definition.parents?.includes(name) === true);
    if (child !== undefined && child !== found && !isLeft && !isDocumented) {
      throw new SignalboxError(
        "conflict",
        `the kind ${child.name} names ${name} among its parents: declare it without that first`,
      );
    }
    const what = isDocumented
      ? `the kind ${name} would lose what was declared of it`
      : `the kind ${name} would be gone`;
    const free = force || isLeft ? [] : [await unused(deps, name, what)];
    return {
      unit: {
        conditions: [{ if: "declarations.are", revision }, ...free],
        changes: [
          { do: "declaration.remove", sort: "kind", name },
          { do: "edit.end", thing: kindThing(name) },
        ],
      },
      committed: () => deps.declarationsChanged(),
    };
  });
}
