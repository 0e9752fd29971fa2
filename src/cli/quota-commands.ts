import { type Command, number, part, split } from "./command.ts";

/** What a tenant may have. */

/** `objects=1000` */
function quota(text: string): [string, unknown] {
  const [name, value] = split(text, "=");
  return [name, value === "default" ? null : number(value)];
}

export const quotaCommands: readonly Command[] = [
  {
    words: "tenant change",
    about: "Give a tenant quotas of its own",
    positionals: ["id"],
    options: {
      quota: {
        value: "name=number",
        about: "Such as objects=1000; objects=default for the installation's",
        many: true,
      },
    },
    request: (given) => ({
      method: "PATCH",
      path: `/api/cloud/tenants/${part(given.positionals[0])}/`,
      body: { quotas: Object.fromEntries(given.texts("quota").map(quota)) },
    }),
    list: { of: "quotas", columns: ["name", "limit", "used", "source"], paged: false },
  },
  {
    words: "tenant quotas",
    about: "Show what a tenant may have and has",
    positionals: ["id"],
    request: (given) => ({ method: "GET", path: `/api/cloud/tenants/${part(given.positionals[0])}/` }),
    list: { of: "quotas", columns: ["name", "limit", "used", "source"], paged: false },
  },
  {
    words: "quotas",
    about: "Show what your tenant may have and has",
    request: () => ({ method: "GET", path: "/api/cloud/usage/" }),
    list: { of: "quotas", columns: ["name", "limit", "used", "source"], paged: false },
  },
];
