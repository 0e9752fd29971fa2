import { asError, SignalboxError } from "../../errors.ts";
import { stateOf } from "./faults.ts";

/** Why a start cannot use the database, with what to do; never its password. */
export function refusedStart(thrown: unknown, url: string): unknown {
  // What is said of a server that answered needs no more words.
  if (thrown instanceof SignalboxError && (thrown.code !== "unavailable" || thrown.cause === undefined)) return thrown;
  const error = asError(thrown instanceof SignalboxError ? thrown.cause : thrown);
  const { hostname, port, username, pathname } = new URL(url);
  const at = `${hostname || "localhost"}:${port || "5432"}`;
  const [user, database] = [decodeURIComponent(username), decodeURIComponent(pathname.slice(1))];
  const refuse = (what: string, remedy: string): SignalboxError =>
    new SignalboxError("unavailable", `SIGNALBOX_STORE: ${what}: ${remedy}`, { cause: error });
  switch (stateOf(error)) {
    case "28P01":
    case "28000":
      return refuse(`the server at ${at} does not let ${user} in`, `set user and password right (${error.message})`);
    case "3D000":
      return refuse(
        `there is no database ${database} at ${at}`,
        `CREATE DATABASE "${database}" OWNER "${user}" makes it`,
      );
    case "42501":
      return refuse(
        `${user} may not make tables in the database ${database} (${error.message})`,
        `ALTER DATABASE "${database}" OWNER TO "${user}" lets it`,
      );
    case "53300":
      return refuse(
        `the server at ${at} has no connection left`,
        "raise its max_connections, or close others: Signalbox takes 6",
      );
    case "57P03":
      return refuse(`the server at ${at} is not ready (${error.message})`, "start again when it is");
    case "":
      return refuse(
        `the database ${database} at ${at} does not answer (${reasonOf(error)})`,
        "see that PostgreSQL runs there and that this machine may reach it, or name another",
      );
    default:
      return thrown;
  }
}

/** `ECONNREFUSED` and its kind come several together, one for each address, without words of their own. */
function reasonOf(error: Error): string {
  return asError(error instanceof AggregateError ? (error.errors[0] ?? error) : error).message;
}
