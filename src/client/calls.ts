import { ApiError } from "./failure.ts";
import { type CallOptions, type ClientOptions, type Request, Transport } from "./transport.ts";

/** Calls of the operations of one interface, by their names in its document. */

/** What an operation takes and answers. */
interface Operation {
  readonly params: object;
  readonly query: object;
  readonly body: unknown;
  readonly answer: unknown;
}

/** The operations of an interface. */
type Known<Operations> = { readonly [Name in keyof Operations]: Operation };

/** Which HTTP request each of them is. */
interface Table<Operations> {
  readonly places: Readonly<Record<keyof Operations, readonly [method: string, path: string]>>;
  readonly keyed: readonly (keyof Operations)[];
  readonly raw: readonly (keyof Operations)[];
  readonly uploads: readonly (keyof Operations)[];
}

/** Bytes to be uploaded; a stream is never sent twice. */
export type Upload = string | Uint8Array<ArrayBuffer> | ArrayBuffer | Blob | ReadableStream<Uint8Array>;

type Body<Given, Name, Uploads> = Name extends Uploads
  ? { readonly body: Upload }
  : Given extends undefined
    ? unknown
    : Record<string, never> extends Given
      ? { readonly body?: Given }
      : { readonly body: Given };

/** What a call takes: the names of the path and the query side by side, and `body`. */
export type Asked<
  Operations extends Known<Operations>,
  Name extends keyof Operations,
  Uploads = never,
> = Operations[Name]["params"] & Operations[Name]["query"] & Body<Operations[Name]["body"], Name, Uploads>;

/** What a call resolves with: what is in the envelope of the answer; of what is no JSON the response. */
export type Answer<Operations extends Known<Operations>, Name extends keyof Operations> = Inner<
  Operations[Name]["answer"]
>;

type Inner<Whole> = Whole extends undefined
  ? Response
  : Whole extends { readonly success: true; readonly data: infer Data }
    ? Data
    : Whole extends { readonly version: string; readonly result: infer Result }
      ? Result
      : Whole;

type Args<Given> =
  Record<string, never> extends Given ? [asked?: Given, options?: CallOptions] : [asked: Given, options?: CallOptions];

/** One function for each operation. */
export type Functions<Operations extends Known<Operations>, Uploads = never> = {
  readonly [Name in keyof Operations]: (
    ...args: Args<Asked<Operations, Name, Uploads>>
  ) => Promise<Answer<Operations, Name>>;
};

/** An answer with what its headers tell. */
export interface Answered<Data> {
  readonly data: Data;
  readonly status: number;
  /** Names the state of what can be edited: for `ifMatch` of the next change. */
  readonly etag?: string;
  readonly requestId?: string;
  /** Whether the answer was given before, to a request with the same `Idempotency-Key`. */
  readonly replayed: boolean;
}

type Items<Data> = Data extends readonly (infer Item)[]
  ? Item
  : { [Key in keyof Data]-?: Data[Key] extends readonly (infer Item)[] ? Item : never }[keyof Data];

/** Operations that list in pages. */
export type Listing<Operations extends Known<Operations>> = {
  [Name in keyof Operations]: Operations[Name]["query"] extends
    | { readonly cursor?: string | undefined }
    | { readonly offset?: number | undefined }
    ? Record<"cursor" | "offset", unknown> extends Partial<Operations[Name]["query"]>
      ? never
      : Name
    : never;
}[keyof Operations];

export class Calls<Operations extends Known<Operations>, Uploads extends keyof Operations = never> {
  readonly #table: Table<Operations>;
  readonly #transport: Transport;

  constructor(table: Table<Operations>, options: ClientOptions) {
    this.#table = table;
    this.#transport = new Transport(options);
  }

