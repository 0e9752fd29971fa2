import { createHash } from "node:crypto";
import type { Context } from "../../context.ts";
import { defined } from "../../domain/defined.ts";
import type { NewEvent } from "../../domain/event.ts";
import { fieldsText } from "../../domain/path.ts";
import { invalidField, notFound, SignalboxError } from "../../errors.ts";
import { commitOptimistically } from "../../store/optimistic.ts";
import { freshId } from "../deps.ts";
import { aloneWith, goneMeanwhile, Raises } from "../registered/raise.ts";
import type { RegisteredContext } from "../registered/resource.ts";
import { eachRow, type RequestRow } from "../registered/rows.ts";
import { announce, givenResource } from "./announce.ts";
import { published as answered, type Published } from "./answer.ts";
import { callerOf } from "./caller.ts";
import { plainParams } from "./plain-params.ts";
import { answersOf } from "./publish.ts";
import type { TaskContext } from "./tasks.ts";

/** Events that their producer gave a name (CloudEvents): one that is sent again is known, and not published again. */

export interface ReceivedEvent {
  /** With {@link source} it is unlike any other of the tenant. */
  readonly id: string;
  readonly source: string;
  /** A lifecycle event type, or the name of an event of the kind of {@link subject}. */
  readonly type: string;
  /** Uuid of what it is about. */
  readonly subject?: string;
  /** Name of whom it was done for. */
  readonly user?: string;
  /** Params, or what is merged into the resource's public part. */
  readonly data?: unknown;
}

export interface Received extends Published {
  /** It was published before, within a week, and nothing was done now. */
  readonly duplicate: boolean;
}

export interface Receiving {
  readonly tenant: string;
  readonly rows: readonly RequestRow<ReceivedEvent>[];
  /** Throws when the caller may not publish events of a type, or raise such of a kind. */
  readonly judge: (needs: { readonly eventType: string } | { readonly kind: string }) => void;
}

type ReceivingContext = TaskContext & RegisteredContext & Pick<Context, "catalog">;

/**
 * Publishes them in one commit, in their order, but those that were published before: all of the others, or none. The same commit
 * remembers their names for a week.
 *
 * @returns of each, in their order; of a duplicate, and of an event of a resource, no tasks.
 * @throws SignalboxError `invalid_request` with the fields of every row that is wrong, also for a PRE event; `not_found` for a resource or
 * the tenant; `unavailable` when others keep changing the same; `internal` when they were published, and what became of that could not be
 * found out; whatever `judge` throws.
 */
