import { admins, type Entry, open, type Probe } from "./probes.ts";

/** Who may see and change who there is. */

const ofMia =
  (rest: string, more: Partial<Probe> = {}): Entry =>
  () => [{ path: `/api/cloud/principals/mia/${rest}`, who: admins, ...more }];

export const principalProbes: Readonly<Record<string, Entry>> = {
  "GET /api/cloud/principals/": open("/api/cloud/principals/"),
  "GET /api/cloud/principals/{name}/": ofMia(""),
  "PATCH /api/cloud/principals/{name}/": ofMia("", { body: { role: "member" } }),
  "DELETE /api/cloud/principals/{name}/": ofMia(""),
  "POST /api/cloud/principals/{name}/restore/": ofMia("restore/"),
  "PUT /api/cloud/principals/{name}/issuer/": ofMia("issuer/", {
    body: { issuer: "https://login.example", subject: "1" },
  }),
  "DELETE /api/cloud/principals/{name}/issuer/": ofMia("issuer/"),
};
