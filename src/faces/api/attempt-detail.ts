import { type Static, Type } from "typebox";
import type { WireFacts } from "../../domain/wire-facts.ts";
import type { AttemptDetail } from "../../history/attempt-detail.ts";
import type { Sent } from "../../targets/target.ts";
import { nullable } from "../http/fields.ts";
import { named } from "../http/named.ts";
import { attempt, attemptBody } from "./attempt.ts";

/** One try with what was sent and what came back, as it is shown. */

const sentRequest = named(
  "SentRequest",
  Type.Object({
    method: Type.String(),
    url: Type.String(),
    headers: Type.Array(Type.Object({ name: Type.String(), value: nullable(Type.String()) }), {
      description:
        "All that stood on the wire. Credentials and the values of the subscription's own headers are masked; a `webhook-signature` is null once a secret that made it is not used any more, and of what has changed.",
    }),
    body: Type.String(),
  }),
);

const received = named(
  "ReceivedAnswer",
  Type.Object({
    headers: nullable(
      Type.Array(Type.Object({ name: Type.String(), value: Type.String() }), {
        description: "4 KiB of names and values at the most, without the subscription's secrets.",
      }),
    ),
    headers_cut: Type.Boolean({ description: "There were more." }),
    remote_address: nullable(Type.String({ description: "Null also where it is inside of the operator's network." })),
    connection_reused: Type.Boolean({ description: "Nothing had to be looked up or connected for it." }),
    dns_ms: nullable(Type.Integer()),
    connect_ms: nullable(Type.Integer()),
    tls_ms: nullable(Type.Integer()),
    first_byte_ms: nullable(Type.Integer({ description: "From the attempt's start to the head of the answer." })),
  }),
);

/** Of a test, and of an attempt that was made. */
export const exchange = {
  request: nullable(sentRequest),
  answer: nullable({
    ...received,
    description: 'Kept of failures, and of what was acknowledged where the subscription says `capture: "all"`.',
  }),
};

export const shownDetail = named(
  "AttemptDetail",
  Type.Object({
    ...attempt.properties,
    rendered: nullable(
      Type.Enum(["exact", "changed", "part"], {
        description:
          "What was sent is made again of the event and the subscription. `changed`: that was changed since in what it sends, and what is shown is what it would send now. `part`: others were in the request, and of its body what belongs to this event is shown. Null: nothing can be shown.",
      }),
    ),
    ...exchange,
    input: nullable(
      Type.Object({}, { additionalProperties: true, description: "Of a function: the event that it was given." }),
    ),
    mail: nullable(
      named(
        "SentMail",
        Type.Object(
          { to: Type.String(), subject: Type.String(), text: Type.String() },
          { description: "Links that only the owner of the address may have are left out." },
        ),
      ),
    ),
    invocation_id: nullable(Type.Integer({ description: "Of the run of a function." })),
  }),
);

const shownExchange = Type.Object(exchange);

export function showExchange(sent: Sent | undefined, wire: WireFacts | undefined): Static<typeof shownExchange> {
  return {
    request: sent?.kind === "request" ? { ...sent.request, headers: sent.request.headers.map(pairOf) } : null,
    answer: wire === undefined ? null : showWire(wire),
  };
}

function pairOf<V>([name, value]: readonly [string, V]): { name: string; value: V } {
  return { name, value };
}

function showWire(wire: WireFacts): Static<typeof received> {
  return {
    headers: wire.headers?.map(pairOf) ?? null,
    headers_cut: wire.headersCut === true,
    remote_address: wire.address ?? null,
    connection_reused: wire.reused === true,
    dns_ms: wire.dnsMs ?? null,
    connect_ms: wire.connectMs ?? null,
    tls_ms: wire.tlsMs ?? null,
    first_byte_ms: wire.firstByteMs ?? null,
  };
}

export function showDetail({ attempt, sent, unchanged, invocation }: AttemptDetail): Static<typeof shownDetail> {
  return {
    ...attemptBody(attempt),
    rendered: sent === undefined ? null : !unchanged ? "changed" : attempt.batch === undefined ? "exact" : "part",
    ...showExchange(sent, attempt.wire),
    input: sent?.kind === "input" ? { ...sent.input } : null,
    mail: sent?.kind === "mail" ? { ...sent.mail } : null,
    invocation_id: invocation ?? null,
  };
}
