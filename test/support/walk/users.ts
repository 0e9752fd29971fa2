/** Users, and what hooks decided about them. */
import type { Walk } from "../openapi-examples.ts";

export async function walkUsers({ tell }: Walk): Promise<void> {
  const path = "/api/cloud/users/";
  await tell("PUT", `${path}schema/`, {
    schema: { type: "object", properties: { plan: { enum: ["free", "team"] } } },
  });
  await tell("GET", `${path}schema/`);
  const made = await tell("POST", path, {
    username: "ada",
    email: "ada@example.com",
    first_name: "Ada",
    last_name: "Lovelace",
    attributes: { plan: "team" },
  });
  const one = `${path}${String(made["id"])}/`;
  await tell("GET", "/api/cloud/operations/?outcome=allowed");
  await tell("GET", `/api/cloud/operations/${String(made["operation_id"])}/`);
  await tell("GET", `/api/cloud/decisions/${String(made["operation_id"])}/`);
  await tell("GET", one);
  await tell("PATCH", one, { last_name: "King" });
  await tell("GET", path);
  await tell("GET", "/profiles/v2/ada/");
  const other = await tell("POST", path, { username: "ben", email: "ben@example.com" });
  await tell("DELETE", `${path}${String(other["id"])}/`);
  await tell("DELETE", `${path}schema/`);
}
