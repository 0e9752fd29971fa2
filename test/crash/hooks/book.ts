/** Which users were asked for, and what was answered: the only witness of what must not be lost. */
import assert from "node:assert/strict";
import type { Dice } from "../dice.ts";
import { refused } from "./functions.ts";

/** A user that was asked for, perhaps several times. */
export interface SignUp {
  readonly username: string;
  /** Of all requests for it. */
  readonly key?: string;
  readonly slowMs: number;
  /** How it is to be refused. */
  readonly refusal?: "evil is refused" | "wickedness is refused";
  /** An answer did not come: the user may be there or not. */
  unsure: boolean;
  denied: boolean;
  /** As it was told to be there already, without a key. */
  taken: boolean;
  made?: MadeUser;
}

/** What the API shows of a user that was made. */
export interface MadeUser {
  readonly uuid: string;
  readonly username: string;
  readonly attributes: { readonly checked?: string };
  readonly operation_id: string;
}

export class Book {
  readonly signUps: SignUp[] = [];
  /** To be asked for again. */
  readonly again: SignUp[] = [];
  readonly counts = { created: 0, replayed: 0, denied: 0, failed: 0, taken: 0, lost: 0 };
  /** Of each loss of a process of functions: when the server had taken notice. */
  readonly #noticed = new Map<symbol, number>();
  /** Counted, so that it is known in which order things were. */
  #moment = 0;

  get moment(): number {
    this.#moment += 1;
    return this.#moment;
  }

  /** A name that nobody else has; one in eight is of those that hooks refuse. */
  next(dice: Dice): SignUp {
    const number = this.signUps.length + 1;
    const stage = dice.chance(1 / 8) ? dice.oneOf(["prepare", "validate"] as const) : undefined;
    const signUp: SignUp = {
      username: `${stage === undefined ? "" : refused[stage]}user-${number}`,
      ...(dice.chance(1 / 2) ? { key: `sign-up-${number}` } : {}),
      ...(stage === undefined ? {} : { refusal: stage === "prepare" ? "evil is refused" : "wickedness is refused" }),
      slowMs: dice.between(0, dice.oneOf([0, 40, 150])),
      unsure: false,
      denied: false,
      taken: false,
    };
    this.signUps.push(signUp);
    return signUp;
  }

  created(signUp: SignUp, user: MadeUser, replayed: boolean): void {
    assert.equal(signUp.refusal, undefined, `${signUp.username} was to be refused`);
    assert.equal(user.username, signUp.username);
    if (signUp.made !== undefined)
      assert.deepEqual(user, signUp.made, `${signUp.key}: the first answer is given again`);
    if (replayed) assert.ok(signUp.key !== undefined, `${signUp.username} had no key`);
    signUp.made = user;
    this.counts[replayed ? "replayed" : "created"] += 1;
  }

  denied(signUp: SignUp, message: string): void {
    assert.ok(signUp.refusal !== undefined && message.includes(signUp.refusal), `${signUp.username}: ${message}`);
    assert.equal(signUp.made, undefined);
    signUp.denied = true;
    this.counts.denied += 1;
  }

  /** Only right when a process of functions was lost between the question and the answer. */
  failed(signUp: SignUp, sent: number, said: string): void {
    const excused = [...this.#noticed.values()].some((noticed) => sent < noticed);
    assert.ok(excused, `${signUp.username}: a hook failed although no process was lost: ${said}`);
    assert.equal(signUp.made, undefined, `${signUp.key}: the first answer is given again`);
    this.counts.failed += 1;
    this.again.push(signUp);
  }

  /** Only right when an answer had been lost before. */
  taken(signUp: SignUp, said: string): void {
    assert.ok(signUp.unsure && signUp.key === undefined && signUp.made === undefined, `${signUp.username}: ${said}`);
    signUp.taken = true;
    this.counts.taken += 1;
  }

  /** The server was killed before it answered. */
  lost(signUp: SignUp, askAgain: boolean): void {
    signUp.unsure = true;
    this.counts.lost += 1;
    if (askAgain) this.again.push(signUp);
  }

  /** A process of functions is about to be killed; gives what is to be called when the server must know. */
  losing(): () => void {
    const loss = Symbol("loss");
    this.#noticed.set(loss, Number.POSITIVE_INFINITY);
    return () => this.#noticed.set(loss, this.moment);
  }
}
