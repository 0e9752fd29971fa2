/** The demo's receiver: the one of `examples/receiver`, once per rule, which fails once for each key that it is given. */
import type { RequestListener } from "node:http";
import { type Delivery, type ObjectEvent, receiver } from "../receiver/receiver.ts";
import { type Listening, listening } from "./listening.ts";

/** One request that reached us, rightly signed, and with the right `Authorization` where there has to be one. */
export interface Arrival {
  readonly rule: string;
  readonly event: ObjectEvent;
  readonly delivery: Delivery;
  /** Of this delivery, from 1. */
  readonly attempt: number;
  readonly status: 200 | 500;
  /** Why it was acknowledged and put aside, when it was. */
  readonly ignored?: "duplicate" | "stale";
  readonly atMs: number;
}

export interface Ears extends Listening {
  /** In order of arrival. */
  readonly arrivals: readonly Arrival[];
  /** How many requests were turned away: not signed, or without the right `Authorization`. */
  readonly refused: number;
  /** From now on takes what comes to `/{rule}`. */
  listen(rule: string, by: { readonly secret: string; readonly token?: string }): void;
  /** What comes next of this key is answered with 500, once. */
  failOnce(key: string): void;
}

export async function openEars(): Promise<Ears> {
  const arrivals: Arrival[] = [];
  const handlers = new Map<string, { readonly handle: RequestListener; readonly token: string | undefined }>();
  const failing = new Set<string>();
  let refused = 0;
  const server = await listening((request, response) => {
    response.on("finish", () => {
      if (response.statusCode === 401) refused += 1;
    });
    const found = handlers.get(request.url ?? "");
    if (found === undefined) response.writeHead(404).end();
    else if (found.token !== undefined && request.headers.authorization !== `Bearer ${found.token}`) {
      response.writeHead(401).end();
    } else found.handle(request, response);
  });

  const keep = (arrival: Omit<Arrival, "attempt" | "atMs">): void => {
    const attempt = 1 + arrivals.filter(({ delivery }) => delivery.id === arrival.delivery.id).length;
    arrivals.push({ ...arrival, attempt, atMs: Date.now() });
  };
  const hear = (rule: string, event: ObjectEvent, delivery: Delivery): void => {
    const fails = failing.delete(event.object.key);
    keep({ rule, event, delivery, status: fails ? 500 : 200 });
    if (fails) throw new Error(`told to fail once at ${event.object.key}`);
  };

  return {
    ...server,
    arrivals,
    get refused() {
      return refused;
    },
    listen: (rule, { secret, token }) => {
      const handle = receiver({
        secrets: [secret],
        apply: (event, delivery) => hear(rule, event, delivery),
        told: (outcome, event, delivery) => {
          if (outcome === "duplicate" || outcome === "stale")
            keep({ rule, event, delivery, status: 200, ignored: outcome });
        },
      });
      handlers.set(`/${rule}`, { handle, token });
    },
    failOnce: (key) => void failing.add(key),
  };
}
