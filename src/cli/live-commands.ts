import { createHmac } from "node:crypto";
import type { AtHand, Command, Given } from "./command.ts";
import { pickTexts } from "./command.ts";
import { type Came, follow, liveQuery, narrowingLive } from "./follow.ts";
import { forwardAll } from "./forward.ts";
import { liveLine } from "./live-line.ts";

/** What happens, at a terminal. */

export const liveCommands: readonly Command[] = [
  {
    words: "tail",
    about: "Print what happens, as it happens, until Ctrl-C; goes on where it was cut when the server is back",
    options: {
      topics: {
        value: "names",
        about: "events, deliveries, invocations, redrives, with commas between; all by default",
      },
      ...narrowingLive,
      subscription: { value: "uuid", about: "Only its deliveries and invocations" },
      status: { value: "status", about: "Only deliveries that are waiting, delivered, dead or paused" },
      cursor: { value: "id", about: "Begin behind this id of --json, or with the oldest that is kept (oldest)" },
      until: { value: "id", about: "End there, or with what has happened (now)" },
    },
    follow: async (given, { api, out, err }) => {
      const query = {
        ...liveQuery(given),
        ...pickTexts(given, ["topics", "subscription", "status", "cursor", "until"]),
      };
      for await (const came of follow(api, { query, note: (text) => err(`signalbox: ${text}`) })) {
        if (given.flag("json")) out(JSON.stringify(came));
        else if (isShown(came)) out(liveLine(came));
      }
    },
  },
  {
    words: "listen",
    about: "Send what happens to a local server, signed, as a webhook gets it, until Ctrl-C",
    options: {
      "forward-to": { value: "url", about: "Such as http://localhost:3000/hook" },
      ...narrowingLive,
      secret: {
        value: "whsec_…",
        about: "To sign with (SIGNALBOX_LISTEN_SECRET); of this token and address by default",
      },
      replay: { value: "id", about: "Send this delivery, or this event by its id or sequence, and end" },
    },
    follow: async (given, atHand) => forwardAll(given, { ...atHand, secret: secretOf(given, atHand) }),
  },
];

function isShown({ event }: Came): boolean {
  return event !== "open" && event !== "beat";
}

/**
 * Known only to the owner of the token, and the same each time, so that a local server can be set up once: no secret of a
 * subscription is used, or shown.
 */
function secretOf(given: Given, { env, token }: AtHand): string {
  const own = given.text("secret") ?? env["SIGNALBOX_LISTEN_SECRET"];
  if (own !== undefined && own !== "") return own;
  const made = createHmac("sha256", token)
    .update(`signalbox listen ${given.text("forward-to") ?? ""}`)
    .digest();
  return `whsec_${made.toString("base64")}`;
}
