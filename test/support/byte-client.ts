/** A client of which a test says each byte, and sees each that comes back. */
import { connect, type Socket } from "node:net";

export interface ByteClient {
  readonly socket: Socket;
  /** What came so far. */
  readonly text: string;
  /** Statuses of the answers that began so far. */
  readonly statuses: readonly number[];
  readonly closed: Promise<unknown>;
}

export function byteClient(port: number): ByteClient {
  const socket = connect(port, "127.0.0.1");
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
}
