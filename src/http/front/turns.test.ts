import assert from "node:assert/strict";
import { it } from "node:test";
import { Turns, type Waiting } from "./turns.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it("few are begun in one turn; known callers come first, then the addresses in turn", async () => {
  const turns = new Turns({ perTurn: 2, strangersPerTurn: 2 });
  const begun: string[] = [];
  const ask = (name: string, isKnown: boolean): Waiting => {
    const waiting = { address: name.slice(0, 1), begin: () => void begun.push(name) };
    if (turns.take(waiting, isKnown)) begun.push(name);
    return waiting;
  };
  for (const name of ["a1", "a2", "a3", "a4", "a5", "b1", "c1"]) ask(name, false);
  const gone = ask("a6", false);
  for (const name of ["k1", "k2", "k3"]) ask(name, true);
  assert.deepEqual(begun, ["a1", "a2", "k1", "k2"]);
  turns.leave(gone);
  await turn();
  assert.deepEqual(begun.splice(0), ["a1", "a2", "k1", "k2", "k3", "a3", "b1"]);
  await turn();
  assert.deepEqual(begun.splice(0), ["c1", "a4"]);
  await turn();
  await turn();
  assert.deepEqual(begun.splice(0), ["a5"]);
  ask("a7", false);
  assert.deepEqual(begun, ["a7"]);
});
