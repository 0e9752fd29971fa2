import type { Exceeded, Quotas } from "../../domain/quotas.ts";
import type { Reply, Request } from "../sql/requests.ts";
import { optional } from "../sql/step.ts";
import type { Settled, UnitResult, WireError, WireEvent, WireSettlement, WireUnit } from "../sql/wire.ts";
import { movable, type Packed, Packer, Unpacker } from "./packed.ts";

/**
 * Group commits and what became of them, as they cross between the threads: one packed message each way. What is written here in one order
 * is read in the same order below it.
 */

type CommitRequest = Extract<Request, { kind: "commit" }>;
type CommitReply = Extract<Reply, { kind: "committed" }>;

/** What the writer's thread opens. */
export interface WriterData {
  /** Of the database. */
  readonly path: string;
  /** Where and for whom commits are marked. */
  readonly markPath: string;
  readonly mark: { readonly folder: string; readonly run: string };
  /** Made so far. */
  readonly commits: number;
  readonly quotas: Quotas;
}

/** A request on its way to the writer's thread. */
export type PackedRequest =
  | { readonly kind: "open"; readonly writer: WriterData }
  | Exclude<Request, CommitRequest>
  | { readonly kind: "commit"; readonly nowMs: number; readonly packed: Packed };

/** A reply on its way back. */
export type PackedReply = Exclude<Reply, CommitReply> | { readonly kind: "committed"; readonly packed: Packed };

export function packRequest(request: Request): Exclude<PackedRequest, { kind: "open" }> {
  if (request.kind !== "commit") return request;
  return { kind: "commit", nowMs: request.nowMs, packed: packCommit(request) };
}

export function unpackRequest(sent: Exclude<PackedRequest, { kind: "open" }>): Request {
  return sent.kind === "commit" ? { kind: "commit", nowMs: sent.nowMs, ...unpackCommit(sent.packed) } : sent;
}

/** What of a message moves to the other thread: it is gone here once that is posted. */
export function moving(message: PackedRequest | PackedReply): ArrayBuffer[] {
  return "packed" in message ? movable(message.packed) : [];
}

export function packReply(reply: Reply): PackedReply {
  return reply.kind === "committed" ? { kind: "committed", packed: packCommitted(reply) } : reply;
}

export function unpackReply(sent: PackedReply): Reply {
  return sent.kind === "committed" ? unpackCommitted(sent.packed) : sent;
}

/** Of rows of `event` and `delivery`, which columns are alike in many. */
const eventWords = [false, true, false, true, true, true, true, false, false, true, true, true];
const deliveryWords = [
  false,
  false,
  true,
  false,
  false,
  false,
  false,
  true,
  false,
  false,
  false,
  false,
  false,
  false,
  false,
  true,
];

/** A delivery that is over has its batch in the place of how long it waits. */
const finishedWords = [...deliveryWords.slice(0, 13), true];
/** Of `attempt`: what was answered, and the batch, is the same for all of one. */
const attemptWords = [false, false, false, false, false, false, true, true, true, false, false, true];

function packCommit({ units, settlement }: CommitRequest): Packed {
  const packer = new Packer();
  packer.number(units.length);
  for (const unit of units) putUnit(packer, unit);
  packer.number(settlement === undefined ? 0 : 1);
  if (settlement !== undefined) putSettlement(packer, settlement);
  return packer.packed();
}

function unpackCommit(packed: Packed): Omit<CommitRequest, "kind" | "nowMs"> {
  const unpacker = new Unpacker(packed);
  const units = unpacker.list(() => takeUnit(unpacker));
  return unpacker.number() === 0 ? { units } : { units, settlement: takeSettlement(unpacker) };
}

function putUnit(packer: Packer, { checks, steps, events }: WireUnit): void {
  packer.number(checks.length);
  for (const { sql, params, expect } of checks) {
    packer.word(sql);
    packer.row(params);
    packer.word(expect);
  }
  packer.number(steps.length);
  for (const { sql, params } of steps) {
    packer.word(sql);
    packer.row(params);
  }
  putEvents(packer, events);
}

