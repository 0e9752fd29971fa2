/** Logins of browsers. */
import assert from "node:assert/strict";
import { codeOf } from "../browser.ts";
import type { Walk } from "../openapi-examples.ts";

export async function walkLogins({ tell, api }: Walk): Promise<void> {
  const link = await tell("POST", "/api/cloud/login-links/", { principal: "admin" });
  const outsider = { token: "" };
  const self = await tell("POST", "/api/cloud/session/", { code: codeOf(link["url"]) }, outsider);
  await tell("GET", "/api/cloud/logins/", undefined, outsider);
  await tell("GET", "/api/cloud/session/");
  await tell("GET", "/api/cloud/sessions/");
  const { id } = self["session"] as { readonly id: string };
  await tell("DELETE", `/api/cloud/sessions/${id}/`);
  await tell("DELETE", "/api/cloud/session/");
  assert.deepEqual((await api.ask("GET", "/api/cloud/sessions/")).data["sessions"], []);
}
