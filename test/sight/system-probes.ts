/** Of the routes for who runs Signalbox. */
import { type Entry, open } from "./probes.ts";

export const systemProbes: Readonly<Record<string, Entry>> = {
  "GET /healthz": open("/healthz"),
  "GET /readyz": open("/readyz"),
  "GET /metrics": open("/metrics"),
  "GET /api/cloud/nodes/": open("/api/cloud/nodes/"),
  "GET /api/cloud/inbox/": open("/api/cloud/inbox/"),
  "POST /api/cloud/inbox/{id}/retry/": ({ file }) => [{ path: `/api/cloud/inbox/${file}/retry/`, who: [] }],
  "DELETE /api/cloud/inbox/{id}/": ({ file }) => [{ path: `/api/cloud/inbox/${file}/`, who: [] }],
};
