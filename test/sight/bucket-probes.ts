/** What is asked of the routes of buckets and of what lies in them, and who may. */
import { type Entry, managers, refusedToAll } from "./probes.ts";
import { bucketName, key, openName, seenBy } from "./scene.ts";

const objectsPath = `/api/cloud/buckets/${bucketName}/objects/`;

export const bucketProbes: Readonly<Record<string, Entry>> = {
  "POST /api/cloud/buckets/": refusedToAll("/api/cloud/buckets/", { name: "No Name" }),
  "GET /api/cloud/buckets/{bucket}/": () => [
    { path: `/api/cloud/buckets/${bucketName}/`, who: seenBy.bucket, shows: () => ["bucket"] },
    { path: `/api/cloud/buckets/${openName}/`, who: seenBy.open, shows: () => ["open"] },
    { path: "/api/cloud/buckets/foreign-bucket/", who: seenBy.foreign },
  ],
  "DELETE /api/cloud/buckets/{bucket}/": () => [
    { path: `/api/cloud/buckets/${bucketName}/`, who: managers, refused: { wil: 403, wes: 403 } },
    { path: "/api/cloud/buckets/foreign-bucket/", who: seenBy.foreign },
  ],
  "PUT /api/cloud/buckets/{bucket}/objects/": () => [
    { path: `${objectsPath}?key=new.txt`, body: {}, who: [...managers, "wes"], refused: { wil: 403 } },
    { path: "/api/cloud/buckets/foreign-bucket/objects/?key=new.txt", body: {}, who: seenBy.foreign },
  ],
  "GET /api/cloud/buckets/{bucket}/objects/": () => [
    { path: `${objectsPath}?key=${key}`, who: seenBy.bucket },
    { path: `/api/cloud/buckets/${openName}/objects/?key=open-key-of-mia.txt`, who: seenBy.open },
    { path: `${objectsPath}?key=no-such-key`, who: [] },
  ],
  "DELETE /api/cloud/buckets/{bucket}/objects/": () => [
    { path: `${objectsPath}?key=${key}`, who: [...managers, "wes"], refused: { wil: 403 } },
  ],
};
