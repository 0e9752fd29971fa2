import type { Readable } from "node:stream";
import { defined } from "../../../domain/defined.ts";
import { S3Error } from "./errors.ts";
import { utf8Text } from "./raw-url.ts";

/**
 * Forms of browsers (`multipart/form-data`, RFC 7578), whose file is passed on as it comes: it may have gigabytes. Everything before it is
 * small, and read whole. As S3 rules, the file comes last and what stands behind it counts for nothing: the button of a form, as a rule.
 */

/** A form up to the bytes of its file. To be disposed of before its request is answered: what still comes can be dropped only then. */
interface Form extends AsyncDisposable {
  /** By name in lower case. */
  readonly fields: ReadonlyMap<string, string>;
  readonly file: FormFile;
}

export interface FormFile {
  /** As the browser said it; empty when it did not. */
  readonly filename: string;
  /** To be iterated once. What is wrong with the form behind the file is thrown at its end. */
  readonly bytes: AsyncIterable<Buffer>;
  /** Of the request's body, up to the file. */
  readonly before: number;
}

/** S3's own bound of what comes before the file; and ours of what comes behind it. */
export const maxFormBytes = 20 * 1024;

/** @throws S3Error MalformedPOSTRequest unless it is a form with a boundary of 1 to 70 characters */
export function boundaryOf(contentType: string | undefined): string {
  const form = /^\s*multipart\/form-data\s*;(.*)$/is.exec(contentType ?? "");
  const [, quoted, bare] =
    /(?:^|;)\s*boundary=(?:"([^"\\\r\n]{1,70})"|([^\s";]{1,70}))\s*(?:;|$)/i.exec(form?.[1] ?? "") ?? [];
  const boundary = quoted ?? bare;
  if (boundary === undefined) throw malformed("its Content-Type names no boundary");
  return boundary;
}

/**
 * Reads a form up to its file.
 *
 * @throws S3Error MalformedPOSTRequest, MaxPostPreDataLengthExceeded, IncorrectNumberOfFilesInPostRequest (there is no file),
 *   InvalidArgument (a field comes twice, or is no UTF-8), IncompleteBody (the client went away)
 */
export async function readForm(body: Readable, boundary: string): Promise<Form> {
  const delimiter = Buffer.from(`\r\n--${boundary}`, "latin1");
  await using opened = new AsyncDisposableStack();
  const incoming = opened.use(new Incoming(body));
  const fields = new Map<string, string>();
  await incoming.upTo(delimiter);
  for (;;) {
    if (await endsOrGoesOn(incoming)) throw new S3Error("IncorrectNumberOfFilesInPostRequest");
    const { name, filename = "" } = headOf(await incoming.upTo(blankLine));
    if (name === "file") {
      const file = { filename, bytes: fileBytes(incoming, delimiter), before: incoming.read };
      const owned = opened.move();
      return { fields, file, [Symbol.asyncDispose]: () => owned.disposeAsync() };
    }
    if (fields.has(name)) throw invalid(name, "is given more than once");
    const value = utf8Text((await incoming.upTo(delimiter)).toString("latin1"));
    if (value === undefined) throw invalid(name, "must be UTF-8");
    fields.set(name, value);
  }
}

async function* fileBytes(incoming: Incoming, delimiter: Buffer): AsyncGenerator<Buffer, void, void> {
  yield* incoming.through(delimiter);
  incoming.startAnew();
  await endsOrGoesOn(incoming);
  await incoming.drop();
}

const lineEnd = Buffer.from("\r\n");
const lastMark = Buffer.from("--");
const blankLine = Buffer.from("\r\n\r\n");

/** Behind a delimiter: whether it was the last one. */
async function endsOrGoesOn(incoming: Incoming): Promise<boolean> {
  if ((await incoming.peek(2)).equals(lastMark)) return true;
  const rest = await incoming.upTo(lineEnd);
  if (rest.toString("latin1").trim() !== "") throw malformed("a line begins with its boundary and goes on");
  return false;
}

function headOf(bytes: Buffer): { readonly name: string; readonly filename?: string } {
  const text = utf8Text(bytes.toString("latin1"));
  if (text === undefined) throw malformed("the headers of a part must be UTF-8");
  const headers = new Map<string, string>();
  for (const line of text.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon < 1) throw malformed("the headers of a part are not well formed");
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  if (!/^(?:|7bit|8bit|binary)$/i.test(headers.get("content-transfer-encoding") ?? "")) {
    throw malformed("its parts must come as they are, without a Content-Transfer-Encoding");
  }
  const disposition = headers.get("content-disposition") ?? "";
  if (!/^form-data\s*;/i.test(disposition)) throw malformed("a part has no Content-Disposition: form-data");
  const parameters = parametersOf(disposition);
  const name = parameters.get("name")?.toLowerCase();
  if (name === undefined || name === "") throw malformed("a part has no name");
  const filename = extended(parameters.get("filename*")) ?? parameters.get("filename");
  return { name, ...defined({ filename }) };
}