export async function receiveAll(context: ReceivingContext, { tenant, rows, judge }: Receiving): Promise<Received[]> {
  const { catalog, publish, store } = context;
  const keyed = rows.map(({ at, said }) => ({ at, said, key: keyOf(said) }));
  const isRaised = ({ type, subject }: ReceivedEvent): boolean =>
    subject !== undefined && catalog.get(type) === undefined;
  for (const type of new Set(rows.flatMap(({ said }) => (isRaised(said) ? [] : [said.type])))) {
    judge({ eventType: type });
  }
  const raised = rows.flatMap(({ at, said }) => (isRaised(said) ? [{ at, said: { uuid: said.subject ?? "" } }] : []));
  const committed = await aloneWith(context, raised, () =>
    commitOptimistically({ publish, what: "event" }, async () => {
      const keys = [...new Set(keyed.map(({ key }) => key))];
      const seen = new Set(await store.receivedEvents.known(tenant, keys));
      // Of two of one name in one request the second is a duplicate too.
      const fresh = keyed.map(({ key }) => {
        const isNew = !seen.has(key);
        seen.add(key);
        return isNew;
      });
      const news = keyed.filter((_, index) => fresh[index]);
      if (news.length === 0) return { committed: () => ({ fresh, events: [], sequences: [] }) };
      const raises = new Raises(context, tenant, (kind) => judge({ kind }));
      const events = await eachRow(news, ({ said }) =>
        inTheirWords(() =>
          isRaised(said) ? raisedOf(context, raises, { tenant, said }) : announced(context, tenant, said),
        ),
      );
      const { conditions, changes } = raises.unit();
      const atMs = context.clock.now();
      return {
        unit: {
          conditions: [
            { if: "tenant.exists", id: tenant },
            ...news.map(({ key }) => ({ if: "received.absent", tenant, key }) as const),
            ...conditions,
          ],
          changes: [...changes, ...news.map(({ key }) => ({ do: "received.add", tenant, key, atMs }) as const)],
          events,
        },
        committed: (sequences: readonly number[]) => ({ fresh, events, sequences }),
        refused: (condition) => {
          if (condition.if === "tenant.exists") throw notFound(`tenant '${tenant}'`);
          goneMeanwhile(condition);
        },
      };
    }),
  );
  const { fresh, events, sequences } = committed;
  const published = events.map((event, index) => ({ event, sequence: sequences[index] ?? 0 }));
  const lifecycle = published.filter(({ event }) => event.names.lifecycle !== undefined);
  const told = await answersOf(
    context,
    lifecycle.map(({ event }) => event),
    lifecycle.map(({ sequence }) => sequence),
  );
  const answers = new Map(lifecycle.map(({ event }, index) => [event, told[index]]));
  const left = events.values();
  return keyed.map(({ said: { type } }, index) => {
    const event = fresh[index] === true ? left.next().value : undefined;
    if (event === undefined) return { ...answered(type, []), duplicate: true };
    return { ...(answers.get(event) ?? answered(event.names.notifications ?? type, [])), duplicate: false };
  });
}

/** In place of `source` and `id`, which may be long: 128 bits, so that no two of a tenant's will ever have the same. */
function keyOf({ source, id }: ReceivedEvent): string {
  return createHash("sha256")
    .update(JSON.stringify([source, id]))
    .digest()
    .subarray(0, 16)
    .toString("base64url");
}

async function announced(context: ReceivingContext, tenant: string, said: ReceivedEvent): Promise<NewEvent> {
  const { type, subject, user, data } = said;
  const phase = context.catalog.get(type)?.phase;
  if (phase === "pre") {
    throw invalidField("type", "is one of a PRE event, which is sent by itself: its hooks are waited for");
  }
  if (phase === undefined) {
    throw invalidField(
      "type",
      `${JSON.stringify(type.slice(0, 64))} is no event type; for an event of a resource, subject is the resource's uuid`,
    );
  }
  const caller = await callerOf(context.store, tenant, defined({ user }));
  const params = plainParams("params", data);
  const operation = { operation: freshId(context.clock) };
  return announce(context, { tenant, type, params, caller, data: operation, ...givenResource(subject) });
}

async function raisedOf(
  { store }: ReceivingContext,
  raises: Raises,
  { tenant, said }: { readonly tenant: string; readonly said: ReceivedEvent },
): Promise<NewEvent> {
  const { type, subject = "", user, data } = said;
  const { actor } = await callerOf(store, tenant, defined({ user }));
  const by = { ...defined({ actor }), origin: "library" };
  return raises.event({ uuid: subject, event: type, ...defined({ data }), by });
}

/** What the verbs of the library call otherwise. */
const theirs: Readonly<Record<string, string>> = {
  event_type: "type",
  event: "type",
  params: "data",
  resource: "subject",
};

/** @throws what `work` throws, with fields by the names of a CloudEvent. */
export async function inTheirWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof SignalboxError) throw renamed(thrown, (name) => theirs[name] ?? name);
    throw thrown;
  }
}

/**
 * The same error about fields of other names.
 *
 * @param name of the first name in a path.
 */
export function renamed(error: SignalboxError, name: (first: string) => string): SignalboxError {
  if (error.fields.length === 0) return error;
  const fields = error.fields.map(({ path, message }) => ({ path: path.replace(/^\w+/, name), message }));
  return new SignalboxError(error.code, fieldsText(fields), { fields, ...defined({ data: error.data }), cause: error });
}
