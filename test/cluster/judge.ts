/** Judges a history: nothing acknowledged is lost, doubled, out of order or late, and nothing came that was refused. */
import type { Entry } from "./history.ts";

export interface Expected {
  /** Names of the nodes; events wait rightly while all are hurt. */
  readonly nodes: readonly string[];
  /** Without it events wait rightly. */
  readonly database: string;
  /** Of receivers that always acknowledge at once. */
  readonly steady: readonly string[];
  /** How long an event may take to one of these. */
  readonly withinMs: number;
}

export interface Judgement {
  /** What is wrong, in sentences; none when all is well. */
  readonly faults: readonly string[];
  readonly acknowledged: number;
  readonly refused: number;
  /** Events that a steady receiver heard of more than once. */
  readonly repeats: number;
  /** Subscriptions for one event that had theirs. */
  readonly fired: number;
  /** From the acknowledgement until a steady receiver had the event, without the time in which nothing could come: in order of length. */
  readonly waits: readonly Wait[];
}

export interface Wait {
  readonly event: string;
  readonly path: string;
  readonly ms: number;
  /** How many hurts fell into it, or lasted. */
  readonly hurts: number;
}

type Of<What extends Entry["what"]> = Extract<Entry, { readonly what: What }>;

export function judge(entries: readonly Entry[], expected: Expected): Judgement {
  const book = bookOf(entries);
  const waits = waitsOf(book, entries, expected);
  const late = waits.filter(({ ms }) => ms > expected.withinMs);
  const faults = [
    ...lost(book),
    ...untrue(entries, book),
    ...sequences(book),
    ...disorder(entries, book),
    ...oneShots(entries, book),
    ...late.map(({ event, path, ms }) => `${event} came to ${path} ${Math.round(ms)} ms after it was acknowledged`),
  ];
  const steady = book.received.filter(({ path }) => expected.steady.includes(path));
  const heard = new Set(steady.map(({ event, path }) => `${path} ${event}`));
  const fired = new Set(book.received.flatMap(({ subscription }) => subscription ?? []));
  return {
    faults,
    acknowledged: book.acknowledged.size,
    refused: entries.filter(({ what }) => what === "refused").length,
    repeats: steady.length - heard.size,
    fired: fired.size,
    waits,
  };
}

interface Book {
  readonly asked: ReadonlyMap<string, Of<"asked">>;
  readonly acknowledged: ReadonlyMap<string, Of<"acknowledged">>;
  readonly received: readonly Of<"received">[];
  readonly receivedOf: ReadonlyMap<string, readonly Of<"received">[]>;
}

function bookOf(entries: readonly Entry[]): Book {
  const asked = new Map<string, Of<"asked">>();
  const acknowledged = new Map<string, Of<"acknowledged">>();
  for (const entry of entries) {
    if (entry.what === "asked") asked.set(entry.event, entry);
    if (entry.what === "acknowledged") acknowledged.set(entry.event, entry);
  }
  const received = entries.filter((entry) => entry.what === "received");
  return { asked, acknowledged, received, receivedOf: Map.groupBy(received, ({ event }) => event) };
}

function lost({ asked, acknowledged, receivedOf }: Book): string[] {
  return [...acknowledged.keys()].flatMap((event) => {
    const thanked = (receivedOf.get(event) ?? []).filter((one) => one.thanked).map(({ path }) => path);
    const missing = (asked.get(event)?.to ?? []).filter((path) => !thanked.includes(path));
    return missing.map((path) => `${event} was acknowledged, and never came to ${path}`);
  });
}

function untrue(entries: readonly Entry[], { receivedOf }: Book): string[] {
  const refused = entries.filter((entry) => entry.what === "refused");
  return refused.flatMap(({ event }) => {
    const [first] = receivedOf.get(event) ?? [];
    return first === undefined ? [] : [`${event} was refused, and came to ${first.path}`];
  });
}

/** An event has one sequence, and a sequence one event. */
function sequences({ asked, acknowledged, received, receivedOf }: Book): string[] {
  const told = [...acknowledged.values()].flatMap(({ event, sequence }) => {
    const [first] = receivedOf.get(event) ?? [];
    const isOther = sequence !== undefined && first !== undefined && first.sequence !== sequence;
    return isOther ? [`${event} was acknowledged as ${sequence}, and came as ${first.sequence}`] : [];
  });
  const invented = [...receivedOf.keys()].filter((event) => !asked.has(event));
  const eventsOf = Map.groupBy(received, ({ sequence }) => sequence);
  const several = <T>(groups: ReadonlyMap<string, readonly T[]>, other: (one: T) => string): [string, string[]][] =>
    [...groups]
      .map(([of, all]): [string, string[]] => [of, [...new Set(all.map(other))]])
      .filter(([, all]) => all.length > 1);
  return [
    ...told,
    ...invented.map((event) => `${event} came, and no client asked for it`),
    ...several(receivedOf, ({ sequence }) => sequence).map(([of, all]) => `${of} has sequences ${all.join(", ")}`),
    ...several(eventsOf, ({ event }) => event).map(([of, all]) => `sequence ${of} has events ${all.join(", ")}`),
  ];
}

