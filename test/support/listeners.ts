/** Servers that tests send to: on a free port of the loopback, gone with their scope. */
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";

export interface Listener extends AsyncDisposable {
  readonly port: number;
  /** Every connection that was ever accepted. */
  readonly sockets: readonly Socket[];
  /** Resolves with the nth connection (from 1), at once if it is there. */
  socket(nth: number): Promise<Socket>;
}

async function listening(server: Server, host: string): Promise<Listener> {
  const sockets: Socket[] = [];
  const waiting: { readonly nth: number; readonly tell: (socket: Socket) => void }[] = [];
  server.on("connection", (socket: Socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    for (const { nth, tell } of waiting) if (nth === sockets.length) tell(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    sockets,
    socket: (nth) => {
      const known = sockets[nth - 1];
      return known === undefined ? new Promise((tell) => waiting.push({ nth, tell })) : Promise.resolve(known);
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Speaks HTTP. */
export function httpListener(answer: RequestListener, host = "127.0.0.1"): Promise<Listener> {
  return listening(createServer(answer), host);
}

/** Says what it is told to, byte by byte. */
export function tcpListener(connected: (socket: Socket) => void, host = "127.0.0.1"): Promise<Listener> {
  return listening(createTcpServer(connected), host);
}

/** As {@link tcpListener}, inside TLS. */
export function tlsListener(options: TlsOptions, connected: (socket: TLSSocket) => void): Promise<Listener> {
  return listening(
    createTlsServer(options, (socket) => connected(socket.on("error", () => {}))),
    "127.0.0.1",
  );
}

/** The whole body of a request, as text. */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** Resolves once the other side closed the connection, or it broke. */
export async function closed(socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  socket.resume();
  await new Promise<void>((resolve) => socket.once("close", () => resolve()));
}
