import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { errorTable, SignalboxError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { challenge } from "./auth.ts";
import { type ErrorBody, failureBody } from "./envelope.ts";
import type { ConnectionAnswers } from "./front/connections.ts";

/** Every failure as an answer in the envelope: ours, the framework's, and unexpected ones, which reveal nothing. */

/** How a face tells of errors. */
export interface ErrorForm {
  /** What bodies may be, as a sentence goes on behind "the body must be". */
  readonly bodies: string;
  bodyOf(error: SignalboxError): unknown;
}

const ownForm: ErrorForm = {
  bodies: "JSON: send it as application/json",
  bodyOf: (error) => failureBody(error.code, error.message, error),
};

interface ErrorAnswers {
  readonly log: Log;
  readonly maxBodyBytes: number;
  /** Default: the envelope of our own API. */
  readonly form?: ErrorForm;
  /** Paths that begin so are not for this one to answer when nothing is there. */
  readonly except?: readonly string[];
  /** Methods of the routes that this path has; empty when it has none. */
  readonly methodsAt: (path: string) => readonly string[];
  /** Where the routes are listed. Default: `/openapi.json`. */
  readonly document?: string;
}

/** What went wrong, in our own words. */
function translate(
  thrown: unknown,
  { maxBodyBytes, form = ownForm }: Pick<ErrorAnswers, "maxBodyBytes" | "form">,
  routeLimit = maxBodyBytes,
): SignalboxError | undefined {
  if (thrown instanceof SignalboxError) return thrown;
  const { code, statusCode } = (thrown ?? {}) as Partial<FastifyError>;
  switch (code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE": {
      const setting = routeLimit === maxBodyBytes ? " (SIGNALBOX_MAX_BODY_BYTES)" : "";
      return new SignalboxError("too_large", `the body has more than ${routeLimit} bytes${setting}`);
    }
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new SignalboxError("unsupported_media_type", `the body must be ${form.bodies}`);
    case "FST_ERR_BAD_URL":
      return new SignalboxError(
        "invalid_request",
        "the path holds a % that is not followed by two hex digits, or bytes that are not UTF-8",
      );
    case "FST_ERR_MAX_PARAM_LENGTH":
      return new SignalboxError("not_found", "a name in the path is longer than any name is");
    default:
      return statusCode !== undefined && statusCode >= 400 && statusCode < 500
        ? new SignalboxError("invalid_request", "the request is not well-formed")
        : undefined;
  }
}

function answerError(
  answers: ErrorAnswers,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { log, form = ownForm } = answers;
  const error = translate(thrown, answers, request.routeOptions?.bodyLimit);
  // The caller has gone, and what was done for it was given up: nothing failed here.
  const isGivenUp = thrown instanceof Error && thrown.name === "AbortError" && reply.raw.destroyed;
  if ((error === undefined || error.code === "internal") && !isGivenUp) {
    const cause = error?.cause ?? thrown;
    const stack = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    log.error({ requestId: request.id, method: request.method, error: stack }, "a request failed unexpectedly");
  }
  const known =
    error ?? new SignalboxError("internal", `something failed here; the operator finds it as ${request.id}`);
  if (known.code === "unauthenticated")
    reply.header("www-authenticate", challenge(request.headers.authorization, known.message));
  if (known.code === "unavailable" || known.code === "too_many_requests") reply.header("retry-after", "1");
  return reply.code(known.status).send(form.bodyOf(known));
}

/** Sets the error handlers of an API server, or of what is registered below a path of it. */
export function answerErrors(app: FastifyInstance, answers: ErrorAnswers): void {
  const { form = ownForm, document = "/openapi.json" } = answers;
  app.setErrorHandler((error, request, reply) => answerError(answers, error, request, reply));
  const notFound = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const [path = ""] = request.url.split("?", 1);
    const methods = answers.methodsAt(path);
    if (methods.length === 0) {
      const unknown = new SignalboxError("not_found", `there is no such route; ${document} lists them`);
      return reply.code(404).send(form.bodyOf(unknown));
    }
    reply.header("allow", methods.join(", "));
    const message = `${request.method} is not possible here; use ${methods.join(", ")}`;
    return reply.code(405).send(form.bodyOf(new SignalboxError("method_not_allowed", message)));
  };
  app.setNotFoundHandler(notFound);
  // Before a body is read that is meant for nothing: it takes no token to send one.
  app.addHook("onRequest", async (request, reply) => {
    const isElsewhere = answers.except?.some((prefix) => request.url.startsWith(`${prefix}/`)) === true;
    if (request.is404 && !isElsewhere) return notFound(request, reply);
  });
}

/** The same for errors that come before any route: `frameworkErrors` of the server's options. `forms`: by where their paths begin. */
export function frameworkErrors({
  log,
  maxBodyBytes,
  forms,
}: Pick<ErrorAnswers, "log" | "maxBodyBytes"> & { readonly forms: readonly (readonly [string, ErrorForm])[] }) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    const [, form = ownForm] = forms.find(([prefix]) => request.url.startsWith(`${prefix}/`)) ?? [];
    void answerError({ log, maxBodyBytes, form, methodsAt: () => [] }, error, request, reply);
  };
}

/** The same for what is not even HTTP: one answer, and the connection ends. */
export function rawBadRequest(code: string | undefined): string {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return rawAnswer("431 Request Header Fields Too Large", failureBody("too_large", "the headers are too large"));
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return rawAnswer("408 Request Timeout", failureBody("too_slow", "the request came too slowly"));
    default:
      return rawAnswer("400 Bad Request", failureBody("invalid_request", "the request is not HTTP/1.1"));
  }
}

const tooSlow = failureBody(
  "too_slow",
  "the body comes too slowly: send it faster, in one go (SIGNALBOX_MIN_BODY_BYTES_PER_SECOND)",
);

/** How the port of the API speaks where there is no request to answer, or none that can be read on. */
export const apiFace: ConnectionAnswers = {
  tooMany: rawAnswer(
    "503 Service Unavailable",
    failureBody("unavailable", "there are too many connections: close some, or try again"),
    "retry-after: 1\r\n",
  ),
  tooSlow: (_request, response) => {
    const body = JSON.stringify(tooSlow);
    response.writeHead(errorTable.too_slow.status, {
      "content-type": "application/json; charset=utf-8",
      "content-length": Buffer.byteLength(body),
      connection: "close",
    });
    response.end(body);
  },
  isSignedUrl: () => false,
};

function rawAnswer(status: string, answer: ErrorBody, headers = ""): string {
  const body = JSON.stringify(answer);
  return `HTTP/1.1 ${status}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${headers}connection: close\r\n\r\n${body}`;
}
