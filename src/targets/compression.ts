import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { Semaphore } from "../pace/semaphore.ts";

const zip = promisify(gzip);

/** Of the threads that also read and write files, so many may compress. */
const atOnce = new Semaphore(2);

/** A body as it goes on the wire. The same bytes for the same text. */
export async function compressed(body: string): Promise<Buffer> {
  using _thread = await atOnce.take();
  return await zip(body);
}
