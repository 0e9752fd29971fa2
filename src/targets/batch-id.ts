import { createHash } from "node:crypto";
import type { Deliverable } from "./target.ts";

/** `webhook-id` of a batch: a UUID that follows from its deliveries and their order, so the same batch has the same one again. */
export function batchId(deliveries: readonly Pick<Deliverable, "uuid">[]): string {
  const hash = createHash("sha256");
  for (const { uuid } of deliveries) hash.update(`${uuid}\n`);
  const bytes = hash.digest().subarray(0, 16);
  // Version 8 (RFC 9562), whose other bits are for who makes it to choose.
  bytes[6] = 0x80 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
