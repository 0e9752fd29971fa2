import { admins, type Entry, one, open, seeing } from "./probes.ts";
import { subscriptions } from "./scene.ts";

/** Who is told how things fare. */
export const figureProbes: Readonly<Record<string, Entry>> = {
  "GET /api/cloud/overview/": open("/api/cloud/overview/"),
  "GET /api/cloud/stats/": ({ id }) => [
    { path: "/api/cloud/stats/" },
    {
      path: "/api/cloud/stats/?measure=events",
      who: [...admins, "operatorElsewhere", "foreigner"],
      refused: { developer: 403, mia: 403, wil: 403, wes: 403, una: 403 },
    },
    { path: "/api/cloud/stats/?step=1h&by=subscription", shows: (caller) => seeing(caller, subscriptions) },
    ...one((thing) => `/api/cloud/stats/?rule=${id[thing]}`, subscriptions),
  ],
};
