/** What a new function may begin with; each runs as it stands. */

interface Template {
  readonly id: string;
  readonly name: string;
  readonly what: string;
  /** That it is for, and that it is tried with. */
  readonly event: string;
  readonly code: string;
}

export const templates: readonly Template[] = [
  {
    id: "check",
    name: "Check email domain",
    what: "Refuses users of other domains, before they are made.",
    event: "PRE_USER_CREATE",
    code: `import type { Hook } from "signalbox/functions";

interface User {
  username: string;
  email?: string | null;
}

// Runs before a user is made: what it returns decides. Nothing returned allows.
const check: Hook<User> = ({ params }, { log }) => {
  log("asked about", params.username);
  if (!params.email?.endsWith("@example.com")) {
    return {
      decision: "deny",
      message: "only addresses of example.com",
      fields: [{ path: "email", message: "is of another domain" }],
    };
  }
  return { decision: "allow" };
};

export default check;
`,
  },
  {
    id: "tag",
    name: "Tag uploads",
    what: "Adds metadata to objects, before they are stored.",
    event: "PRE_OBJECT_PUT",
    code: `import type { Hook } from "signalbox/functions";

// Runs before an object is stored: a patch changes what is proposed.
const tag: Hook<{ key: string }> = ({ params }, { log }) => {
  const kind = params.key.split(".").at(-1)?.toLowerCase() ?? "none";
  log("an upload of kind", kind);
  return { decision: "allow", patch: { metadata: { kind } } };
};

export default tag;
`,
  },
  {
    id: "after",
    name: "Note new users",
    what: "Runs after a user was made; what it throws is tried again.",
    event: "POST_USER_CREATE",
    code: `import type { Handler } from "signalbox/functions";

// Runs after the fact, at least once: event.id is the same each time.
const note: Handler<{ username: string }> = ({ id, params }, { log }) => {
  log("event", id, "made", params.username);
  return { welcomed: params.username };
};

export default note;
`,
  },
  {
    id: "blank",
    name: "Blank",
    what: "As little as there can be, in JavaScript or TypeScript.",
    event: "POST_USER_UPDATE",
    code: `export default async (event, { env, log, api }) => {
  log(event.event_type, event.params);
};
`,
  },
];
