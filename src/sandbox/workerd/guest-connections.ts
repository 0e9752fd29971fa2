import { Client, Pool } from "undici";

/** The connections to a workerd, over the socket in its folder. */
export interface GuestConnections {
  readonly calls: Pool;
  /** With a connection of its own, so that it is never behind a call. */
  readonly pings: Client;
}

export function openConnections(socketPath: string): GuestConnections {
  const options = { headersTimeout: 0, bodyTimeout: 0, socketPath };
  return { calls: new Pool("http://function", options), pings: new Client("http://function", options) };
}