  /** One function for each operation. */
  functions(): Functions<Operations, Uploads> {
    const functions: Record<string, unknown> = {};
    for (const name of Object.keys(this.#table.places) as (keyof Operations & string)[]) {
      functions[name] = async (asked: object = {}, options: CallOptions = {}) =>
        (await this.#call(name, asked, options)).data;
    }
    return Object.freeze(functions) as Functions<Operations, Uploads>;
  }

  /** The same with what the headers of the answer tell. */
  call<Name extends keyof Operations & string>(
    name: Name,
    ...[asked, options]: Args<Asked<Operations, Name, Uploads>>
  ): Promise<Answered<Answer<Operations, Name>>> {
    return this.#call(name, asked ?? {}, options ?? {}) as Promise<Answered<Answer<Operations, Name>>>;
  }

  /** Every item of a list, page by page as they are asked for. */
  async *each<Name extends Listing<Operations> & string>(
    name: Name,
    ...[asked, options]: Args<Asked<Operations, Name, Uploads>>
  ): AsyncGenerator<Items<Answer<Operations, Name>>, void, undefined> {
    type Item = Items<Answer<Operations, Name>>;
    let next: Readonly<Record<string, unknown>> | undefined = { ...asked };
    while (next !== undefined) {
      const given: Readonly<Record<string, unknown>> = next;
      const { data } = await this.#call(name, given, options ?? {});
      const items = itemsOf(data) as readonly Item[];
      yield* items;
      next = nextPage(given, data, items.length);
    }
  }

  async #call(name: keyof Operations & string, asked: object, options: CallOptions): Promise<Answered<unknown>> {
    const isRaw = this.#table.raw.includes(name);
    return this.#transport.send(this.#requestOf(name, asked, options), options, async (response) => {
      const etag = response.headers.get("etag") ?? undefined;
      const requestId = response.headers.get("x-request-id") ?? undefined;
      return {
        data: isRaw ? response : inner(await read(response)),
        status: response.status,
        ...(etag === undefined ? {} : { etag }),
        ...(requestId === undefined ? {} : { requestId }),
        replayed: response.headers.get("idempotency-replayed") === "true",
      };
    });
  }

  #requestOf(name: keyof Operations & string, asked: object, options: CallOptions): Request {
    const [method, pattern] = this.#table.places[name];
    const { body, ...named } = asked as Readonly<Record<string, unknown>>;
    const query = new Map(Object.entries(named).filter(([, value]) => value !== undefined));
    const path = pattern.replace(/\{(\w+)\}/g, (_, key: string) => {
      const value = query.get(key);
      if (value === undefined) throw new TypeError(`${name}: ${key} must be given`);
      const text = textOf(name, key, value);
      // Servers and proxies take such a part of a path for a place, not for a name.
      if (/^\.{0,2}$/.test(text)) throw new TypeError(`${name}: ${key} must not be '${text}'`);
      query.delete(key);
      return encodeURIComponent(text);
    });
    const search = new URLSearchParams();
    for (const [key, value] of query) {
      for (const one of Array.isArray(value) ? value : [value]) search.append(key, textOf(name, key, one));
    }
    const isUpload = this.#table.uploads.includes(name);
    const isKeyed = this.#table.keyed.includes(name);
    const isStream = typeof ReadableStream !== "undefined" && body instanceof ReadableStream;
    const key = options.idempotencyKey ?? (isKeyed ? crypto.randomUUID() : undefined);
    const isRepeatable = (method !== "POST" && method !== "PATCH") || key !== undefined;
    const type = isUpload ? "application/octet-stream" : "application/json";
    return {
      method,
      path: search.size === 0 ? path : `${path}?${search.toString()}`,
      headers: {
        ...(body === undefined || (isUpload && body instanceof Blob && body.type !== "")
          ? {}
          : { "content-type": type }),
        ...(options.ifMatch === undefined ? {} : { "if-match": options.ifMatch }),
        ...(key === undefined ? {} : { "idempotency-key": key }),
      },
      ...(body === undefined ? {} : { body: isUpload ? (body as Upload) : JSON.stringify(body) }),
      repeatable: isRepeatable && !isStream,
    };
  }
}

function textOf(name: string, key: string, value: unknown): string {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return String(value);
  throw new TypeError(`${name}: ${key} must be a text, a number or a truth value`);
}

async function read(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text) as unknown;
  } catch (thrown) {
    const { status } = response;
    throw new ApiError("the answer is no JSON", { code: "unexpected_answer", status, cause: thrown });
  }
}

/** Without its envelope, of either form. */
function inner(whole: unknown): unknown {
  if (typeof whole !== "object" || whole === null) return whole;
  if ("success" in whole && "data" in whole) return whole.data;
  return "version" in whole && "result" in whole ? whole.result : whole;
}

function itemsOf(data: unknown): readonly unknown[] {
  if (Array.isArray(data)) return data;
  const lists = Object.values(data ?? {}).filter((value) => Array.isArray(value));
  if (lists.length !== 1) throw new TypeError(`the answer holds ${lists.length} lists, not one`);
  return lists[0] as readonly unknown[];
}

/** Of a list that is numbered by `offset` so many as there were; of the others by their cursor. */
function nextPage(
  asked: Readonly<Record<string, unknown>>,
  data: unknown,
  items: number,
): Readonly<Record<string, unknown>> | undefined {
  if (Array.isArray(data)) {
    return items === 0 ? undefined : { ...asked, offset: Number(asked["offset"] ?? 0) + items };
  }
  const cursor = (data as { readonly next_cursor?: unknown }).next_cursor;
  if (typeof cursor !== "string") return undefined;
  if (cursor === asked["cursor"])
    throw new TypeError("the list does not go on: its next cursor is the one it was asked with");
  return { ...asked, cursor };
}
