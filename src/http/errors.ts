import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type ErrorCode, errorTable, SignalboxError } from "../errors.ts";
import type { Log } from "../log.ts";
import { challenge } from "./auth.ts";
import { failure } from "./envelope.ts";

/** Every failure as an answer in the envelope: ours, the framework's, and those nobody expected, which tell nothing. */

const contentTypes = "application/json";

export interface ErrorAnswers {
  readonly log: Log;
  readonly maxBodyBytes: number;
  /** Methods of the routes that this path has; empty when it has none. */
  readonly methodsAt: (path: string) => readonly string[];
}

/** What went wrong, in our own words. */
function translate(thrown: unknown, maxBodyBytes: number): SignalboxError | undefined {
  if (thrown instanceof SignalboxError) return thrown;
  const { code, statusCode } = (thrown ?? {}) as Partial<FastifyError>;
  switch (code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new SignalboxError("too_large", `the body has more than ${maxBodyBytes} bytes (SIGNALBOX_MAX_BODY_BYTES)`);
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new SignalboxError("unsupported_media_type", `the body must be JSON: send it as ${contentTypes}`);
    case "FST_ERR_BAD_URL":
      return new SignalboxError("invalid_request", "the path holds a % that is not followed by two hex digits");
    case "FST_ERR_MAX_PARAM_LENGTH":
      return new SignalboxError("not_found", "a name in the path is longer than any name is");
    default:
      return statusCode !== undefined && statusCode >= 400 && statusCode < 500
        ? new SignalboxError("invalid_request", "the request is not well-formed")
        : undefined;
  }
}

function answerError(
  { log, maxBodyBytes }: ErrorAnswers,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const error = translate(thrown, maxBodyBytes);
  if (error === undefined || error.code === "internal") {
    const cause = error?.cause ?? thrown;
    const stack = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    log.error({ requestId: request.id, method: request.method, error: stack }, "a request failed unexpectedly");
  }
  const known =
    error ?? new SignalboxError("internal", `something failed here; the operator finds it as ${request.id}`);
  if (known.code === "unauthenticated") reply.header("www-authenticate", challenge(request.headers.authorization));
  if (known.code === "unavailable") reply.header("retry-after", "1");
  return reply.code(known.status).send(failure(known.code, known.message, known));
}

/** Sets the error handlers of an API server. */
export function answerErrors(app: FastifyInstance, answers: ErrorAnswers): void {
  app.setErrorHandler((error, request, reply) => answerError(answers, error, request, reply));
  app.setNotFoundHandler((request, reply) => {
    const [path = ""] = request.url.split("?", 1);
    const methods = answers.methodsAt(path);
    if (methods.length === 0) {
      return reply.code(404).send(failure("not_found", "there is no such route; /openapi.json lists them"));
    }
    reply.header("allow", methods.join(", "));
    const message = `${request.method} is not possible here; use ${methods.join(", ")}`;
    return reply.code(405).send(failure("method_not_allowed", message));
  });
}

/** The same for errors that come before any route: `frameworkErrors` of the server's options. */
export function frameworkErrors(log: Log, maxBodyBytes: number) {
  const answers: ErrorAnswers = { log, maxBodyBytes, methodsAt: () => [] };
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void =>
    void answerError(answers, error, request, reply);
}

/** The same for what is not even HTTP: one answer, and the connection ends. */
export function rawBadRequest(code: string | undefined): string {
  const tooLarge = code === "HPE_HEADER_OVERFLOW";
  const errorCode: ErrorCode = tooLarge ? "too_large" : "invalid_request";
  const body = JSON.stringify(
    failure(errorCode, tooLarge ? "the headers are too large" : "the request is not HTTP/1.1"),
  );
  const status = tooLarge ? "431 Request Header Fields Too Large" : `${errorTable.invalid_request.status} Bad Request`;
  return `HTTP/1.1 ${status}\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`;
}
