import { type Command, part } from "./command.ts";
import { fieldLines } from "./print.ts";

/** Events that transactions of the host have left and that could not be published. */

export const inboxCommands: readonly Command[] = [
  {
    words: "inbox list",
    about: "List events of the inbox that could not be published, with the reason",
    request: () => ({ method: "GET", path: "/api/cloud/inbox/" }),
    list: { of: "events", columns: ["id", "tenant", "event_type", "since", "reason"], paged: true },
  },
  {
    words: "inbox retry",
    about: "Have one of them tried again",
    positionals: ["id"],
    request: (given) => ({ method: "POST", path: `/api/cloud/inbox/${part(given.positionals[0])}/retry/` }),
  },
  {
    words: "inbox drop",
    about: "Delete one of them: it will never be published",
    positionals: ["id"],
    request: (given) => ({ method: "DELETE", path: `/api/cloud/inbox/${part(given.positionals[0])}/` }),
  },
  {
    words: "inbox show",
    about: "Show how it stands with the inbox",
    request: () => ({ method: "GET", path: "/api/cloud/inbox/", query: { limit: "1" } }),
    print: ({ inbox }) =>
      inbox === undefined
        ? "the server has no inbox: SIGNALBOX_INBOX is not set"
        : fieldLines(inbox as Readonly<Record<string, unknown>>),
  },
];
