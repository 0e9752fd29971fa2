import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

/** A server of somebody's on a free port of this machine. */
export interface Listening extends AsyncDisposable {
  readonly url: string;
}

export async function listening(handle: RequestListener): Promise<Listening> {
  const server = createServer(handle);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
