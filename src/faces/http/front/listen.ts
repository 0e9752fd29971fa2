import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname } from "node:os";
import { SignalboxError } from "../../../errors.ts";

interface ListenAt {
  readonly host: string;
  readonly port: number;
  /** The setting that the port comes from. */
  readonly setting: "SIGNALBOX_PORT" | "SIGNALBOX_S3_PORT" | "SIGNALBOX_HOST_LISTEN";
}

/** Resolves with the port. @throws SignalboxError `conflict`, naming the setting and the remedy, when it cannot be had. */
export function listen(server: Server, at: ListenAt): Promise<number> {
  const { host, port } = at;
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(new SignalboxError("conflict", `cannot listen on ${host}:${port}: ${why(error, at)}`, { cause: error }));
    });
    server.listen({ host, port }, () => resolve((server.address() as AddressInfo).port));
  });
}

function why({ code, message }: NodeJS.ErrnoException, { host, port, setting }: ListenAt): string {
  const hostSetting = setting === "SIGNALBOX_HOST_LISTEN" ? setting : "SIGNALBOX_HOST";
  switch (code) {
    case "EADDRINUSE":
      return `the port is in use by another process (ss -ltnp shows which): choose another with ${setting}`;
    case "EACCES":
      return `uid ${process.geteuid?.()} may not take port ${port}: choose one from 1024 on with ${setting} and put a proxy in front, or give the process CAP_NET_BIND_SERVICE`;
    case "EADDRNOTAVAIL":
      return `this machine has no address ${host}: set ${hostSetting} to one that it has, or to 0.0.0.0 for all`;
    case "EAFNOSUPPORT":
      return `this machine does not speak that kind of address: set ${hostSetting} to 0.0.0.0 or 127.0.0.1`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `there is no address for the name ${host}: set ${hostSetting} to an address of this machine`;
    default:
      return `${message}: ${hostSetting} and ${setting} say where`;
  }
}

/** A URL to reach a listening socket by; for "all addresses" the one of this machine. */
export function addressOf(host: string, port: number): string {
  const name = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "[::1]" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

/** The same, to reach it from another machine by: for "all addresses" the name of this one. */
export function addressElsewhere(host: string, port: number): string {
  return host === "0.0.0.0" || host === "::" ? `http://${hostname()}:${port}` : addressOf(host, port);
}
