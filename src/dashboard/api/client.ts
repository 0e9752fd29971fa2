import { type Operations, places } from "../../client/operations.ts";
import { askReachBy, tellFailure, tellSuccess } from "./reach.ts";

/** The API as the page uses it: the same routes that callers have, with the cookie of the session. */

export type OperationName = keyof Operations;
/** What an operation answers, without its envelope. */
export type Answer<Name extends OperationName> = Operations[Name]["answer"] extends { readonly data: infer Data }
  ? Data
  : Operations[Name]["answer"];

interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

interface FailureFacts {
  readonly status: number;
  /** Stable: match on this. `offline` when there was no answer at all. */
  readonly code: string;
  readonly fields?: readonly FieldProblem[];
  readonly data?: unknown;
  readonly requestId?: string;
}

/** An answer that is no success. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: readonly FieldProblem[];
  readonly data: unknown;
  readonly requestId: string | undefined;

  constructor(message: string, { status, code, fields = [], data, requestId }: FailureFacts) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.fields = fields;
    this.data = data;
    this.requestId = requestId;
  }

  /** What is wrong with one field, if the server said. */
  field(path: string): string | undefined {
    return this.fields.find((problem) => problem.path === path)?.message;
  }
}

/** Whether a path is that of a field, or of a part of it. */
export function isAt(path: string, field: string): boolean {
  return path === field || path.startsWith(`${field}.`);
}

/** What is wrong with a field, or with a part of it, if the server said. */
export function problemOf(error: unknown, field: string): string | undefined {
  return error instanceof ApiError ? error.fields.find(({ path }) => isAt(path, field))?.message : undefined;
}

type Given<Name extends OperationName> = {
  readonly [Part in "params" | "query" | "body"]?: Operations[Name][Part];
};
interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** In the caller's own tenant, whichever was chosen. */
  readonly atHome?: boolean;
  /** Of a change: the `ETag` of the state that it was made for ({@link Seen}); when another edit came since, it is refused. */
  readonly ifMatch?: string | undefined;
}

/** One thing as it was read, with the name of that state. */
export interface Seen<Data> {
  readonly data: Data;
  /** Absent of what cannot be edited. */
  readonly etag?: string;
}

/** Where the server is: the page's own origin, below whatever path a proxy puts before it. */
export const base = new URL("../", document.baseURI).pathname.replace(/\/$/, "");

let chosenTenant: string | undefined;

/** In which tenant an operator acts from here on. */
export function chooseTenant(tenant: string | undefined): void {
  chosenTenant = tenant;
}

/** In which tenant an operator acts, where it is not their own. */
export function tenantChosen(): string | undefined {
  return chosenTenant;
}

/** Path and query of an operation. */
export function addressOf<Name extends OperationName>(name: Name, given: Given<Name>): string {
  const [, pattern] = places[name];
  const params: Readonly<Record<string, unknown>> = given.params ?? {};
  const path = pattern.replaceAll(/\{(\w+)\}/g, (_, key: string) =>
    encodeURIComponent(String(params[key]).toWellFormed()),
  );
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(given.query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) query.append(key, String(one));
  }
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}

/**
 * Nothing is asked of what can be no part of a path: `..` is the folder above, escaped or not, and another operation would answer.
 *
 * @throws ApiError
 */
function checkParams({ params = {} }: { readonly params?: Readonly<Record<string, unknown>> | undefined }): void {
  for (const name of Object.values(params).map(String)) {
    if (["", ".", ".."].includes(name))
      throw new ApiError(`'${name}' does not exist`, { status: 404, code: "not_found" });
  }
}

/**
 * Asks the API.
 *
 * @throws ApiError for every answer that is no success; `offline` when there was none.
 */
export async function call<Name extends OperationName>(
  name: Name,
  given: Given<Name> = {},
  options: CallOptions = {},
): Promise<Answer<Name>> {
  return (await see(name, given, options)).data;
}

/** The same, for what is going to be edited, or was just now. */
export function see<Name extends OperationName>(
  name: Name,
  given: Given<Name> = {},
  { signal, atHome = false, ifMatch }: CallOptions = {},
): Promise<Seen<Answer<Name>>> {
  const [method] = places[name];
  const headers = ownHeaders(atHome ? undefined : chosenTenant);
  const hasBody = given.body !== undefined;
  if (hasBody) headers["content-type"] = "application/json";
  if (ifMatch !== undefined) headers["if-match"] = ifMatch;
  return ask(name, given, {
    method,
    headers,
    body: hasBody ? JSON.stringify(given.body) : null,
    signal: signal ?? null,
  });
}

