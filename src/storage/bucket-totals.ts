import { setImmediate } from "node:timers/promises";
import type { StorageContext } from "../context.ts";
import { defined } from "../domain/defined.ts";
import type { Bucket } from "../store/records.ts";

/** What lies in a bucket. */
interface BucketTotals {
  readonly objects: number;
  readonly bytes: number;
}

const readAtOnce = 1_000;
/** Nobody keeps count of a bucket; beyond so many objects, counting them costs more than it tells. */
const mostCounted = 10_000;

/** `undefined`: it has more objects than are counted. */
export async function bucketTotals(
  { store }: Pick<StorageContext, "store">,
  { uuid }: Pick<Bucket, "uuid">,
): Promise<BucketTotals | undefined> {
  let [objects, bytes] = [0, 0];
  for (let after: string | undefined; ; ) {
    const page = await store.objects.sizes(uuid, { max: readAtOnce, ...defined({ after }) });
    objects += page.length;
    if (objects > mostCounted) return undefined;
    for (const { size } of page) bytes += size;
    if (page.length < readAtOnce) return { objects, bytes };
    after = page.at(-1)?.key;
    // Others want their turn.
    await setImmediate();
  }
}
