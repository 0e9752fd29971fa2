/**
 * `npm run demo`: a real server, a real S3 client, a receiver, and the story of what happens between them. Ends with exit code 1
 * when anything did not happen as it is printed.
 */
import { CreateBucketCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { type Ears, openEars } from "./ears.ts";
import { tellHooks } from "./hooks.ts";
import { tellMending } from "./mending.ts";
import { type Server, startServer } from "./server.ts";
import { bad, chapter, column, dim, good, name, say, shortEvent, strong, warm } from "./story.ts";
import { stopSignals, telling } from "./telling.ts";
import { goOn, type Place } from "./traffic.ts";
import { tellWatching } from "./watch.ts";

const bucket = "photos";
const bearer = "the-token-of-the-cleaner";
const retryAfterMs = 300;

const rules = [
  { rule: "images", filter: 'WHERE key REGEXP "^images"' },
  { rule: "cleaner", filter: 'WHERE "Event-Type" = "OBJECT_DELETED"', token: bearer },
] as const;

const writes = [
  { do: "put", key: "images/cat.jpg", body: "a cat", type: "image/jpeg" },
  { do: "put", key: "notes/todo.txt", body: "feed the cat", type: "text/plain" },
  { do: "put", key: "images/dog.jpg", body: "a dog", type: "image/jpeg" },
  { do: "delete", key: "notes/todo.txt" },
  { do: "delete", key: "images/cat.jpg" },
] as const;
const failingKey = "images/dog.jpg";

/** What has to arrive: a line for each rule that wants an event. */
const expected = [
  "images created images/cat.jpg",
  "images created images/dog.jpg",
  "images deleted images/cat.jpg",
  "cleaner deleted notes/todo.txt",
  "cleaner deleted images/cat.jpg",
];

/** All is told, and goes on until it is asked to end. */
let isKept = false;

const { check, until, tell } = telling(15_000);

async function makeRules(server: Server, ears: Ears): Promise<ReadonlyMap<string, string>> {
  const ruleOfId = new Map<string, string>();
  for (const { rule, filter, ...more } of rules) {
    const token = "token" in more ? more.token : undefined;
    const made = await server.api<{ id: string; signing_secret: string }>(
      "POST",
      `/api/cloud/buckets/${bucket}/notifications/`,
      {
        url: `${ears.url}/${rule}`,
        filter,
        backoff: { schedule_ms: [retryAfterMs], jitter: 0 },
        ...(token === undefined ? {} : { auth: { type: "bearer", token } }),
      },
    );
    ruleOfId.set(made.id, rule);
    ears.listen(rule, { secret: made.signing_secret, ...(token === undefined ? {} : { token }) });
    say(`rule    ${column(rule, 8, name)} ${filter}${token === undefined ? "" : dim("  (Bearer)")}`);
  }
  return ruleOfId;
}

async function write(s3: S3Client): Promise<void> {
  for (const one of writes) {
    const place = { Bucket: bucket, Key: one.key };
    if (one.do === "delete") {
      await s3.send(new DeleteObjectCommand(place));
      say(`DELETE  ${one.key}`);
    } else {
      const { ETag } = await s3.send(new PutObjectCommand({ ...place, Body: one.body, ContentType: one.type }));
      say(`PUT     ${column(one.key, 16)} ${dim(`${one.body.length} bytes, ETag ${ETag}`)}`);
    }
  }
}

/** The arrivals as `rule created key`, without those that were made to fail and repeats. */
function taken({ arrivals }: Ears): string[] {
  return arrivals
    .filter(({ status, ignored }) => status === 200 && ignored !== "duplicate")
    .map(({ rule, event }) => `${rule} ${shortEvent(event.eventName)} ${event.object.key}`);
}

function tellArrivals(ears: Ears): void {
  for (const { rule, event, delivery, status, attempt, ignored } of ears.arrivals) {
    const answer = status === 200 ? good("200") : bad("500");
    const put = ignored === "stale" ? warm("  ignored: older than what is known") : "";
    const again = attempt === 1 ? put : warm(`  attempt ${attempt}, same webhook-id`);
    const what = `${shortEvent(event.eventName)} ${column(event.object.key, 15)}`;
    say(`${column(rule, 8, name)} ${what} ${answer} ${good("✔ signature")} ${dim(`seq ${delivery.sequence}`)}${again}`);
  }
  check(ears.refused === 0, `${ears.refused} requests were not rightly signed or authorized`);
  check(
    taken(ears).toSorted().join("\n") === expected.toSorted().join("\n"),
    `expected to arrive:\n${expected.join("\n")}\nbut this did:\n${taken(ears).join("\n")}`,
  );
}

function tellRetry({ arrivals }: Ears): void {
  const [first, second, ...more] = arrivals.filter(({ event }) => event.object.key === failingKey);
  if (first === undefined || second === undefined) {
    check(false, `there was no retry of ${failingKey}`);
    return;
  }
  const waitedMs = second.atMs - first.atMs;
  say(`${failingKey} was answered with ${bad(String(first.status))} and came again after ${strong(`${waitedMs} ms`)}`);
  say(dim(`webhook-id ${second.delivery.id} both times: a receiver can tell the repeat from a new event`));
  check(first.status === 500 && second.status === 200 && more.length === 0, "the retry was not 500, then 200");
  check(first.delivery.id === second.delivery.id, "the retry had another webhook-id");
  check(waitedMs >= retryAfterMs - 50, `the retry came after ${waitedMs} ms, before its time`);
}

interface Checked {
  readonly checks: readonly {
    readonly matches: boolean;
    readonly reasons: readonly string[];
    readonly event: { readonly event_name: string; readonly key: string };
  }[];
}

async function tellFiltered(server: Server): Promise<void> {
  let passedOver = 0;
  for (const { rule, filter } of rules) {
    const path = `/api/cloud/buckets/${bucket}/notifications/check/`;
    const { checks } = await server.api<Checked>("POST", path, { filter });
    for (const { event, reasons } of checks.filter(({ matches }) => !matches).toReversed()) {
      passedOver += 1;
      const what = `${shortEvent(event.event_name)} ${column(event.key, 15)}`;
      say(`${column(rule, 8, name)} ${what} ${dim(reasons.join("; "))}`);
    }
  }
  check(passedOver === rules.length * writes.length - expected.length, `${passedOver} events were filtered out`);
}

interface Listed {
  readonly deliveries: readonly {
    readonly id: string;
    readonly status: string;
    readonly rule: string;
    readonly attempt_count: number;
    readonly event: { readonly name: string; readonly key: string };
    readonly last_attempt: { readonly status: number | null; readonly duration_ms: number } | null;
  }[];
}

async function tellDeliveries(server: Server, ruleOfId: ReadonlyMap<string, string>): Promise<void> {
  const list = (): Promise<Listed> => server.api<Listed>("GET", `/api/cloud/deliveries/?bucket=${bucket}`);
  // An outcome is recorded a moment after the receiver has answered.
  await until("the outcomes to be recorded", async () =>
    (await list()).deliveries.every(({ status }) => status === "delivered"),
  );
  const { deliveries } = await list();
  for (const { status, rule, event, attempt_count: attempts, last_attempt: last } of deliveries.toReversed()) {
    const what = `${shortEvent(event.name)} ${column(event.key, 15)}`;
    const tries = attempts === 1 ? dim("1 attempt ") : warm(`${attempts} attempts`);
    say(
      `${column(ruleOfId.get(rule) ?? "", 8, name)} ${what} ${good(status)} ${tries} ${dim(`${last?.duration_ms} ms`)}`,
    );
  }
  check(deliveries.length === expected.length, `${deliveries.length} deliveries are listed`);
}

interface Used {
  readonly usage: readonly Readonly<Record<"accepted" | "attempts" | "delivered" | "dead", number>>[];
}

async function tellTotals(server: Server): Promise<void> {
  const { usage } = await server.api<Used>("GET", `/api/cloud/usage/?bucket=${bucket}`);
  const sum = (what: keyof Used["usage"][number]): number => usage.reduce((total, row) => total + row[what], 0);
  const totals = [sum("accepted"), sum("delivered"), sum("attempts"), sum("dead")] as const;
  const [accepted, delivered, attempts, dead] = totals;
  say(
    `${strong(String(accepted))} events accepted, ${strong(String(delivered))} deliveries acknowledged, ` +
      `${strong(String(attempts))} attempts, ${strong(String(dead))} dead letters`,
  );
  const wanted = [writes.length, expected.length, expected.length + 1, 0];
  check(totals.join() === wanted.join(), `the totals are ${totals.join()}, not ${wanted.join()}`);
}

async function demo(): Promise<void> {
  const startedMs = performance.now();
  await using ears = await openEars();
  await using server = await startServer();
  using s3 = disposable(
    new S3Client({
      endpoint: server.s3Url,
      region: "us-east-1",
      forcePathStyle: true,
      credentials: server.credentials,
    }),
  );

  chapter(1, "A server, a receiver, a bucket, two rules");
  say(`server  ${server.url}, S3 at ${server.s3Url}, data in a temporary folder`);
  say(`bucket  ${bucket}`);
  await s3.client.send(new CreateBucketCommand({ Bucket: bucket }));
  const ruleOfId = await makeRules(server, ears);

  chapter(2, "What is written, with the AWS SDK");
  ears.failOnce(failingKey);
  await write(s3.client);

  await until("all webhooks to arrive", () => taken(ears).length >= expected.length);
  chapter(3, "What arrives, each with a signature that is verified");
  tellArrivals(ears);
  chapter(4, "What failed once and came again");
  tellRetry(ears);
  chapter(5, "What the rules filtered out, and why");
  await tellFiltered(server);
  chapter(6, "What became of each delivery, as the API lists them");
  await tellDeliveries(server, ruleOfId);
  chapter(7, "Totals");
  await tellTotals(server);
  chapter(8, "Functions before and after a user is made");
  await tellHooks({ server, check, until });
  chapter(9, "Somebody who watches a file, by e-mail and by webhook");
  await tellWatching({ server, s3: s3.client, check, until });
  chapter(10, "A receiver that was broken, and gets what it missed");
  await tellMending({ server, s3: s3.client, check, until });
  say(dim(`in ${((performance.now() - startedMs) / 1000).toFixed(1)} s, all of it on this machine`));
  isKept = process.argv.includes("--keep");
  if (isKept) await keep({ server, s3: s3.client, deafUrl: `${ears.url}/reports` });
}

/** Leaves all of it running, with something going on, to be looked at, until it is asked to end. */
async function keep(place: Place): Promise<void> {
  const stop = new AbortController();
  for (const signal of stopSignals) process.once(signal, () => stop.abort());
  const { url } = await place.server.api<{ readonly url: string }>("POST", "/api/cloud/login-links/", {});
  // From a checkout the page is made of its sources with the first visit: let that be this one.
  await fetch(`${place.server.url}/dashboard/`).then((answer) => answer.text());
  console.log(
    `\nThe dashboard, with all of this in it (a login, once, within ten minutes):\n  ${url}\nAny other time, at ${place.server.url}/dashboard/, with the token ${place.server.token}\nCtrl C ends it.`,
  );
  await goOn(place, stop.signal);
}

function disposable(client: S3Client): Disposable & { readonly client: S3Client } {
  return { client, [Symbol.dispose]: () => client.destroy() };
}

await tell(demo, () => isKept);
