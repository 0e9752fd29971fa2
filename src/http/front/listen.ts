import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SignalboxError } from "../../errors.ts";

/** Resolves with the port. @throws SignalboxError `conflict` when it is taken. */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const inUse = error.code === "EADDRINUSE";
      const why = inUse ? "is in use: choose another with SIGNALBOX_PORT or SIGNALBOX_S3_PORT" : error.message;
      reject(new SignalboxError("conflict", `cannot listen on ${host}:${port}: ${why}`, { cause: error }));
    });
    server.listen({ host, port }, () => resolve((server.address() as AddressInfo).port));
  });
}

/** A URL to reach a listening socket by; for "all addresses" the one of this machine. */
export function addressOf(host: string, port: number): string {
  const name = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
