/** The API on a port, spoken to by the bytes of requests. */
import { type AddressInfo, connect, type Socket } from "node:net";
import { type Bounds, ClientConnections, defaultBounds } from "../../src/faces/http/front/connections.ts";
import { type TestApi, testApi } from "./api.ts";
import { type FakeClock, fakeClock } from "./clock.ts";

export interface OpenPort extends AsyncDisposable {
  readonly api: TestApi;
  readonly clock: FakeClock;
  /** The server's ends of connections, as they came. */
  readonly ends: readonly Socket[];
  open(): Client;
}

interface Client {
  readonly socket: Socket;
  /** What came so far. */
  readonly text: string;
  /** Statuses of the answers that began so far. */
  readonly statuses: readonly number[];
  readonly closed: Promise<unknown>;
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
      const socket = connect((api.app.server.address() as AddressInfo).port, "127.0.0.1");
      sockets.push(socket);
      let text = "";
      socket
        .on("error", () => {})
        .on("data", (bytes: Buffer) => {
          text += bytes.toString("latin1");
        });
      return {
        socket,
        get text() {
          return text;
        },
        get statuses() {
          return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
        },
        closed: new Promise((resolve) => socket.once("close", resolve)),
      };
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await api[Symbol.asyncDispose]();
    },
  };
}

export const get = (path: string, headers = ""): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;
export const asOperator = ({ operator }: TestApi): string => `Authorization: Bearer ${operator}\r\n`;