function parametersOf(disposition: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const [, name = "", quoted, bare = ""] of disposition.matchAll(
    /;\s*([A-Za-z0-9*_-]{1,64})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/g,
  )) {
    // Browsers write %22 for a quotation mark, other clients a backslash before it. A backslash alone is one: paths of Windows have them.
    parameters.set(name.toLowerCase(), quoted?.replace(/\\(["\\])/g, "$1").replaceAll("%22", '"') ?? bare);
  }
  return parameters;
}

/** `UTF-8''na%C3%AFve.txt` */
function extended(value: string | undefined): string | undefined {
  const [, encoded] = /^utf-8'[^']*'(.*)$/i.exec(value ?? "") ?? [];
  try {
    return encoded === undefined ? undefined : decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

/** A body, in pieces up to marks in it. */
class Incoming implements AsyncDisposable {
  readonly #chunks: AsyncIterator<Buffer>;
  /** What came and was not taken. The line end before the first delimiter is often not there. */
  #buffered: Buffer = lineEnd;
  #ended = false;
  #end = maxFormBytes;
  /** Bytes of the body that were taken. */
  read = -lineEnd.length;

  constructor(body: Readable) {
    // Left open on an error: destroying a request closes the socket on which the error has to be answered.
    this.#chunks = (body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  /** Leaves the rest of the body to the next reader. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chunks.return?.();
  }

  /** What was taken so far counts no more. */
  startAnew(): void {
    this.#end = this.read + maxFormBytes;
  }

  /** The bytes before the next `mark`, which is taken too. There may be {@link maxFormBytes} of all that is asked for so. */
  async upTo(mark: Buffer): Promise<Buffer> {
    for (let from = 0; ; ) {
      const at = this.#buffered.indexOf(mark, from);
      if (this.read + (at === -1 ? this.#buffered.length : at) > this.#end)
        throw new S3Error("MaxPostPreDataLengthExceeded");
      if (at !== -1) {
        const before = this.#buffered.subarray(0, at);
        this.#taken(at + mark.length);
        return before;
      }
      from = Math.max(0, this.#buffered.length - mark.length + 1);
      await this.#more();
    }
  }

  /** The next bytes, which are not taken. */
  async peek(count: number): Promise<Buffer> {
    while (this.#buffered.length < count) await this.#more();
    return this.#buffered.subarray(0, count);
  }

  /** The bytes before the next `mark` as they come. */
  async *through(mark: Buffer): AsyncGenerator<Buffer, void, void> {
    for (;;) {
      const at = this.#buffered.indexOf(mark);
      // What may be the beginning of the mark waits for the rest of it.
      const sure = at === -1 ? Math.max(0, this.#buffered.length - mark.length + 1) : at;
      const piece = this.#buffered.subarray(0, sure);
      this.#taken(at === -1 ? sure : at + mark.length);
      if (piece.length > 0) yield piece;
      if (at !== -1) return;
      await this.#more();
    }
  }

  /** What is left, which counts for nothing. */
  async drop(): Promise<void> {
    for (let dropped = this.#buffered.length; !this.#ended; dropped += this.#buffered.length) {
      if (dropped > maxFormBytes) throw malformed(`behind the file come more than ${maxFormBytes} bytes`);
      this.#taken(this.#buffered.length);
      await this.#next();
    }
  }

  #taken(count: number): void {
    this.#buffered = this.#buffered.subarray(count);
    this.read += count;
  }

  async #more(): Promise<void> {
    const before = this.#buffered;
    await this.#next();
    if (this.#ended) throw malformed("it ends before its last boundary");
    if (before.length > 0) this.#buffered = Buffer.concat([before, this.#buffered]);
  }

  async #next(): Promise<void> {
    this.#buffered = Buffer.alloc(0);
    try {
      const { done, value } = await this.#chunks.next();
      if (done === true) this.#ended = true;
      else this.#buffered = value;
    } catch (cause) {
      throw new S3Error("IncompleteBody", "The connection ended before the body did.", { cause });
    }
  }
}

function malformed(reason: string): S3Error {
  return new S3Error("MalformedPOSTRequest", `The body of your POST request is no multipart/form-data: ${reason}.`);
}

function invalid(field: string, reason: string): S3Error {
  const shown = field.slice(0, 64);
  return new S3Error("InvalidArgument", `The field ${shown} ${reason}.`, { extra: { ArgumentName: shown } });
}