/** What was asked for after another event of the resource was acknowledged comes after it. */
function disorder(entries: readonly Entry[], { asked, receivedOf }: Book): string[] {
  const newest = new Map<string, Of<"received">>();
  const found: string[] = [];
  const before = new Map<string, Of<"received">>();
  for (const entry of entries) {
    if (entry.what === "asked") {
      const floor = newest.get(entry.resource);
      if (floor !== undefined) before.set(entry.event, floor);
    }
    const [first] = entry.what === "acknowledged" ? (receivedOf.get(entry.event) ?? []) : [];
    const resource = first === undefined ? undefined : asked.get(first.event)?.resource;
    if (first === undefined || resource === undefined) continue;
    if (first.sequence > (newest.get(resource)?.sequence ?? "")) newest.set(resource, first);
  }
  for (const [event, floor] of before) {
    const [first] = receivedOf.get(event) ?? [];
    if (first !== undefined && first.sequence <= floor.sequence) {
      found.push(`${event} has sequence ${first.sequence}, and ${floor.event} before it ${floor.sequence}`);
    }
  }
  return found;
}

function oneShots(entries: readonly Entry[], { received, acknowledged }: Book): string[] {
  const heardOf = Map.groupBy(received, ({ subscription }) => subscription);
  const found: string[] = [];
  for (const [subscription, heard] of heardOf) {
    const deliveries = new Set(heard.map(({ delivery }) => delivery));
    if (subscription === undefined || deliveries.size === 1) continue;
    found.push(`${subscription} is for one event, and got ${[...deliveries].join(", ")}`);
  }
  // In which place of the history the last acknowledged event of a resource was asked for.
  const lastAsked = new Map<string, number>();
  for (const [index, entry] of entries.entries()) {
    if (entry.what === "asked" && acknowledged.has(entry.event)) lastAsked.set(entry.resource, index);
  }
  for (const [index, entry] of entries.entries()) {
    if (entry.what !== "armed" || entry.resources.every((one) => (lastAsked.get(one) ?? -1) < index)) continue;
    const isThanked = heardOf.get(entry.subscription)?.some(({ thanked }) => thanked) === true;
    if (!isThanked) found.push(`${entry.subscription} never got its event of ${entry.resources.join(", ")}`);
  }
  return found;
}

/** From and to. */
type Span = readonly [number, number];

function waitsOf(book: Book, entries: readonly Entry[], expected: Expected): Wait[] {
  const hurts = hurtsOf(entries);
  const blackouts = blackoutsOf(entries, expected);
  const firsts = new Map<string, Of<"received">>();
  for (const one of book.received) {
    const key = `${one.path} ${one.event}`;
    if (expected.steady.includes(one.path) && !firsts.has(key)) firsts.set(key, one);
  }
  const waits: Wait[] = [];
  for (const { event, path, atMs } of firsts.values()) {
    const from = book.acknowledged.get(event)?.atMs;
    if (from === undefined) continue;
    const wait: Span = [from, Math.max(from, atMs)];
    const ms = wait[1] - wait[0] - blackouts.reduce((sum, span) => sum + overlap(span, wait), 0);
    waits.push({ event, path, ms, hurts: hurts.filter((span) => span[0] <= wait[1] && span[1] >= wait[0]).length });
  }
  return waits.toSorted((a, b) => a.ms - b.ms);
}

function overlap(a: Span, b: Span): number {
  return Math.max(0, Math.min(a[1], b[1]) - Math.max(a[0], b[0]));
}

function hurtsOf(entries: readonly Entry[]): Span[] {
  const since = new Map<string, number>();
  const spans: Span[] = [];
  for (const entry of entries) {
    if (entry.what === "hurt") since.set(entry.who, since.get(entry.who) ?? entry.atMs);
    const from = entry.what === "well" ? since.get(entry.who) : undefined;
    if (entry.what !== "well" || from === undefined) continue;
    spans.push([from, entry.atMs]);
    since.delete(entry.who);
  }
  return [...spans, ...[...since.values()].map((from): Span => [from, Number.POSITIVE_INFINITY])];
}

/** When every node was hurt, or the database. */
function blackoutsOf(entries: readonly Entry[], { nodes, database }: Expected): Span[] {
  const hurt = new Set<string>();
  const spans: Span[] = [];
  let since: number | undefined;
  for (const entry of entries) {
    if (entry.what === "hurt") hurt.add(entry.who);
    else if (entry.what === "well") hurt.delete(entry.who);
    else continue;
    const isDark = hurt.has(database) || nodes.every((node) => hurt.has(node));
    if (isDark) since ??= entry.atMs;
    else if (since !== undefined) {
      spans.push([since, entry.atMs]);
      since = undefined;
    }
  }
  return since === undefined ? spans : [...spans, [since, Number.POSITIVE_INFINITY]];
}
