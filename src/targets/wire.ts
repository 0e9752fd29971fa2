import type { IncomingHttpHeaders } from "node:http";
import type { WireFacts } from "../domain/wire-facts.ts";
import type { Redactor } from "../secrets/redact.ts";
import { headersOf } from "./answer-head.ts";
import type { Seen } from "./egress.ts";

/** Of the names and values of an answer's headers, in bytes. */
const mostHeaderBytes = 4_096;

/**
 * What is kept of what was seen on the wire.
 *
 * @param beganMs of the steady clock, when the attempt began.
 */
export function wireFacts(seen: Seen, beganMs: number, redactor: Pick<Redactor, "of">): WireFacts {
  const { head, answeredMs, opening, reused } = seen;
  const { address, ...times } = opening ?? {};
  return {
    ...(head === undefined ? {} : keptHeaders(headersOf(head), redactor)),
    ...(address === undefined ? {} : { address }),
    ...(reused ? { reused } : times),
    ...(answeredMs === undefined ? {} : { firstByteMs: Math.max(0, answeredMs - beganMs) }),
  };
}

function keptHeaders(
  headers: IncomingHttpHeaders,
  redactor: Pick<Redactor, "of">,
): Pick<WireFacts, "headers" | "headersCut"> {
  const kept: [string, string][] = [];
  let left = mostHeaderBytes;
  for (const [written, values] of Object.entries(headers)) {
    for (const value of Array.isArray(values) ? values : [values ?? ""]) {
      const name = redactor.of(written);
      const room = left - Buffer.byteLength(name);
      if (room < 0) return { headers: kept, headersCut: true };
      const shown = redactor.of(value);
      // What is secret was taken out of the whole of it.
      const fitting = beginning(shown, room);
      kept.push([name, fitting]);
      if (fitting !== shown) return { headers: kept, headersCut: true };
      left = room - Buffer.byteLength(fitting);
    }
  }
  return { headers: kept };
}

/** As much of a text as has so many bytes. */
function beginning(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  return new TextDecoder().decode(Buffer.from(text).subarray(0, bytes), { stream: true });
}