/** The address of an operation that answers bytes, for a link: what it leads to goes to disk as it comes. */
export function linkTo(
  name: "getObject",
  { params, query }: Given<"getObject"> & Required<Pick<Given<"getObject">, "query">>,
): string {
  const inTenant = { ...query, ...(chosenTenant === undefined ? {} : { tenant: chosenTenant }) };
  return `${base}${addressOf(name, { ...(params === undefined ? {} : { params }), query: inTenant })}`;
}

interface UploadOptions {
  readonly signal: AbortSignal;
  /** Called as the bytes go out. */
  readonly onSent: (bytes: number) => void;
}

/**
 * Sends a file's bytes to an operation that takes bytes. Not by `fetch`, which does not say how far it is.
 *
 * @throws ApiError as {@link call} does; what `signal` was aborted with.
 */
export async function upload(given: Given<"putObject">, file: Blob, { signal, onSent }: UploadOptions): Promise<void> {
  checkParams(given);
  const [method] = places.putObject;
  const type = file.type === "" ? "application/octet-stream" : file.type;
  const response = await new Promise<Response>((resolve, reject) => {
    const sending = new XMLHttpRequest();
    const stop = (): void => sending.abort();
    signal.throwIfAborted();
    signal.addEventListener("abort", stop, { once: true });
    sending.upload.addEventListener("progress", ({ loaded }) => onSent(loaded));
    sending.addEventListener("load", () => resolve(responseOf(sending)));
    sending.addEventListener("error", () => reject(offline()));
    sending.addEventListener("abort", () => reject(signal.reason as Error));
    sending.addEventListener("loadend", () => signal.removeEventListener("abort", stop));
    sending.open(method, `${base}${addressOf("putObject", given)}`);
    for (const [header, value] of Object.entries({ ...ownHeaders(chosenTenant), "content-type": type })) {
      sending.setRequestHeader(header, value);
    }
    sending.send(file);
  });
  if (!response.ok) throw failure(response, await bodyOf(response));
  tellSuccess();
}

function responseOf(sending: XMLHttpRequest): Response {
  const requestId = sending.getResponseHeader("x-request-id");
  return new Response(sending.responseText, {
    status: sending.status,
    headers: requestId === null ? {} : { "x-request-id": requestId },
  });
}

function ownHeaders(tenant: string | undefined): Record<string, string> {
  return { accept: "application/json", ...(tenant === undefined ? {} : { "x-signalbox-tenant": tenant }) };
}

function offline(): ApiError {
  const error = new ApiError("the server does not answer", { status: 0, code: "offline" });
  tell(error);
  return error;
}

function tell({ status, code, message, requestId }: ApiError): void {
  tellFailure({ status, code, reason: message, requestId });
}

askReachBy(async () => {
  const response = await fetch(`${base}/readyz`, { cache: "no-store" }).catch(() => undefined);
  if (response?.ok === true) return undefined;
  const { message, code, requestId } = response === undefined ? offline() : failure(response, await bodyOf(response));
  return { reason: message, code, requestId };
});

function answerTo<Name extends OperationName>(name: Name, given: Given<Name>, init: RequestInit): Promise<Response> {
  return fetch(`${base}${addressOf(name, given)}`, { credentials: "same-origin", ...init }).catch((thrown: unknown) => {
    if (init.signal?.aborted === true) throw thrown;
    throw offline();
  });
}

type Body = Readonly<Record<string, unknown>> | undefined;

async function bodyOf(response: Response): Promise<Body> {
  return (await response.json().catch(() => undefined)) as Body;
}

async function ask<Name extends OperationName>(
  name: Name,
  given: Given<Name>,
  init: RequestInit,
): Promise<Seen<Answer<Name>>> {
  checkParams(given);
  const response = await answerTo(name, given, init);
  const body = await bodyOf(response);
  if (!response.ok || body === undefined) throw failure(response, body);
  const etag = response.headers.get("etag");
  const data = ("data" in body && "success" in body ? body["data"] : body) as Answer<Name>;
  tellSuccess();
  return { data, ...(etag === null ? {} : { etag }) };
}

function failure(response: Response, body: Body): ApiError {
  const requestId = response.headers.get("x-request-id");
  const { message, code, fields, data } = body ?? {};
  const error = new ApiError(typeof message === "string" ? message : `the server answered ${response.status}`, {
    status: response.status,
    code: typeof code === "string" ? code : "unknown",
    data,
    ...(Array.isArray(fields) ? { fields: fields as readonly FieldProblem[] } : {}),
    ...(requestId === null ? {} : { requestId }),
  });
  tell(error);
  return error;
}
