/** A receiver of batches in every format: keeps what it hears, event by event, and answers as it is told. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { gunzipSync } from "node:zlib";
import { httpListener } from "./listeners.ts";

export type Record = Readonly<{ [name: string]: unknown }>;

/** One event of a batch. */
export interface HeardEvent {
  /** Which delivery it says it is. */
  readonly delivery: string;
  readonly sequence: string;
  readonly record: Record;
}

export interface HeardBatch {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** As it was signed. */
  readonly bytes: Buffer;
  readonly text: string;
  readonly events: readonly HeardEvent[];
  readonly answer: number;
}

export interface BatchReceiver extends AsyncDisposable {
  readonly url: string;
  /** In order of arrival. */
  readonly heard: readonly HeardBatch[];
  /** The status of an answer; 200 unless given. */
  answer: (batch: Omit<HeardBatch, "answer">) => number;
}

export async function batchReceiver(): Promise<BatchReceiver> {
  const heard: HeardBatch[] = [];
  const state: { answer: BatchReceiver["answer"] } = { answer: () => 200 };
  const hear = async (request: IncomingMessage): Promise<number> => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { url: path = "", headers } = request;
    const bytes = Buffer.concat(parts);
    const text = (headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes).toString();
    const batch = { path, headers, bytes, text, events: recordsOf(headers, text).map(heardEvent) };
    const answer = state.answer(batch);
    heard.push({ ...batch, answer });
    return answer;
  };
  const listener = await httpListener((request, response) => {
    void hear(request).then(
      (status) => response.writeHead(status).end(),
      // Cut off before it was whole: the sender will come again.
      () => response.destroy(),
    );
  });
  return {
    url: `http://127.0.0.1:${listener.port}`,
    heard,
    get answer() {
      return state.answer;
    },
    set answer(answer) {
      state.answer = answer;
    },
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}

function recordsOf(headers: IncomingHttpHeaders, text: string): readonly Record[] {
  if (headers["content-type"] === "application/x-ndjson") {
    return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Record]));
  }
  const body = JSON.parse(text) as Record | readonly Record[];
  if (Array.isArray(body)) return body as readonly Record[];
  const { events, Records: records } = body as { events?: readonly Record[]; Records?: readonly Record[] };
  return events ?? records ?? [];
}

/** Each says it by itself, in the words of its format. */
function heardEvent(record: Record): HeardEvent {
  const {
    responseElements: about,
    s3,
    delivery,
    sequence,
  } = record as {
    responseElements?: Record;
    s3?: { object: { sequencer: string } };
    delivery?: string;
    sequence?: string;
  };
  if (s3 === undefined) return { delivery: String(delivery), sequence: String(sequence), record };
  return { delivery: String(about?.["x-signalbox-delivery"]), sequence: s3.object.sequencer, record };
}
