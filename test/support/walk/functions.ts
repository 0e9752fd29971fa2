/** Apps, functions, their versions, and the event types that they are subscribed to. */
import type { Walk } from "../openapi-examples.ts";

const allows = 'export default (event) => ({ decision: "allow" });\n';
const judges = `export default (event, { log }) => {
  log("asked about", event.params.email);
  if (!String(event.params.email).endsWith("@example.com")) return { decision: "deny", message: "Not our domain" };
  return { decision: "allow", patch: { attributes: { plan: "free" } } };
};
`;

export async function walkFunctions({ tell }: Walk): Promise<void> {
  await tell("POST", "/api/apps/", { name: "User Management" });
  const app = "/api/apps/user-management/";
  await tell("GET", "/api/apps/");
  await tell("GET", app);
  await tell("PATCH", app, { name: "User management" });

  const functions = `${app}functions/`;
  const made = await tell("POST", functions, {
    name: "Validate User Data",
    code: allows,
    env: { DOMAIN: "example.com" },
  });
  const fn = `${functions}${String(made["slug"])}/`;
  await tell("POST", `${functions}check/`, {
    code: "export default ({ params }) => fetch(`https://crm.example.com/${params.id}`).then(({ ok }) => ok === NaN);\n",
    slug: made["slug"],
  });
  await tell("POST", `${functions}run/`, {
    code: judges,
    event: { event_type: "PRE_USER_CREATE", params: { username: "ada", email: "ada@elsewhere.example" } },
  });
  await tell("PATCH", fn, { code: judges, timeout_ms: 2_000 });
  await tell("GET", fn);
  await tell("GET", `/api/cloud/functions/${String(made["uuid"])}/`);
  await tell("GET", functions);
  await tell("POST", `${fn}versions/`, { code: allows });
  await tell("GET", `${fn}versions/`);
  await tell("GET", `${fn}versions/2/`);
  await tell("POST", `${fn}rollback/`);
  await tell("POST", `${fn}versions/2/activate/`);
  const invocation = await tell("POST", `${fn}invoke/`, { params: { email: "ada@example.com" } });
  await tell("GET", `${fn}invocations/`);
  await tell("GET", "/api/cloud/invocations/");
  await tell("GET", `/api/cloud/invocations/${String(invocation["id"])}/`);

  const event = "/api/cloud/events/PRE_USER_CREATE/";
  await tell("GET", "/api/cloud/events/");
  const subscriber = await tell("POST", `${event}subscribe/`, { function_id: made["id"] });
  await tell("GET", event);
  await tell("GET", `${event}types/`);
  await tell("GET", "/api/cloud/types/?language=python&event=PRE_USER_CREATE");
  await tell("PATCH", `${event}subscribers/${String(subscriber["id"])}/`, { priority: 10 });
  await tell("POST", `${event}simulate/`, {
    params: { username: "ada", email: "ada@example.com", first_name: "Ada", last_name: "Lovelace", attributes: {} },
  });
  await tell("GET", `${app}events/`);
  await tell("GET", `${app}events/PRE_USER_CREATE/`);

  const other = await tell("POST", functions, { name: "Unused", code: allows });
  await tell("POST", `${event}subscribe/`, { function_id: other["id"] });
  await tell("POST", `${event}unsubscribe/`, { function_id: other["id"] });
  await tell("DELETE", `${functions}${String(other["slug"])}/`);
  await tell("POST", "/api/apps/", { name: "Empty" });
  await tell("DELETE", "/api/apps/empty/");
}
