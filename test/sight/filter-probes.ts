import { admins, type Entry, managers, seeing } from "./probes.ts";
import { bucketName, type CallerName, callerNames, seenBy } from "./scene.ts";

/** Who may try filters where, and on which events. */

const ofTenant: readonly CallerName[] = callerNames.filter(
  (caller) => !["nobody", "foreigner", "operatorElsewhere"].includes(caller),
);
const filtersPath = (verb: string): string => `/api/cloud/filters/${verb}/`;

export const filterProbes: Readonly<Record<string, Entry>> = {
  "POST /api/cloud/filters/check/": ({ id, file, system }) => [
    {
      path: filtersPath("check"),
      body: { face: "objects", bucket: bucketName, filter: "" },
      who: managers,
      safe: true,
    },
    {
      path: filtersPath("check"),
      body: { face: "objects", resource: id.bucket, filter: "" },
      who: managers,
      safe: true,
      shows: () => ["bucket"],
    },
    {
      path: filtersPath("check"),
      body: { face: "notifications", resource: id.bucket, filter: "" },
      who: seenBy.bucket,
      safe: true,
      shows: () => ["bucket"],
    },
    {
      path: filtersPath("check"),
      body: { face: "notifications", resource: file, filter: "" },
      who: seenBy.bucket,
      safe: true,
    },
    // Everybody of the tenant sees the system, and nobody by that the jobs on it.
    {
      path: filtersPath("check"),
      body: { face: "notifications", resource: system, filter: "" },
      who: ofTenant,
      safe: true,
      shows: (caller) => seeing(caller, ["job"]),
    },
    ...(["objects", "notifications"] as const).map((face) => ({
      path: filtersPath("check"),
      body: { face, resource: "*", filter: "" },
      who: [...admins, "foreigner", "operatorElsewhere"] as const,
      refused: Object.fromEntries(callerNames.map((caller) => [caller, 403])),
      safe: true as const,
    })),
  ],
  "GET /api/cloud/filters/fields/": ({ id }) => [
    { path: `${filtersPath("fields")}?face=objects&bucket=${bucketName}`, who: managers },
    { path: `${filtersPath("fields")}?face=notifications&resource=${id.bucket}`, who: seenBy.bucket },
  ],
};
