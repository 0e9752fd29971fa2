/** A reverse proxy before a server, as operators have one: below a prefix, and with the faults that such ways have. */
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** What it does with a request in place of passing it on; `undefined`: it passes it on. */
type Fault =
  | { readonly status: number; readonly body?: string }
  | { readonly waitFor: Promise<unknown> }
  | "hang up"
  | undefined;

export interface ReverseProxy extends AsyncDisposable {
  /** With its prefix, and a slash at its end. */
  readonly url: string;
  /** From now on, for each request by its path at the server. */
  fault(by: (path: string, method: string) => Fault): void;
}

interface ProxyOptions {
  /** The URL of the server, which may begin after the proxy. */
  readonly to: string | (() => string);
  /** `/signalbox`: taken off before a request is passed on, and what is left is decoded, as nginx does it. */
  readonly prefix?: string;
  /** The name that browsers use. */
  readonly host?: string;
  /** Whether the server is told the name that the browser used. */
  readonly keepsHost?: boolean;
}

export async function reverseProxy({
  to,
  prefix = "",
  host = "127.0.0.1",
  keepsHost = true,
}: ProxyOptions): Promise<ReverseProxy> {
  let faultOf: (path: string, method: string) => Fault = () => undefined;
  const sockets = new Set<Socket>();
  const pass = (from: IncomingMessage, answer: ServerResponse, path: string): void => {
    const origin = new URL(typeof to === "string" ? to : to());
    const headers = keepsHost ? from.headers : { ...from.headers, host: origin.host };
    const onward = request(origin, { method: from.method, path, headers, agent: false }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.rawHeaders);
      response.pipe(answer);
      response.once("error", () => answer.destroy());
    });
    onward.once("error", () => answer.destroy());
    answer.once("close", () => onward.destroy());
    from.pipe(onward);
  };
  const server = createServer((from, answer) => {
    void (async () => {
      const [path = "/", query] = (from.url ?? "/").split("?", 2);
      if (!path.startsWith(`${prefix}/`)) return answer.writeHead(404).end();
      const inner = prefix === "" ? path : encodeURI(decodeURIComponent(path.slice(prefix.length)));
      const fault = faultOf(inner, from.method ?? "GET");
      if (fault === "hang up") return from.socket.destroy();
      if (fault !== undefined && "status" in fault) {
        return answer
          .writeHead(fault.status, { "content-type": "text/html" })
          .end(fault.body ?? "<h1>Bad gateway</h1>");
      }
      if (fault !== undefined) await fault.waitFor;
      return pass(from, answer, query === undefined ? inner : `${inner}?${query}`);
    })();
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}${prefix}/`,
    fault: (by) => {
      faultOf = by;
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}
