import { asError, SignalboxError } from "../../errors.ts";
import { EgressFailure } from "../../targets/failure.ts";

/** What went wrong in a log in at an issuer, in words for who logs in; what only its operator can mend goes to the log as `cause`. */

const longestSaid = 200;

/** @param thrown by openid-client, or on the way there. */
export function loginProblem(thrown: unknown, issuer: string): SignalboxError {
  if (thrown instanceof SignalboxError) return thrown;
  const error = asError(thrown) as Error & { readonly code?: unknown; readonly error?: unknown };
  const failure = egressFailureIn(error);
  if (failure !== undefined) return unavailable(issuer, failure);
  switch (error.code) {
    case "OAUTH_AUTHORIZATION_RESPONSE_ERROR":
      return refused(
        `the issuer refused it (${described(error)}): begin again, or ask who runs the issuer whether you may log in here`,
      );
    case "OAUTH_RESPONSE_BODY_ERROR":
      if (error.error === "invalid_grant") {
        return refused("the issuer does not take the code: it was used, is too old, or was not made for this log in");
      }
      // The secret, or how the client is registered.
      return unavailable(issuer, new Error(`it refused this client: ${described(error)}`));
    case "OAUTH_JWT_CLAIM_COMPARISON_FAILED":
      return refused(`what the issuer answered is for another log in, or for another client (${claimOf(error)})`);
    case "OAUTH_JWT_TIMESTAMP_CHECK_FAILED":
      return refused(
        `what the issuer answered has expired, or is not valid yet (${claimOf(error)}): one of the clocks is wrong`,
      );
    case "OAUTH_INVALID_RESPONSE":
      return refused(`what came back from the issuer cannot be taken (${sentence(error)})`);
    default:
      return unavailable(issuer, new Error(sentence(error)));
  }
}

function refused(message: string): SignalboxError {
  return new SignalboxError("unauthenticated", message);
}

function unavailable(issuer: string, cause: Error): SignalboxError {
  const message = `${issuer} did not answer as it should, so there is no logging in there now: try again, or log in by a token; the server's log says why`;
  return new SignalboxError("unavailable", message, { cause });
}

function egressFailureIn(error: Error): EgressFailure | undefined {
  if (error instanceof EgressFailure) return error;
  return error.cause instanceof Error ? egressFailureIn(error.cause) : undefined;
}

/** With what an OAuth error says of itself. */
function described(error: Error): string {
  const { error: code, error_description: text, status } = error as Error & Readonly<Record<string, unknown>>;
  const parts = [code, text, status].filter((part) => typeof part === "string" || typeof part === "number");
  return clean(parts.join(", "));
}

/** Which claim it is about, where that is told. */
function claimOf(error: Error): string {
  const found = [error, error.cause]
    .map((one) => (one instanceof Error ? (one.cause as { readonly claim?: unknown } | undefined)?.claim : undefined))
    .find((claim) => typeof claim === "string");
  return clean(typeof found === "string" ? found : sentence(error));
}

function sentence(error: Error): string {
  const { cause } = error;
  return clean(cause instanceof Error ? `${error.message}: ${cause.message}` : error.message);
}

function clean(text: string): string {
  return text.replaceAll(/[\p{C}\s]+/gu, " ").slice(0, longestSaid);
}
