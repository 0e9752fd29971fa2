import assert from "node:assert/strict";
import { it } from "node:test";
import { type QueuedRequest, TurnQueue } from "./turns.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function asking(turns: TurnQueue, begun: string[]): (name: string, tenant?: string) => QueuedRequest {
  return (name, tenant) => {
    const waiting = { address: name.slice(0, 1), begin: () => void begun.push(name) };
    if (turns.take(waiting, tenant)) begun.push(name);
    return waiting;
  };
}

it("few are begun in one turn; known callers come first, then the addresses in turn", async () => {
  const turns = new TurnQueue({ perTurn: 2, perTenant: 2, strangersPerTurn: 2 });
  const begun: string[] = [];
  const ask = asking(turns, begun);
  for (const name of ["a1", "a2", "a3", "a4", "a5", "b1", "c1"]) ask(name);
  const gone = ask("a6");
  for (const name of ["k1", "k2", "k3"]) ask(name, "k");
  assert.deepEqual(begun, ["a1", "a2", "k1", "k2"]);
  turns.leave(gone);
  await turn();
  assert.deepEqual(begun.splice(0), ["a1", "a2", "k1", "k2", "k3", "a3", "b1"]);
  await turn();
  assert.deepEqual(begun.splice(0), ["c1", "a4"]);
  await turn();
  await turn();
  assert.deepEqual(begun.splice(0), ["a5"]);
  ask("a7");
  assert.deepEqual(begun, ["a7"]);
});

it("a tenant that asks much on many connections delays another by one turn at the most", async () => {
  const turns = new TurnQueue({ perTurn: 4, perTenant: 2, strangersPerTurn: 1 });
  const begun: string[] = [];
  const ask = asking(turns, begun);
  for (let number = 1; number <= 9; number += 1) ask(`a${number}`, "a");
  ask("b1", "b");
  assert.deepEqual(begun.splice(0), ["a1", "a2", "b1"]);
  for (const name of ["c1", "d1", "b2"]) ask(name, name.slice(0, 1));
  assert.deepEqual(begun.splice(0), ["c1"]);
  await turn();
  assert.deepEqual(begun.splice(0), ["a3", "d1", "b2", "a4"]);
  ask("e1", "e");
  await turn();
  assert.deepEqual(begun.splice(0), ["a5", "e1", "a6"]);
  await turn();
  await turn();
  assert.deepEqual(begun.splice(0), ["a7", "a8", "a9"]);
});

it("pieces of chunked bodies are parsed a few in each turn, the addresses in turn", async () => {
  const turns = new TurnQueue();
  const begun: string[] = [];
  for (const address of ["a", "b"]) {
    for (let number = 0; number < 6; number += 1) {
      if (turns.takePiece({ address, begin: () => void begun.push(address) })) begun.push(address);
    }
  }
  assert.equal(begun.splice(0).join(""), "aaaabbbb");
  await turn();
  assert.equal(begun.splice(0).join(""), "abab");
});
