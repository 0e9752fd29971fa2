/** Clients that ask for users until the server is gone, and afterwards again for those of whom they have no answer. */
import assert from "node:assert/strict";
import { adminToken } from "../../support/server-process.ts";
import type { Dice } from "../dice.ts";
import type { Book, MadeUser, SignUp } from "./book.ts";

/** At once. */
const clients = 8;

export interface Signing {
  readonly url: string;
  readonly book: Book;
  readonly dice: Dice;
  /** Told as a request goes out, and as a user was made. */
  readonly told: (sign: "request" | "acknowledgement") => void;
  /** Whether the server was killed, so that whatever fails now fails rightly. */
  readonly over: () => boolean;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly replayed: boolean;
}

interface Body {
  readonly message?: string;
  readonly code?: string;
  readonly data?: MadeUser;
}

/** Resolves when the server was killed and every client has noticed. Rejects when one was answered what it must not be. */
export async function signUpUntilKilled(signing: Signing): Promise<void> {
  const { book, dice, over } = signing;
  const client = async (): Promise<void> => {
    while (!over()) {
      const signUp = book.again.shift() ?? book.next(dice);
      // A client that is impatient: both answers must tell of one user.
      const twice = signUp.key !== undefined && dice.chance(1 / 8);
      await Promise.all([ask(signing, signUp), ...(twice ? [ask(signing, signUp)] : [])]);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
}

/** Asks for what has no answer yet, until there is one for each. */
export async function askAgain(signing: Signing): Promise<void> {
  const client = async (): Promise<void> => {
    for (let signUp = signing.book.again.shift(); signUp !== undefined; signUp = signing.book.again.shift()) {
      await ask(signing, signUp);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
}

/** One that is asked for alone must be made: whatever was lost before, hooks work. */
export async function mustWork(signing: Signing): Promise<void> {
  const { book, dice } = signing;
  let signUp = book.next(dice);
  while (signUp.refusal !== undefined) signUp = book.next(dice);
  await ask(signing, signUp);
  assert.ok(signUp.made !== undefined || signing.over(), `${signUp.username} is made, being asked for after the kill`);
}

async function ask(signing: Signing, signUp: SignUp): Promise<void> {
  const { book, dice, over, told } = signing;
  const { username, key, slowMs } = signUp;
  const sent = book.moment;
  let answer: Answer;
  try {
    const coming = requestUser(signing.url, {
      username,
      ...(key === undefined ? {} : { key }),
      attributes: { slowMs },
    });
    told("request");
    answer = await coming;
  } catch (thrown) {
    if (!over()) throw thrown;
    return book.lost(signUp, signUp.key !== undefined || dice.chance(1 / 2));
  }
  const { message = "", code, data } = JSON.parse(answer.text) as Body;
  const said = `${answer.status} ${answer.text}`;
  if (answer.status === 201 && data !== undefined) {
    book.created(signUp, data, answer.replayed);
    told("acknowledgement");
  } else if (answer.status === 400 && code === "hook_denied") book.denied(signUp, message);
  else if (answer.status === 409 && code === "conflict") book.taken(signUp, said);
  else if (answer.status === 503 && code === "hook_failed") book.failed(signUp, sent, said);
  else assert.fail(`${signUp.username} was answered ${said}`);
}

export interface WantedUser {
  readonly username: string;
  /** Idempotency-Key. */
  readonly key?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** Rejects when there is no whole answer. */
export async function requestUser(url: string, { key, ...wanted }: WantedUser): Promise<Answer> {
  const answer = await fetch(`${url}/api/cloud/users/`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${adminToken}`,
      "content-type": "application/json",
      ...(key === undefined ? {} : { "idempotency-key": key }),
    },
    body: JSON.stringify(wanted),
  });
  const replayed = answer.headers.get("idempotency-replayed") === "true";
  return { status: answer.status, text: await answer.text(), replayed };
}
