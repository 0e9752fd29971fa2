/** The tenant's functions: two hooks before a user is made, and one that tells a host of its own after it. */
import { createHash } from "node:crypto";
import type { ServerProcess } from "../../support/server-process.ts";

const salt = "only the functions know it";

/** What the first hook puts into `attributes.checked`: whoever has it was allowed by that hook, for this name. */
export function tokenOf(username: string): string {
  return createHash("sha256").update(`${salt} ${username}`).digest("hex");
}

/** Names that one of the hooks refuses. */
export const refused = { prepare: "evil-", validate: "wicked-" } as const;

const token = `
const token = async (name, { SALT }) => {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(SALT + " " + name));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
};
// As long as whoever asks for the user wishes it: so that a process is killed while hooks run in it.
const think = async (stage, { attributes }, { HOST }) => {
  if (attributes.slowMs > 0) await new Promise((resolve) => setTimeout(resolve, attributes.slowMs));
  if (attributes.asks === stage) await fetch(HOST + "/" + stage, { method: "POST" });
};
`;

const prepare = `${token}
export default async ({ params }, { env }) => {
  await think("prepare", params, env);
  if (params.username.startsWith("${refused.prepare}")) return { decision: "deny", message: "evil is refused" };
  return { decision: "allow", patch: { attributes: { checked: await token(params.username, env) } } };
};
`;

const validate = `${token}
export default async ({ params }, { env }) => {
  await think("validate", params, env);
  if (params.username.startsWith("${refused.validate}")) return { decision: "deny", message: "wickedness is refused" };
  if (params.attributes.checked === (await token(params.username, env))) return { decision: "allow" };
  return { decision: "deny", message: "prepare has not seen it" };
};
`;

const welcome = `
export default async ({ id, operation_id, attempt, params }, { env }) => {
  const told = { event: id, operation: operation_id, attempt, user: params.uuid, name: params.username };
  const body = JSON.stringify({ ...told, checked: params.attributes.checked });
  const answer = await fetch(env.HOST + "/welcome", { method: "POST", body });
  if (!answer.ok) throw new Error("the host answered " + answer.status);
  return { welcomed: params.username };
};
`;

export const app = "sign-ups";
export const slugs = ["prepare", "validate", "welcome"] as const;

/** Subscribes them: `host` is the URL of whom they tell. */
export async function setUp(server: ServerProcess, host: string): Promise<void> {
  await server.api("POST", "/api/apps/", { name: "Sign-ups", slug: app });
  const add = async (name: (typeof slugs)[number], code: string, timeoutMs: number): Promise<number> => {
    const { id } = await server.api<{ id: number }>("POST", `/api/apps/${app}/functions/`, {
      name,
      code,
      timeout_ms: timeoutMs,
      env: { HOST: host },
      secrets: { SALT: salt },
      egress: [new URL(host).host],
    });
    return id;
  };
  const subscribe = (event: string, body: object): Promise<unknown> =>
    server.api("POST", `/api/cloud/events/${event}/subscribe/`, body);
  await subscribe("PRE_USER_CREATE", { function_id: await add("prepare", prepare, 60_000), stage: "prepare" });
  await subscribe("PRE_USER_CREATE", { function_id: await add("validate", validate, 60_000), stage: "validate" });
  await subscribe("POST_USER_CREATE", {
    // The host is silent now and then; that should not take long.
    function_id: await add("welcome", welcome, 2_000),
    max_retries: 100,
    backoff: { schedule_ms: [20, 50] },
  });
}
