import { defined } from "../domain/defined.ts";
import { asError, SignalboxError } from "../errors.ts";

/** The API, as the command line asks it. */

export interface CliRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the API's URL, with its first slash. */
  readonly path: string;
  /** A list is given as often as it has entries. */
  readonly query?: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: unknown;
  /** The `etag` of the state that the change is for. */
  readonly ifMatch?: string | undefined;
}

interface ClientOptions {
  readonly url: string;
  readonly token: string;
  readonly tenant?: string;
  readonly fetch: typeof globalThis.fetch;
}

type Data = Readonly<Record<string, unknown>>;

export interface Client {
  /**
   * Resolves with `data` of the answer.
   *
   * @throws Error whose message is for the person at the terminal: what the API said, or why it could not be reached.
   */
  (request: CliRequest): Promise<Data>;
  /** The same; `undefined` when there is no such thing. */
  find(request: CliRequest): Promise<Data | undefined>;
  /** The bytes of an answer that has no end. @throws Error likewise. */
  stream(request: CliRequest): Promise<AsyncIterable<Uint8Array>>;
}

export function client({ url, token, tenant, fetch }: ClientOptions): Client {
  if (!URL.canParse(url)) throw new SignalboxError("invalid_request", `SIGNALBOX_URL: ${url} is not a URL`);
  const send = async ({ method, path, query = {}, body, ifMatch }: CliRequest): Promise<Response> => {
    const target = new URL(url.replace(/\/+$/, "") + path);
    for (const [name, value] of Object.entries(query)) {
      for (const one of [value ?? []].flat()) target.searchParams.append(name, one);
    }
    const headers = {
      authorization: `Bearer ${token}`,
      ...defined({ "x-signalbox-tenant": tenant }),
      ...defined({ "if-match": ifMatch }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const init = {
      method,
      headers,
      redirect: "error",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    } as const;
    return fetch(target, init).catch((thrown: unknown) => {
      const { cause, message } = asError(thrown);
      const why = cause === undefined ? message : asError(cause).message || String((cause as { code?: unknown }).code);
      throw new Error(`cannot reach ${url} (${why}): is Signalbox running? SIGNALBOX_URL says where`);
    });
  };
  const ask = async (request: CliRequest): Promise<Answered> => {
    const response = await send(request);
    const answered = await readAnswer(url, response);
    return request.method === "GET" ? withEtag(answered, response.headers.get("etag")) : answered;
  };
  return Object.assign(async (request: CliRequest) => dataOf(await ask(request)), {
    stream: async (request: CliRequest) => {
      const response = await send(request);
      if (response.ok && response.body !== null) return response.body;
      const answered = await readAnswer(url, response);
      const message = answered.kind === "refused" ? answered.message : "the answer has no body";
      throw response.status < 500 && response.status !== 429 ? new RefusedRequest(message) : new Error(message);
    },
    find: async (request: CliRequest) => {
      const answered = await ask(request);
      return answered.kind === "refused" && answered.code === "not_found" ? undefined : dataOf(answered);
    },
  });
}

/** The same request would be refused again. */
export class RefusedRequest extends Error {}

type Answered =
  | { readonly kind: "data"; readonly data: Data }
  | { readonly kind: "refused"; readonly code: string; readonly message: string };

function dataOf(answered: Answered): Data {
  if (answered.kind === "refused") throw new Error(answered.message);
  return answered.data;
}

async function readAnswer(url: string, response: Response): Promise<Answered> {
  const text = await response.text();
  const answer = parse(text);
  if (typeof answer?.message !== "string") {
    throw new Error(`${url} answered ${response.status}, but not as Signalbox does: is SIGNALBOX_URL its API?`);
  }
  if (!response.ok) return { kind: "refused", code: answer.code ?? "", message: answer.message };
  return { kind: "data", data: answer.data ?? {} };
}

/** What is looked at tells its `etag`, for {@link CliRequest.ifMatch}. */
function withEtag(answered: Answered, etag: string | null): Answered {
  return answered.kind === "refused" || etag === null ? answered : { ...answered, data: { ...answered.data, etag } };
}

interface Answer {
  readonly message?: unknown;
  readonly code?: string;
  readonly data?: Record<string, unknown>;
}

function parse(text: string): Answer | undefined {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    return undefined;
  }
}
