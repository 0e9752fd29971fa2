/** Clients of the nodes who ask whichever they like, and ask again, of another, what had no answer. */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import type { S3Client } from "@aws-sdk/client-s3";
import type { Dice } from "../../crash/dice.ts";
import { askHost, type HostAnswer } from "../../support/host-listener.ts";
import { adminToken, type ServerProcess } from "../../support/server-process.ts";
import type { History } from "../history.ts";
import type { Nodes } from "./nodes.ts";

export interface Load {
  readonly nodes: Pick<Nodes, "up">;
  readonly history: History;
  readonly dice: Dice;
  /** Of the host interface. */
  readonly token: string;
  /** Where the receiver listens. */
  readonly receiver: string;
  readonly over: () => boolean;
}

/** Jobs of a platform whose events are raised, each by one client. */
export const jobs = ["job-1-007", "job-2-007", "job-3-007", "job-4-007"] as const;
/** Whose events are each asked for once, whatever the answer. */
export const onceJob = "job-5-007";
/** That PRE_USER_CREATE adds. */
export const plan = "team";

const restMs = 30;
const againMs = 50;
/** One of so many events is preceded by a subscription for one event. */
const armEvery = 6;

/** One of those that are up. */
export async function someNode({ nodes, dice }: Pick<Load, "nodes" | "dice">): Promise<ServerProcess> {
  for (;;) {
    const [first, ...others] = nodes.up;
    if (first !== undefined) return dice.oneOf([first, ...others]);
    await pause(againMs);
  }
}

/** For clients of S3, who are told that none is up by a refused connection. */
export function s3OfSome({ nodes, dice }: Pick<Load, "nodes" | "dice">): () => S3Client {
  return () => {
    const [first, ...others] = nodes.up;
    if (first === undefined) throw new Error("no node is up");
    return dice.oneOf([first, ...others]).s3;
  };
}

export function rest({ dice }: Pick<Load, "dice">): Promise<unknown> {
  return pause(dice.between(0, 2 * restMs));
}

/** Without an answer; or with that of S3 for each of many keys. */
const without =
  /no node is up|socket|fetch failed|not all were deleted: \[(?:\{[^}]*"Code":"(?:InternalError|ServiceUnavailable)"[^}]*\},?)+\]$/;

/** What a client of a node that is hurt may be told: that there is nobody, or to come again. Anything else is a fault. */
export async function mayFail(thrown: unknown): Promise<void> {
  const { status, code, message } = failureOf(thrown);
  // 500: the connection to the database was lost before it said whether it was done.
  const isRight =
    status === undefined
      ? code !== undefined || without.test(message)
      : status === 503 || (status === 500 && message.includes("internal error"));
  if (!isRight) throw new Error(`a node answered what it must not: ${status} ${code} ${message}`, { cause: thrown });
  await pause(againMs);
}

