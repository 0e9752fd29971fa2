/** Tenants, principals, tokens, keys. */
import type { Walk } from "../openapi-examples.ts";

export async function walkIdentities({ tell, api }: Walk): Promise<void> {
  await tell("POST", "/api/cloud/tenants/", { id: "acme", name: "Acme Pictures" });
  await tell("GET", "/api/cloud/tenants/acme/");
  await tell("PATCH", "/api/cloud/tenants/acme/", { quotas: { buckets: 20 } });
  await tell("GET", "/api/cloud/tenants/");
  await tell("POST", "/api/cloud/tokens/", {
    principal: "ada",
    role: "member",
    label: "Laptop",
    expires_in_s: 2_592_000,
  });
  await tell("GET", "/api/cloud/tokens/");
  const old = await api.ask("POST", "/api/cloud/tokens/", { principal: "ben", role: "developer", label: "Old" });
  await tell("DELETE", `/api/cloud/tokens/${String(old.data["id"])}/`);
  const key = await tell("POST", "/api/cloud/access-keys/", { principal: "ada", label: "Uploads" });
  await tell("GET", "/api/cloud/access-keys/");
  await tell("DELETE", `/api/cloud/access-keys/${String(key["access_key_id"])}/`);
  await tell("GET", "/api/cloud/principals/");
  await tell("GET", "/api/cloud/principals/ada/");
  await tell("PATCH", "/api/cloud/principals/ben/", { role: "member" });
  const ada = "/api/cloud/principals/ada/issuer/";
  await tell("PUT", ada, { issuer: "https://login.example.org/", subject: "user-7" });
  await tell("DELETE", ada);
  await tell("DELETE", "/api/cloud/principals/ben/");
  await tell("POST", "/api/cloud/principals/ben/restore/");
}