function takeUnit(from: Unpacker): WireUnit {
  return {
    checks: from.list(() => ({ sql: from.text(), params: from.row(), expect: from.text() as "row" | "none" })),
    steps: from.list(() => ({ sql: from.text(), params: from.row() })),
    events: takeEvents(from),
  };
}

function putEvents(packer: Packer, events: readonly WireEvent[]): void {
  packer.number(events.length);
  for (const { tenant, counted, row } of events) {
    packer.word(tenant);
    packer.word(counted ?? null);
    packer.row(row, eventWords);
  }
}

function takeEvents(from: Unpacker): WireEvent[] {
  return from.list(() => ({
    tenant: from.text(),
    ...optional("counted", from.value() as string | null),
    row: from.row(),
  }));
}

function putSettlement(packer: Packer, settlement: WireSettlement): void {
  packer.rows(settlement.deliveries, finishedWords);
  packer.rows(settlement.waiting, deliveryWords);
  packer.rows(settlement.inLine, deliveryWords);
  packer.rows(settlement.released);
  packer.rows(settlement.attempts, attemptWords);
  packer.rows(settlement.invocations);
  packer.rows(settlement.buried);
  packer.rows(settlement.outcomes);
  putEvents(packer, settlement.events);
  packer.rows(settlement.figures.counts);
  packer.rows(settlement.figures.reasons);
  packer.number(settlement.marks.watermarks[0]?.[1] ?? 0);
}

function takeSettlement(from: Unpacker): WireSettlement {
  return {
    deliveries: from.rows(),
    waiting: from.rows(),
    inLine: from.rows(),
    released: from.rows() as [number, string, number][],
    attempts: from.rows(),
    invocations: from.rows(),
    buried: from.rows() as [number, number][],
    outcomes: from.rows() as [number, number, "complete" | "failed"][],
    events: takeEvents(from),
    figures: { counts: from.rows() as number[][], reasons: from.rows() as [number, string, number, number][] },
    marks: { watermarks: [[0, from.number()]], losses: 0 },
  };
}

function packCommitted({ units, settlement }: CommitReply): Packed {
  const packer = new Packer();
  packer.number(units.length);
  for (const result of units) putResult(packer, result);
  packer.number(settlement === undefined ? 0 : 1);
  if (settlement !== undefined) putResult(packer, settlement);
  return packer.packed();
}

function unpackCommitted(packed: Packed): CommitReply {
  const unpacker = new Unpacker(packed);
  const units = unpacker.list(() => takeResult(unpacker) as UnitResult);
  const settlement = unpacker.number() === 0 ? undefined : (takeResult(unpacker) as Settled | WireError);
  return { kind: "committed", units, ...optional("settlement", settlement) };
}

function putResult(packer: Packer, result: UnitResult | Settled): void {
  packer.word(result.kind);
  switch (result.kind) {
    case "committed":
    case "settled":
      packer.row(result.sequences);
      packer.row(result.revisions);
      break;
    case "refused":
      packer.number(result.check);
      break;
    case "exceeded":
      packer.value(JSON.stringify(result.exceeded));
      break;
    case "failed":
      packer.number(result.full ? 1 : 0);
      packer.value(result.damaged === undefined ? null : Number(result.damaged));
      packer.value(result.message);
      break;
    default:
      result satisfies never;
  }
}

function takeResult(from: Unpacker): UnitResult | Settled {
  const kind = from.text() as (UnitResult | Settled)["kind"];
  switch (kind) {
    case "committed":
    case "settled":
      return { kind, sequences: from.numbers(), revisions: from.numbers() };
    case "refused":
      return { kind, check: from.number() };
    case "exceeded":
      return { kind, exceeded: JSON.parse(from.text()) as Exceeded };
    case "failed": {
      const full = from.number() === 1;
      const damaged = from.value();
      return { kind, full, ...(damaged === null ? {} : { damaged: damaged === 1 }), message: from.text() };
    }
    default:
      return kind satisfies never;
  }
}
