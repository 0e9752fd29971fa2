import { createHmac, createSecretKey, randomUUID } from "node:crypto";
import { Pool } from "undici";
import { bullmq } from "./bullmq.ts";
import type { Post, Settings } from "./peer.ts";
import { pgBoss } from "./pg-boss.ts";

/** A process with workers of a peer, as `start` of `workers.ts` forks it. Says when they are ready, and ends with its parent. */

export interface Job {
  readonly peer: string;
  readonly socket: string;
  readonly settings: Settings;
  /** Where to post to. */
  readonly url: string;
  /** As `whsec_…`. */
  readonly secret: string;
}

const connections = 64;

/** Signs as our webhooks are signed, and posts through undici. */
function poster({ url, secret }: Job): Post {
  const pool = new Pool(url, { connections });
  const key = createSecretKey(Buffer.from(secret.slice("whsec_".length), "base64"));
  return async (body) => {
    const id = `0000000000000000-${randomUUID()}-042`;
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const mac = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
    const answer = await pool.request({
      method: "POST",
      path: "/hook",
      headers: {
        "content-type": "application/json",
        "user-agent": "peer",
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": `v1,${mac}`,
      },
      body,
    });
    await answer.body.dump();
    if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}`);
  };
}

const job = JSON.parse(process.argv[2] ?? "") as Job;
const peer = [bullmq, pgBoss].find(({ name }) => name === job.peer);
if (peer === undefined) throw new Error(`there is no peer ${job.peer}`);
await peer.work(job.socket, job.settings, poster(job));
process.on("disconnect", () => process.exit());
process.send?.("ready");
