/** What can go wrong on the wire, in words that the owner of a webhook can act on. */
import type { FailureReason } from "../domain/retry.ts";

/** A failure of ours to name; travels through undici as the error of a connection. */
export class EgressFailure extends Error {
  override readonly name = "EgressFailure";
  readonly reason: FailureReason;

  constructor(reason: FailureReason, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.reason = reason;
  }
}

const byCode: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EPIPE: "connection reset",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "network unreachable",
  EADDRNOTAVAIL: "no local address or port to connect from",
  EMFILE: "too many open connections here",
  ENFILE: "too many open connections here",
  ETIMEDOUT: "no connection: the host does not answer",
};

/** The `code` of whatever was thrown, or "". Of several attempts (one per address) the last one's. */
export function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors.at(-1));
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "";
}

/** While connecting, before TLS. */
export function connectFailure(error: unknown): EgressFailure {
  const code = codeOf(error);
  return new EgressFailure("connection", byCode[code] ?? `no connection (${code || String(error)})`, { cause: error });
}

/** While shaking hands. */
export function tlsFailure(error: Error): EgressFailure {
  const code = codeOf(error);
  const message = code === "ECONNRESET" ? "connection closed during the TLS handshake" : `TLS: ${error.message.trim()}`;
  return new EgressFailure("tls", message.slice(0, 300), { cause: error });
}

/** While answering: the errors of undici and of the socket. */
export function answerFailure(error: Error): EgressFailure {
  if (error instanceof EgressFailure) return error;
  const code = codeOf(error);
  const failure = (reason: FailureReason, message: string): EgressFailure =>
    new EgressFailure(reason, message, { cause: error });
  if (error.name === "HTTPParserError") {
    const what = /\((.*)\)$/.exec(error.message)?.[1] ?? code;
    return failure("invalid_response", `answered something that is not HTTP/1.1 (${what})`);
  }
  switch (code) {
    case "UND_ERR_HEADERS_OVERFLOW":
      return failure("invalid_response", "answered with more than 16 KiB of headers");
    case "UND_ERR_RES_CONTENT_LENGTH_MISMATCH":
      return failure("invalid_response", "answered with a body that is not as long as its content-length");
    case "UND_ERR_SOCKET":
      if (error.message === "bad upgrade") {
        return failure("invalid_response", "answered by switching to another protocol, which was not asked for");
      }
      if (error.message === "bad response") return failure("invalid_response", "answered out of turn");
      return failure("connection", "connection closed before the answer was complete");
    case "UND_ERR_INVALID_ARG":
    case "UND_ERR_NOT_SUPPORTED":
      return failure("internal", `the request cannot be sent: ${error.message}`);
    default:
      return failure("connection", byCode[code] ?? `connection failed (${code || error.message})`);
  }
}

/**
 * Whether this error on a connection that was used before means that the server had closed it: then the request may be
 * made again at once on a new one.
 */
export function closedWhileIdle(error: Error): boolean {
  const code = codeOf(error);
  return code === "UND_ERR_SOCKET" || code === "ECONNRESET" || code === "EPIPE";
}
