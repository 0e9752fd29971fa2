/** What can go wrong on the wire, in words that the owner of a webhook can act on. */
import type { FailureReason } from "../domain/retry.ts";

/** A failure of ours to name; travels as the error of a connection. */
export class EgressFailure extends Error {
  override readonly name = "EgressFailure";
  readonly reason: FailureReason;

  constructor(reason: FailureReason, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.reason = reason;
  }
}

/** The other side ended the connection, without any error. */
export class ClosedEarly extends EgressFailure {
  constructor() {
    super("connection", "connection closed before the answer was complete");
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

/** While answering: the errors of the socket. */
export function answerFailure(error: Error): EgressFailure {
  if (error instanceof EgressFailure) return error;
  const code = codeOf(error);
  const message = byCode[code] ?? `connection failed (${code || error.message})`;
  return new EgressFailure("connection", message, { cause: error });
}

/**
 * Whether this error on a connection that was used before means that the server had closed it: then the request may be
 * made again at once on a new one.
 */
export function closedWhileIdle(error: Error): boolean {
  const code = codeOf(error);
  return error instanceof ClosedEarly || code === "ECONNRESET" || code === "EPIPE";
}
