/** The API on a port, spoken to by the bytes of requests. */
import type { AddressInfo, Socket } from "node:net";
import { type Bounds, ClientConnections, defaultBounds } from "../../src/faces/http/front/connections.ts";
import { type TestApi, testApi } from "./api.ts";
import { type ByteClient, byteClient } from "./byte-client.ts";
import { type FakeClock, fakeClock } from "./clock.ts";

export interface OpenPort extends AsyncDisposable {
  readonly api: TestApi;
  readonly clock: FakeClock;
  /** The server's ends of connections, as they came. */
  readonly ends: readonly Socket[];
  open(): ByteClient;
}

/** The API on a port of its own, with connections that are bounded so. */
export async function openPort(bounds: Partial<Bounds> = {}): Promise<OpenPort> {
  const clock = fakeClock();
  const connections = new ClientConnections(clock, { ...defaultBounds, ...bounds });
  const api = await testApi({ connections });
  await api.app.listen({ port: 0, host: "127.0.0.1" });
  const ends: Socket[] = [];
  api.app.server.on("connection", (socket: Socket) => void ends.push(socket));
  const sockets: Socket[] = [];
  return {
    api,
    clock,
    ends,
    open: () => {
      const client = byteClient((api.app.server.address() as AddressInfo).port);
      sockets.push(client.socket);
      return client;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await api[Symbol.asyncDispose]();
    },
  };
}

export const get = (path: string, headers = ""): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;
export const asOperator = ({ operator }: TestApi): string => `Authorization: Bearer ${operator}\r\n`;