function failureOf(thrown: unknown) {
  const error = thrown as {
    readonly $metadata?: { readonly httpStatusCode?: number };
    readonly code?: string;
    readonly message?: string;
    readonly cause?: { readonly code?: string };
  };
  return {
    status: error.$metadata?.httpStatusCode,
    code: error.code ?? error.cause?.code,
    message: String(error.message),
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Asks until there is an answer that says whether it was done; `undefined` when it is over before. */
async function untilAnswered<T extends Answer>(load: Load, ask: (server: ServerProcess) => Promise<T>) {
  while (!load.over()) {
    try {
      const answer = await ask(await someNode(load));
      if (answer.status < 500) return answer;
      if (answer.status !== 503) assert.match(answer.text, /not known whether/);
      await pause(againMs);
    } catch (thrown) {
      await mayFail(thrown);
    }
  }
  return undefined;
}

async function askApi(server: ServerProcess, path: string, body: unknown, key?: string) {
  const response = await fetch(`${server.url}${path}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${adminToken}`,
      "content-type": "application/json",
      ...(key === undefined ? {} : { "idempotency-key": key }),
    },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

/** Raises events of one job, one after the other, each under a key of its own until it is acknowledged. */
export async function raiseEvents(load: Load, job: string): Promise<void> {
  const { history, token } = load;
  for (let number = 1; !load.over(); number += 1) {
    if (number % armEvery === 0) await arm(load, number % (2 * armEvery) === 0 ? [job] : jobs);
    const event = `${job} ${number}`;
    history.note({ what: "asked", event, resource: job, to: ["/jobs"] });
    const body = { event: "RUNNING", data: { number } };
    const path = `/host/v1/resources/${job}/events/`;
    const headers = { "idempotency-key": event.replace(" ", "-") };
    const answer = await untilAnswered<HostAnswer>(load, (server) =>
      askHost(server.hostUrl, { method: "POST", path, token, body, headers }),
    );
    if (answer === undefined) return;
    assert.equal(answer.status, 200, answer.text);
    const { sequence } = answer.json["data"] as { readonly sequence: string };
    history.note({ what: "acknowledged", event, sequence });
    await rest(load);
  }
}

/** Raises events of one job that it asks for once each, under no key: what is refused must not be there. */
export async function raiseOnce(load: Load): Promise<void> {
  const { history, token } = load;
  for (let number = 1; !load.over(); number += 1) {
    const event = `${onceJob} ${number}`;
    const server = await someNode(load);
    history.note({ what: "asked", event, resource: event, to: ["/jobs"] });
    const body = { event: "RUNNING", data: { number } };
    try {
      const path = `/host/v1/resources/${onceJob}/events/`;
      const { status, text } = await askHost(server.hostUrl, { method: "POST", path, token, body });
      if (status === 200) history.note({ what: "acknowledged", event });
      else assert.ok(status === 503 || status === 500, `${status} ${text}`);
      if (status === 503 && !/not known/i.test(text)) history.note({ what: "refused", event });
    } catch (thrown) {
      await mayFail(thrown);
    }
    await rest(load);
  }
}

/** Subscribes to one event. Without an answer there may be a subscription, or not. */
async function arm(load: Load, resources: readonly string[]): Promise<void> {
  const [one = "", ...more] = resources;
  const associatedUuid = more.length === 0 ? one : "*";
  const body = {
    associatedUuid,
    event: "RUNNING",
    url: `${load.receiver}/once`,
    policy: { retryLimit: 100, retryRate: 1 },
  };
  try {
    const { status, text } = await askApi(await someNode(load), "/notifications/v2/", body);
    if (status === 503) return;
    assert.equal(status, 201, text);
    const { id } = (JSON.parse(text) as { readonly result: { readonly id: string } }).result;
    load.history.note({ what: "armed", subscription: id, resources });
  } catch (thrown) {
    await mayFail(thrown);
  }
}

/** Creates users, whom a hook refuses or gives a plan. */
export async function createUsers(load: Load): Promise<void> {
  const path = "/api/cloud/users/";
  for (let number = 1; !load.over(); number += 1) {
    const username = `${load.dice.chance(1 / 5) ? "mallory" : "user"}${number}`;
    const isRefused = username.startsWith("mallory");
    const event = `user ${username}`;
    if (!isRefused) load.history.note({ what: "asked", event, resource: event, to: ["/created"] });
    const body = { username, email: `${username}@example.com` };
    const answer = await untilAnswered(load, (server) => askApi(server, path, body, username));
    if (answer === undefined) return;
    assert.equal(answer.status, isRefused ? 400 : 201, answer.text);
    if (!isRefused) {
      const { data } = JSON.parse(answer.text) as {
        readonly data: { readonly attributes: { readonly plan?: string } };
      };
      assert.equal(data.attributes.plan, plan, `${username} was made as the hook said: ${answer.text}`);
      load.history.note({ what: "acknowledged", event });
    }
    await rest(load);
  }
}
