/** The log of events. */
import { newUuid, uuidV7 } from "../../../src/domain/ids.ts";
import type { Walk } from "../openapi-examples.ts";

/** All is dispatched, and then sent to one that was not there. */
export async function walkEvents({ tell, api }: Walk): Promise<void> {
  const { feed } = api;
  const fed = await feed.next(1_000, new AbortController().signal);
  await feed.settle({ records: [], done: fed.map(({ event }) => event.sequence) });
  const bucket = await api.bucket("archive");
  const moment = { nowMs: api.clock.now(), bytes: api.clock.bytes(10) };
  await api.deps.store.commit({
    events: [
      {
        id: uuidV7(moment),
        tenant: bucket.tenant,
        resource: newUuid("file", moment),
        scope: bucket.uuid,
        names: { objects: "OBJECT_CREATED_PUT", notifications: "UPLOADED" },
        actor: "ada",
        origin: "s3",
        timeMs: moment.nowMs,
        data: { bucket: "archive", key: "a.txt", size: 5, eTag: "5d41402abc4b2a76b9719d911017c592" },
      },
    ],
  });
  const lately = await feed.next(1_000, new AbortController().signal);
  await feed.settle({ records: [], done: lately.map(({ event }) => event.sequence) });
  const path = "/api/cloud/event-log/";
  const where = encodeURIComponent('key = "a.txt"');
  const found = await tell("GET", `${path}?bucket=archive&face=objects&where=${where}`);
  const [newest] = found["events"] as readonly { readonly id: string }[];
  const later = await tell("POST", "/api/cloud/subscriptions/", {
    event: "OBJECT_DELETED",
    bucket: "archive",
    target: { type: "webhook", url: "https://receiver.example/later" },
  });
  await tell("GET", `${path}${newest?.id}/`);
  await tell("POST", `${path}${newest?.id}/send/`, { subscription: later["id"] });
}
