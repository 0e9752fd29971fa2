import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { keepBusy } from "../../../test/support/busy.ts";
import { fakeClock } from "../../../test/support/clock.ts";
import { Committer, type Writer } from "./committer.ts";
import type { Reply, Request } from "./requests.ts";
import type { UnitUnderWay } from "./stored-unit.ts";
import type { WireUnit } from "./wire.ts";

interface Sent {
  readonly request: Request;
  answer(): void;
}

/** Answers when it is told to. */
class SlowWriter implements Writer {
  readonly sent: Sent[] = [];

  overlaps({ steps }: WireUnit): boolean {
    return steps.length === 0;
  }

  send(request: Request, answered: (reply: Reply) => void): void {
    this.sent.push({ request, answer: () => answered(replyTo(request)) });
  }

  onBreak(): void {}

  close(): void {}

  get units(): number[] {
    return this.sent.map(({ request }) => (request.kind === "commit" ? request.units.length : -1));
  }
}

function replyTo(request: Request): Reply {
  if (request.kind !== "commit") return { kind: "ok" };
  return { kind: "committed", units: request.units.map(() => ({ kind: "committed", sequences: [], revisions: [] })) };
}

/** A unit of events only, unless it has a step. */
function aUnit(ended: () => void, isStep = false): UnitUnderWay {
  const steps = isStep ? [{ sql: "", params: [] }] : [];
  return { wire: { checks: [], steps, events: [] }, ended, failed: ended };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function given(): {
  readonly writer: SlowWriter;
  readonly committer: Committer;
  readonly add: (count: number) => void;
} {
  const writer = new SlowWriter();
  const committer = new Committer(writer, { clock: fakeClock(0) });
  const add = (count: number): void => {
    for (let index = 0; index < count; index += 1) committer.commit(aUnit(() => {}));
  };
  keepBusy();
  return { writer, committer, add };
}

describe("commits where this thread is busy", () => {
  it("are made while one is written: halves of what there is, two at a time", async () => {
    const { writer, add } = given();
    add(60);
    await turn();
    await turn();
    assert.deepEqual(writer.units, [30, 30]);
    add(30);
    await turn();
    assert.deepEqual(writer.units, [30, 30], "a third waits");
    writer.sent[0]?.answer();
    await turn();
    assert.deepEqual(writer.units, [30, 30, 30]);
  });

  it("are made one after the other where few wait", async () => {
    const { writer, add } = given();
    add(20);
    await turn();
    add(20);
    await turn();
    assert.deepEqual(writer.units, [20]);
  });

  it("wait where a unit does more than to have events", async () => {
    const { writer, committer, add } = given();
    add(30);
    await turn();
    committer.commit(aUnit(() => {}, true));
    add(40);
    await turn();
    assert.deepEqual(writer.units, [30]);
    writer.sent[0]?.answer();
    await turn();
    await turn();
    assert.deepEqual(writer.units, [30, 41]);
  });

  it("leave a gap for a job", async () => {
    const { writer, committer, add } = given();
    add(60);
    await turn();
    await turn();
    const job = committer.job({ kind: "fold" });
    add(60);
    await turn();
    assert.deepEqual(writer.units, [30, 30]);
    for (const sent of writer.sent) sent.answer();
    await turn();
    assert.deepEqual(writer.units, [30, 30, 30], "commits first, but nothing beside the last");
    writer.sent[2]?.answer();
    await turn();
    assert.deepEqual(writer.units, [30, 30, 30, -1]);
    writer.sent[3]?.answer();
    assert.deepEqual(await job, { kind: "ok" });
  });
});
