import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Duplex } from "node:stream";
import type { Principal } from "../../domain/access.ts";
import { asError } from "../../errors.ts";
import { ambiguity } from "../http/ambiguous.ts";
import { s3AddressOf, s3ResourceOf } from "./addressing.ts";
import { Authenticator } from "./auth.ts";
import type { S3Answer, S3Context } from "./call.ts";
import { corsHeaders, preflight } from "./cors.ts";
import { S3Exchange } from "./exchange.ts";
import { rawAnswer, s3Face } from "./face.ts";
import { asS3Error } from "./failure-answer.ts";
import { isForm, postForm } from "./form-routes.ts";
import { maxHeaderBytes } from "./limits.ts";
import { RequestIds } from "./request-ids.ts";
import { routeS3 } from "./router.ts";
import { answerAction } from "./sns/answer.ts";
import { asSnsError, snsFailure } from "./sns/errors.ts";
import { isAction } from "./sns/request.ts";
import { errorXml, S3Error } from "./wire/errors.ts";
import { refuseRepeatedHeaders, routedQuery } from "./wire/unambiguous.ts";

export { defaultS3Limits } from "./limits.ts";

export interface S3Server {
  /** Not listening yet. */
  readonly server: Server;
  /**
   * Takes no more connections, lets requests under way finish, and when `grace` aborts ends them. Idempotent. What they were
   * about is then committed and announced, or not at all.
   */
  close(grace: AbortSignal): Promise<void>;
}

/** The S3 endpoint, on plain HTTP: large bodies stream through it in both directions. */
export function s3Server(context: S3Context): S3Server {
  const { clock } = context;
  const authenticator = new Authenticator(context);
  const ids = new RequestIds(clock);
  const server = createServer({
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: 60_000,
    // A large upload on a slow line takes hours; what must not be is silence, and `timeout` sees to that.
    requestTimeout: 0,
    // Longer than clients keep their idle connections, so that it is they who close them.
    keepAliveTimeout: 65_000,
    noDelay: true,
  });
  server.timeout = context.limits.idleMs;

  let closed = false;
  const served: S3Context = { ...context, accepting: () => !closed && context.accepting() };
  const take = (request: IncomingMessage, response: ServerResponse, awaitsContinue: boolean): void => {
    const bodyComes = (): void => context.connections.letBodyCome(request);
    const exchange = new S3Exchange(request, response, { clock, id: ids.next(), awaitsContinue, bodyComes });
    // Requests that a client sends without waiting for answers happen in the order in which it sent them: the connection hands them on one by one.
    handle(served, authenticator, exchange).catch((error: unknown) => {
      context.log.error({ requestId: exchange.requestId, error: asError(error) }, "an S3 answer could not be sent");
      response.destroy();
    });
  };
  server.on("request", (request, response) => take(request, response, false));
  server.on("checkContinue", (request, response) => take(request, response, true));
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => refuse(context, error, socket));
  context.connections.watch(server, s3Face(context.clock));

  const closing = Promise.withResolvers<void>();
  return {
    server,
    close: (grace) => {
      const end = (): void => server.closeAllConnections();
      if (!closed) {
        closed = true;
        if (server.listening) server.close(() => closing.resolve());
        else closing.resolve();
        server.closeIdleConnections();
      }
      if (grace.aborted) end();
      else grace.addEventListener("abort", end, { once: true });
      return closing.promise;
    },
  };
}

async function handle(context: S3Context, authenticator: Authenticator, exchange: S3Exchange): Promise<void> {
  const { request } = exchange;
  const startedMs = context.clock.steady();
  const about: About = {};
  let answer: S3Answer;
  try {
    answer = await answerTo(context, authenticator, { exchange, about });
  } catch (error) {
    answer = failed(context, { exchange, about }, error);
  }
  try {
    const early = request.headers.origin === undefined ? {} : await forPages(context, exchange, about);
    // A connection that is kept would hold up the stop.
    await exchange.send(answer, context.accepting() ? early : { ...early, connection: "close" });
  } catch (error) {
    // Bytes were on their way; all that can be done is to break them off.
    if (!exchange.gone)
      context.log.warn(
        { requestId: exchange.requestId, ...about, error: asError(error).message },
        "an answer broke off",
      );
    exchange.response.destroy();
  }
  context.log.debug(
    {
      requestId: exchange.requestId,
      method: request.method,
      ...about,
      status: answer.status,
      durationMs: context.clock.steady() - startedMs,
    },
    "S3 request",
  );
}

