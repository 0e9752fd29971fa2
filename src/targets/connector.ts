/**
 * Opens connections, and only to addresses that may be sent to: a name is resolved here, every address is judged, and the
 * socket gets no other ones to choose from. So a name that changes its address between two looks (DNS rebinding) is judged
 * on what is connected to. Before the first byte the peer's address is looked at once more.
 */

import type { LookupAddress } from "node:dns";
import { connect as connectTcp, isIP, type LookupFunction, type OnReadOpts, type Socket } from "node:net";
import { connect as connectTls, createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import { defined } from "../domain/defined.ts";
import { type EgressAllow, egressRefusal, hostAndPortOf, nameAllowed } from "../domain/egress.ts";
import { codeOf, connectFailure, EgressFailure, tlsFailure } from "./failure.ts";

/** Where a connection goes. One per origin; it also keeps the last TLS session, so that reconnecting is cheap. */
export interface Endpoint {
  readonly secure: boolean;
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  session?: Buffer;
}

/** Each only where it was needed: a name was looked up, TLS was spoken. */
export type ConnectStep = "dns" | "connect" | "tls";

/** Gets to know how a connection came out. */
export interface Connecting {
  /** Called with every step's socket, so that it can be destroyed at any time. */
  opened(socket: Socket): void;
  /** Bytes of the other side, once it is connected; they are only there during the call. */
  received(bytes: Buffer): void;
  /** A step is done. `peer`: of `connect`, where it leads to, if that may be shown. */
  reached(step: ConnectStep, peer?: string): void;
  /** The connection is no longer wanted. */
  readonly cancelled: boolean;
  done(error: Error): void;
  done(error: null, socket: Socket): void;
}

/** How long one of several addresses may take before the next is tried. */
const nextAddressMs = 500;

/** What the system reads into, for one connection after the other: what came is read before anything else comes. */
const readBuffer = Buffer.allocUnsafeSlow(65_536);

export class Connector {
  readonly #allow: EgressAllow;
  readonly #lookup: LookupFunction;
  readonly #ca: string | undefined;
  #context: SecureContext | undefined;

  constructor(allow: EgressAllow, lookup: LookupFunction, ca: string | undefined) {
    this.#allow = allow;
    this.#lookup = lookup;
    this.#ca = ca;
  }

  /** The endpoint of a URL; an {@link EgressFailure} when the URL alone shows that nothing may be sent there. */
  endpoint(url: URL): Endpoint | EgressFailure {
    const secure = url.protocol === "https:";
    if (!secure && url.protocol !== "http:")
      return new EgressFailure("egress_refused", "only http and https are sent to");
    const place = hostAndPortOf(url);
    if (isIP(place.host) !== 0) {
      const what = egressRefusal(place, this.#allow);
      if (what !== undefined) return new EgressFailure("egress_refused", `${place.host} may not be sent to (${what})`);
    }
    return { secure, ...place };
  }

  open(endpoint: Endpoint, connecting: Connecting): void {
    if (isIP(endpoint.host) !== 0) {
      this.#connect(endpoint, [], connecting);
      return;
    }
    this.#lookup(endpoint.host, { all: true }, (error, answer, family) => {
      if (connecting.cancelled) return;
      const found = typeof answer === "string" ? [{ address: answer, family: family ?? isIP(answer) }] : answer;
      if (error !== null || found.length === 0) {
        const code = error === null ? "" : ` (${codeOf(error)})`;
        connecting.done(new EgressFailure("dns", `no address found for ${endpoint.host}${code}`, { cause: error }));
        return;
      }
      connecting.reached("dns");
      const permitted = this.#permitted(endpoint, found);
      if (permitted instanceof EgressFailure) connecting.done(permitted);
      else this.#connect(endpoint, permitted, connecting);
    });
  }

  /** The addresses themselves are not shown: what an inner name resolves to is not the tenant's business. */
  #permitted({ host, port }: Endpoint, found: readonly LookupAddress[]): LookupAddress[] | EgressFailure {
    if (nameAllowed({ host, port }, this.#allow)) return [...found];
    let what = "";
    const permitted = found.filter(({ address }) => {
      const refused = egressRefusal({ host: address, port }, this.#allow);
      what = refused ?? what;
      return refused === undefined;
    });
    if (permitted.length > 0) return permitted;
    return new EgressFailure("egress_refused", `${host} may not be sent to: its address is not public (${what})`);
  }

  #connect(endpoint: Endpoint, addresses: LookupAddress[], connecting: Connecting): void {
    const { host, port } = endpoint;
    const socket = connectTcp({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: nextAddressMs,
      ...(endpoint.secure ? {} : { onread: readingInto(connecting) }),
      lookup: (_host, options, callback) => {
        const [first] = addresses;
        if (options.all === true) callback(null, addresses);
        else callback(null, first?.address ?? "", first?.family ?? 0);
      },
    });
    connecting.opened(socket);
    const failed = (error: Error): void => connecting.done(connectFailure(error));
    socket.once("error", failed);
    socket.once("connect", () => {
      socket.off("error", failed);
      const peer = socket.remoteAddress ?? "";
      const what = nameAllowed(endpoint, this.#allow) ? undefined : egressRefusal({ host: peer, port }, this.#allow);
      if (what !== undefined) {
        socket.on("error", () => {}).destroy();
        connecting.done(
          new EgressFailure("egress_refused", `${host} may not be sent to: its address is not public (${what})`),
        );
        return;
      }
      connecting.reached("connect", this.#shown(endpoint, peer));
      if (endpoint.secure) this.#secure(endpoint, socket, connecting);
      else connecting.done(null, socket);
    });
  }

  /** Who wrote the address knows it; what an inner name resolves to stays here. */
  #shown({ host, port }: Endpoint, peer: string): string | undefined {
    return isIP(host) !== 0 || egressRefusal({ host: peer, port }, this.#allow) === undefined ? peer : undefined;
  }

  #secure(endpoint: Endpoint, tcp: Socket, connecting: Connecting): void {
    const { host, session } = endpoint;
    tcp.on("error", () => {}); // the TLS socket tells of the same error
    // Made when first needed: reading the root certificates takes a while, and a plain installation sends to none.
    this.#context ??= createSecureContext(
      this.#ca === undefined ? {} : { ca: [...getCACertificates("default"), this.#ca] },
    );
    const name = host.replace(/\.$/, "");
    const socket = connectTls({
      socket: tcp,
      host: name,
      servername: isIP(name) === 0 ? name : "",
      ALPNProtocols: ["http/1.1"],
      secureContext: this.#context,
      ...defined({ session }),
    });
    connecting.opened(socket);
    const failed = (error: Error): void => connecting.done(tlsFailure(error));
    socket.once("error", failed);
    socket.on("session", (ticket: Buffer) => {
      endpoint.session = ticket;
    });
    socket.once("secureConnect", () => {
      socket.off("error", failed);
      socket.on("data", (bytes) => connecting.received(bytes));
      connecting.reached("tls");
      connecting.done(null, socket);
    });
  }
}

/** Without a stream in between, and without memory for each piece. */
function readingInto(connecting: Connecting): OnReadOpts {
  return {
    buffer: readBuffer,
    callback: (length) => {
      connecting.received(readBuffer.subarray(0, length));
      return true;
    },
  };
}
