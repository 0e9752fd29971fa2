/** What was seen of a request on the wire. What is absent was not come to. */
export interface WireFacts {
  /** Of the answer, as they came, 4 KiB of names and values at the most, without the subscription's secrets. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** There were more. */
  readonly headersCut?: true;
  /** Where the connection led to, if that may be known: what an allowed inner name resolves to is not the tenant's business. */
  readonly address?: string;
  /** The connection had been used before: its name was not looked up for this request, and nothing was connected. */
  readonly reused?: true;
  readonly dnsMs?: number;
  readonly connectMs?: number;
  readonly tlsMs?: number;
  /** From the attempt's start to the head of the answer. */
  readonly firstByteMs?: number;
}

/** For which attempts {@link WireFacts} are kept. */
export const captures = ["failures", "all"] as const;
export type Capture = (typeof captures)[number];
