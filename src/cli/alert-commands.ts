import type { Command } from "./command.ts";

/** Who is alerted when deliveries fail. */

const path = "/api/cloud/alerts/";

export const alertCommands: readonly Command[] = [
  {
    words: "alert show",
    about: "Show where the tenant's alerts go",
    request: () => ({ method: "GET", path }),
  },
  {
    words: "alert set",
    about: "Send the tenant's alerts to a webhook or an address; a signing secret is printed only now",
    positionals: ["url|address"],
    request: (given) => {
      const [to = ""] = given.positionals;
      const target = /^https?:/i.test(to) ? { type: "webhook", url: to } : { type: "email", address: to };
      return { method: "PUT", path, body: { target } };
    },
  },
  { words: "alert off", about: "End the tenant's alerts", request: () => ({ method: "DELETE", path }) },
];
