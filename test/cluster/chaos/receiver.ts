/** The receiver of a run: what comes to it is noted in the history before it is answered. */
import { type Book } from "../../crash/book.ts";
import type { Dice } from "../../crash/dice.ts";
import { type Arrival, type FlakyReceiver, flakyReceiver, thirdFails } from "../../crash/flaky-receiver.ts";
import type { History } from "../history.ts";

/** Of paths that always acknowledge at once. */
export const steady = ["/jobs", "/created", "/once"] as const;
/** Paths of rules that are down for a while: of the one what fails is parked, of the other it dies and is sent again. */
export const downs = { parked: "/parked", dead: "/dead" } as const;

export interface Receiver extends FlakyReceiver {
  /** Whether the targets that are down at times are down. */
  isDown: boolean;
}

interface Told {
  readonly uuid?: string;
  readonly number?: number;
  readonly profile?: { readonly username: string };
  readonly events?: readonly [
    { readonly eventName: string; readonly object: { readonly key: string; readonly eTag: string } },
  ];
}

/** As the clients called the event; `undefined` of those that have no name. */
function eventOf(body: string): string | undefined {
  const { uuid, number, profile, events } = JSON.parse(body) as Told;
  if (profile !== undefined) return `user ${profile.username}`;
  if (events !== undefined) {
    const [{ eventName, object }] = events;
    return eventName === "OBJECT_DELETED" ? undefined : writeNamed(object);
  }
  return number === undefined ? undefined : `${uuid} ${number}`;
}

/** What a write of an object is called in the history. */
export function writeNamed({ key, eTag }: Pick<Book["asked"][number], "key" | "eTag">): string {
  return `${key} ${eTag}`;
}

/** @param host where it listens */
export async function openReceiver(history: History, dice: Dice, host?: string): Promise<Receiver> {
  const state = { isDown: false };
  const third = thirdFails(dice);
  const arrived = ({ path, headers, body, answer }: Arrival): void => {
    const event = eventOf(body);
    if (event === undefined) return;
    const subscription = path === "/once" ? String(headers["x-agave-notification"]) : undefined;
    history.note({
      what: "received",
      event,
      path,
      delivery: String(headers["webhook-id"]),
      sequence: String(headers["x-signalbox-sequence"]),
      thanked: answer === "ok",
      ...(subscription === undefined ? {} : { subscription }),
    });
  };
  const answers = (path: string): Arrival["answer"] => {
    if ((steady as readonly string[]).includes(path)) return "ok";
    if ((Object.values(downs) as readonly string[]).includes(path)) return state.isDown ? "error" : "ok";
    return third();
  };
  const receiver = await flakyReceiver({ answers, arrived, host });
  return {
    ...receiver,
    get isDown() {
      return state.isDown;
    },
    set isDown(isDown) {
      state.isDown = isDown;
    },
  };
}
