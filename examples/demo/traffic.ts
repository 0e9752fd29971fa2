/** What goes on while the demo is kept: a little of everything, so that there is something to see that moves. */
import { setTimeout as wait } from "node:timers/promises";
import { DeleteObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { Server } from "./server.ts";

const bucket = "photos";
const everyMs = 500;
/** Keys come again, so that the bucket does not grow for ever. */
const keys = 40;

const welcome = `export default ({ params, attempt }, { log }) => {
  log("welcomes", params.username);
  if (params.username.endsWith("7") && attempt === 1) throw new Error("the mailbox of " + params.username + " is full");
  return { greeting: "Welcome, " + params.username + "!" };
};`;

export interface Place {
  readonly server: Server;
  readonly s3: S3Client;
  /** A port on which nothing listens. */
  readonly deafUrl: string;
}

/** Until it is stopped. */
export async function goOn({ server, s3, deafUrl }: Place, stop: AbortSignal): Promise<void> {
  await server.api("PATCH", "/api/apps/user-management/functions/welcome/", { code: welcome });
  await server.api("POST", `/api/cloud/buckets/${bucket}/notifications/`, {
    url: deafUrl,
    filter: "WHERE key LIKE 'reports/%'",
    max_retries: 1,
    backoff: { schedule_ms: [2_000], jitter: 0.2 },
  });
  for (let step = 0; !stop.aborted; step += 1) {
    // The server may be ending, and hooks refuse some of it.
    await act(server, s3, step).catch(() => {});
    await wait(everyMs, undefined, { signal: stop }).catch(() => {});
  }
}

async function act(server: Server, s3: S3Client, step: number): Promise<unknown> {
  const number = step % keys;
  const put = (Key: string, ContentType: string): Promise<unknown> =>
    s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: `${Key} ${step}`, ContentType }));
  switch (step % 8) {
    case 2:
      return put(`reports/day-${number}.csv`, "text/csv");
    case 4:
      return s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: `images/holiday-${(step - 1) % keys}.jpg` }));
    case 6: {
      const username = `visitor${step}`;
      // One of three is of another domain, which a hook refuses.
      const domain = step % 24 === 6 ? "elsewhere.example" : "example.com";
      return server.api("POST", "/api/cloud/users/", { username, email: `${username}@${domain}` });
    }
    case 7:
      return put("documents/picsumipsum.txt", "text/plain");
    default:
      return put(`images/holiday-${number}.jpg`, "image/jpeg");
  }
}
