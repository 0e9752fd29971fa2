/** The demo's second story: functions before and after a user is made. */
import { type Listening, listening } from "./listening.ts";
import type { Server } from "./server.ts";
import { bad, column, dim, good, name, say, strong, warm } from "./story.ts";
import type { Telling } from "./telling.ts";

const hooks = [
  {
    event: "PRE_USER_CREATE",
    name: "Only Our Domain",
    code: `export default ({ params }) =>
  params.email.endsWith("@example.com") ||
  { decision: "deny", message: "only @example.com addresses", fields: [{ path: "email", message: "is of another domain" }] };`,
  },
  {
    event: "PRE_USER_CREATE",
    name: "Enrich",
    code: `export default ({ params }) =>
  ({ decision: "allow", patch: { attributes: { plan: params.username.length > 4 ? "team" : "solo" } } });`,
  },
  {
    event: "POST_USER_CREATE",
    name: "Welcome",
    code: `export default async ({ params }, { env, log }) => {
  const answer = await fetch(env.MAILER + "/welcome/" + params.username, { method: "POST", headers: { authorization: env.KEY } });
  log("the mailer answered", answer.status);
  return { mailed: params.email };
};`,
  },
] as const;

interface Function {
  readonly id: number;
}

interface User {
  readonly username: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface Invocations {
  readonly invocations: readonly {
    readonly status: string;
    readonly duration_ms: number | null;
    readonly logs: readonly { readonly message: string }[];
  }[];
}

/** Somebody else's service, to which one function may speak. */
interface Mailer extends Listening {
  readonly welcomed: readonly string[];
}

const key = "the-key-of-the-mailer";

async function openMailer(): Promise<Mailer> {
  const welcomed: string[] = [];
  const server = await listening((request, response) => {
    const known = request.headers.authorization === key;
    if (known) welcomed.push(request.url?.split("/").at(-1) ?? "");
    response.writeHead(known ? 202 : 401).end();
  });
  return { ...server, welcomed };
}

export interface Scene extends Telling {
  readonly server: Server;
}

export async function tellHooks({ server, check, until }: Scene): Promise<void> {
  await using mailer = await openMailer();
  await server.api("POST", "/api/apps/", { name: "User Management" });
  for (const { event, name: called, code } of hooks) {
    const post = event === "POST_USER_CREATE";
    const reach = { env: { MAILER: mailer.url }, secrets: { KEY: key }, egress: [new URL(mailer.url).host] };
    const made = await server.api<Function>("POST", "/api/apps/user-management/functions/", {
      name: called,
      code,
      ...(post ? reach : {}),
    });
    await server.api("POST", `/api/cloud/events/${event}/subscribe/`, { function_id: made.id });
    say(`function ${column(called, 15, name)} ${event}${post ? dim("  may reach the mailer, and nothing else") : ""}`);
  }

  const refusal = await create(server, "eve", "eve@elsewhere.example").then(
    () => "",
    (error: Error) => error.message.replace(/^POST \S+ /, ""),
  );
  say(`create   ${column("eve", 15)} ${bad("400")} ${warm(refusal)}`);
  check(
    refusal === "Function 'Only Our Domain' refused PRE_USER_CREATE: only @example.com addresses",
    `the refusal was: ${refusal}`,
  );

  const startedMs = performance.now();
  const user = await create(server, "john_doe", "john@example.com");
  const tookMs = performance.now() - startedMs;
  const attributes = JSON.stringify(user.attributes);
  say(
    `create   ${column("john_doe", 15)} ${good("201")} attributes ${strong(attributes)} ${dim(`${tookMs.toFixed(0)} ms`)}`,
  );
  check(attributes === '{"plan":"team"}', `the attributes are ${attributes}`);

  const runs = async () => {
    const path = "/api/apps/user-management/functions/welcome/invocations/?status=succeeded";
    return (await server.api<Invocations>("GET", path)).invocations;
  };
  await until("the welcome", async () => (await runs()).length > 0);
  for (const { status, logs } of await runs()) {
    const said = logs.map(({ message }) => message).join("; ");
    say(`after it ${column("Welcome", 15, name)} ${good(status)} ${dim(`log: ${said}`)}`);
  }
  check(mailer.welcomed.join() === "john_doe", `the mailer welcomed: ${mailer.welcomed.join()}`);
}

function create(server: Server, username: string, email: string): Promise<User> {
  return server.api<User>("POST", "/api/cloud/users/", { username, email });
}
