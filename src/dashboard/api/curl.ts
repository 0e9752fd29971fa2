import { type Operations, places } from "../../client/operations.ts";
import { addressOf, base, type OperationName, tenantChosen } from "./client.ts";

/** A request of the page as a command, for who goes on with it in a terminal. */

interface Asked<Name extends OperationName> {
  readonly params?: Operations[Name]["params"];
  readonly query?: Operations[Name]["query"];
  readonly body?: Operations[Name]["body"];
  readonly ifMatch?: string | undefined;
}

/** The very request, with the token of the shell's own instead of the session. */
export function curlOf<Name extends OperationName>(name: Name, { ifMatch, ...given }: Asked<Name>): string {
  const [method] = places[name];
  const tenant = tenantChosen();
  const lines = [
    `curl -X ${method} ${quoted(`${location.origin}${base}${addressOf(name, given)}`)}`,
    '-H "authorization: Bearer $SIGNALBOX_TOKEN"',
    ...(tenant === undefined ? [] : [`-H ${quoted(`x-signalbox-tenant: ${tenant}`)}`]),
    ...(ifMatch === undefined ? [] : [`-H ${quoted(`if-match: ${ifMatch}`)}`]),
    ...(given.body === undefined
      ? []
      : [`-H ${quoted("content-type: application/json")}`, `-d ${quoted(JSON.stringify(given.body))}`]),
  ];
  return lines.join(" \\\n  ");
}

/** As one word of a shell, whatever stands in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
