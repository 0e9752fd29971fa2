import { type Command, type Given, part, pickTexts, present } from "./command.ts";

/** Logging in with a browser, and who is logged in. */

const link = (given: Given) =>
  ({
    method: "POST",
    path: "/api/cloud/login-links/",
    body: present(pickTexts(given, ["principal"])),
  }) as const;

const url = ({ url: text }: Readonly<Record<string, unknown>>): string => String(text);

export const loginCommands: readonly Command[] = [
  {
    words: "open",
    about: "Print a link that logs you in with a browser, and open it when there is a terminal",
    request: link,
    print: url,
    opens: url,
  },
  {
    words: "login-link",
    about: "Print a link that logs in once, within ten minutes",
    options: { principal: { value: "name", about: "Whom; yourself by default" } },
    request: link,
    print: url,
  },
  {
    words: "whoami",
    about: "Tell who you are, and what there is to know of the server",
    request: () => ({ method: "GET", path: "/api/cloud/session/" }),
  },
  {
    words: "session list",
    about: "List your logins of browsers; for admins, the tenant's",
    request: () => ({ method: "GET", path: "/api/cloud/sessions/" }),
    list: {
      of: "sessions",
      columns: ["id", "principal", "role", "issuer", "created_at", "seen_at", "expires_at"],
      paged: true,
    },
  },
  {
    words: "session end",
    about: "End a login at once",
    positionals: ["id"],
    request: (given) => ({
      method: "DELETE",
      path: `/api/cloud/sessions/${part(given.positionals[0])}/`,
    }),
  },
];
