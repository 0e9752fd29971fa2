/** The demo's fourth story: a receiver is broken, is mended, and gets what it missed, no faster than it can take. */
import { CreateBucketCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { Scene } from "./hooks.ts";
import { listening } from "./listening.ts";
import { bad, column, dim, good, name, say, strong } from "./story.ts";

const bucket = "invoices";
const count = 6;
const perSecond = 4;

interface Health {
  readonly deliveries: readonly { readonly status: string }[];
}

interface Redrive {
  readonly id: string;
  readonly state: string;
  readonly redriven: number;
  readonly per_second: number | null;
}

export async function tellMending({ server, s3, check, until }: Scene & { readonly s3: S3Client }): Promise<void> {
  let isMended = false;
  const arrivedMs: number[] = [];
  await using receiver = await listening((request, response) => {
    request.resume().on("end", () => {
      if (isMended) arrivedMs.push(performance.now());
      response.writeHead(isMended ? 204 : 503).end();
    });
  });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await server.api("POST", `/api/cloud/buckets/${bucket}/notifications/`, {
    url: `${receiver.url}/invoices`,
    ack: "2xx",
    max_retries: 0,
  });
  for (let number = 1; number <= count; number += 1) {
    await s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: `2026/${1000 + number}.pdf`, Body: `invoice ${number}` }),
    );
  }
  const inState = async (status: string): Promise<number> => {
    const path = `/api/cloud/deliveries/?bucket=${bucket}&status=${status}`;
    return (await server.api<Health>("GET", path)).deliveries.length;
  };
  await until("the dead letters", async () => (await inState("dead")) === count);
  say(`broken   ${column(bucket, 15, name)} ${bad("503")} ${count} deliveries gave up: dead letters, which are kept`);

  isMended = true;
  const path = "/api/cloud/deliveries/redrive/";
  const { id } = await server.api<Redrive>("POST", path, { bucket, per_second: perSecond });
  say(`mended   ${column(bucket, 15, name)} redrive of all of them ${dim(`at most ${perSecond} a second`)}`);
  await until("the redrive", async () => (await server.api<Redrive>("GET", `${path}${id}/`)).state === "done");
  await until("all of them", async () => (await inState("delivered")) === count);
  const { redriven } = await server.api<Redrive>("GET", `${path}${id}/`);
  const tookMs = (arrivedMs.at(-1) ?? 0) - (arrivedMs[0] ?? 0);
  say(
    `arrived  ${column(bucket, 15, name)} ${good("204")} ${strong(`${redriven} again`)} ${dim(`within ${tookMs.toFixed(0)} ms`)}`,
  );
  check(redriven === count && arrivedMs.length === count, `${redriven} were sent again, ${arrivedMs.length} arrived`);
}