/** An answer that cannot say it is still an answer: only scripts do not get to read it. */
async function forPages(
  context: S3Context,
  { request, requestId }: S3Exchange,
  about: About,
): Promise<OutgoingHttpHeaders> {
  try {
    return await corsHeaders(context, request, about);
  } catch (error) {
    context.log.warn({ requestId, ...about, error: asError(error).message }, "the rules for pages could not be read");
    return {};
  }
}

/** What log lines say of a request, as far as it is known. */
interface About {
  bucket?: string;
  key?: string;
  tenant?: string;
  principal?: string;
  /** Of the error that was answered. */
  code?: string;
}

/** A request with what is known of it. */
interface KnownRequest {
  readonly exchange: S3Exchange;
  readonly about: About;
}

async function answerTo(
  context: S3Context,
  authenticator: Authenticator,
  { exchange, about }: KnownRequest,
): Promise<S3Answer> {
  const { request } = exchange;
  const rawUrl = request.url ?? "/";
  if (!context.accepting()) throw new S3Error("ServiceUnavailable");
  const doubt = ambiguity({ url: rawUrl, rawHeaders: request.rawHeaders, headers: request.headers });
  if (doubt !== undefined) throw new S3Error("InvalidRequest", `Ambiguous request: ${doubt}.`);
  const address = s3AddressOf(request, context.domains);
  const { bucket, key } = address;
  if (bucket !== undefined) about.bucket = bucket;
  if (key !== undefined) about.key = key;
  if (request.method === "OPTIONS") return await preflight(context, request, about);
  refuseRepeatedHeaders(request.rawHeaders);
  const known = (principal: Principal): void => {
    about.tenant = principal.tenant;
    about.principal = principal.name;
    context.connections.recognise(request, principal.tenant);
  };
  if (bucket === undefined && isAction(request)) return await answerAction({ context, authenticator, exchange, known });
  if (isForm(request, address)) return await postForm({ context, authenticator, exchange, address, known });
  const { principal, signer, auth, hoisted } = await authenticator.authenticate(request, address);
  known(principal);
  const headers = hoisted === undefined ? request.headers : { ...hoisted, ...request.headers };
  const query = routedQuery(rawUrl);
  using _admitted = raisesEvents(context, request.method, query) ? context.rates.admit(principal.tenant) : undefined;
  return await routeS3({ context, exchange, address, principal, signer, auth, headers, query });
}

/** Whether a request may make an event of its own. Parts make none, and of many deletions each is admitted on its own. */
function raisesEvents({ downloadEvents }: S3Context, method: string | undefined, query: URLSearchParams): boolean {
  if (method === "GET") return downloadEvents;
  if (method === "PUT") return !query.has("uploadId");
  if (method === "POST") return query.has("uploadId");
  return method === "DELETE" && !query.has("uploadId");
}

/** What is sent when a request failed. Only an unexpected error is logged as one. */
function failed(context: S3Context, { exchange, about }: KnownRequest, thrown: unknown): S3Answer {
  const { request, requestId, hostId } = exchange;
  const action = isAction(request) ? asSnsError(thrown) : undefined;
  const error = asS3Error(thrown);
  about.code = action?.code ?? error.code;
  if (about.code === "InternalError" && !exchange.gone) {
    const cause = asError(thrown);
    const error = cause.stack ?? cause.message;
    context.log.error({ requestId, method: request.method, ...about, error }, "an S3 request failed");
  }
  if (action !== undefined) return snsFailure(action, requestId);
  const resource = s3ResourceOf(request, context.domains);
  const headers = { "content-type": "application/xml", ...(error.status === 503 ? { "retry-after": "1" } : {}) };
  return { status: error.status, headers, body: errorXml(error, { resource, requestId, hostId }) };
}

/** Answers what is no HTTP, or too much of it, before there is a request to speak of. */
function refuse(context: S3Context, { code }: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const error = new S3Error(
    code === "HPE_HEADER_OVERFLOW"
      ? "RequestHeaderSectionTooLarge"
      : code === "ERR_HTTP_REQUEST_TIMEOUT"
        ? "RequestTimeout"
        : "BadRequest",
  );
  socket.end(rawAnswer(error, context.clock));
}
