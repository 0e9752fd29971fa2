import { defined } from "../domain/defined.ts";
import { asError, SignalboxError } from "../errors.ts";

/** What the API refused. */
export class ApiRefusal extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The API, as the command line asks it. */

export interface CliRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the API's URL, with its first slash. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
}

interface ClientOptions {
  readonly url: string;
  readonly token: string;
  readonly tenant?: string;
  readonly fetch: typeof globalThis.fetch;
}

export type Client = (request: CliRequest) => Promise<Readonly<Record<string, unknown>>>;

/**
 * Resolves with `data` of the answer.
 *
 * @throws Error whose message is for the person at the terminal: what the API said, or why it could not be reached.
 */
export function client({ url, token, tenant, fetch }: ClientOptions): Client {
  if (!URL.canParse(url)) throw new SignalboxError("invalid_request", `SIGNALBOX_URL: ${url} is not a URL`);
  return async ({ method, path, query = {}, body }) => {
    const target = new URL(url.replace(/\/+$/, "") + path);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) target.searchParams.set(name, value);
    const headers = {
      authorization: `Bearer ${token}`,
      ...defined({ "x-signalbox-tenant": tenant }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const init = {
      method,
      headers,
      redirect: "error",
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    } as const;
    const response = await fetch(target, init).catch((thrown: unknown) => {
      const { cause, message } = asError(thrown);
      const why = cause === undefined ? message : asError(cause).message || String((cause as { code?: unknown }).code);
      throw new Error(`cannot reach ${url} (${why}): is Signalbox running? SIGNALBOX_URL says where`);
    });
    return readAnswer(url, response);
  };
}

async function readAnswer(url: string, response: Response): Promise<Readonly<Record<string, unknown>>> {
  const text = await response.text();
  const answer = parse(text);
  if (typeof answer?.message !== "string") {
    throw new Error(`${url} answered ${response.status}, but not as Signalbox does: is SIGNALBOX_URL its API?`);
  }
  if (!response.ok) throw new ApiRefusal(answer.code ?? "", answer.message);
  return answer.data ?? {};
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
