/** A way to an S3 endpoint on which things go wrong as they do with real ones. */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Fault =
  /** An answer in place of the endpoint's, which never hears of the request. */
  | { readonly status: number; readonly code: string }
  /** The connection ends without an answer, and the endpoint never hears of it. */
  | "reset"
  /** The endpoint does what it was asked for, and its answer is lost. */
  | "answer lost"
  /** The answer's body breaks off. */
  | { readonly cutAfter: number }
  /** The answer's body ends, as if that were all of it, without a length before it. */
  | { readonly endAfter: number }
  /** One byte of the answer's body is another. */
  | { readonly corruptAt: number }
  /** The answer never begins. */
  | "hangs"
  /** The answer's body stands still. */
  | { readonly stallAfter: number }
  /** The answer has other headers. */
  | { readonly headers: Readonly<Record<string, string>> }
  /** The endpoint is asked for the whole. */
  | "range ignored";

export interface HostileS3 extends AsyncDisposable {
  readonly url: string;
  /** Requests so far: `PUT /bucket/key`. */
  readonly seen: readonly string[];
  /** The next so many requests that look like `which` go wrong. */
  hurt(which: RegExp, fault: Fault, times?: number): void;
  /** Nothing goes wrong any more. */
  heal(): void;
  /** Resolves when a request hangs or stands still. */
  readonly still: Promise<void>;
}

/** In front of the endpoint at `behind`. */
export async function hostileS3(behind: string): Promise<HostileS3> {
  const { hostname, port } = new URL(behind);
  const seen: string[] = [];
  const faults: { readonly which: RegExp; readonly fault: Fault; left: number }[] = [];
  const { promise: still, resolve: stands } = Promise.withResolvers<void>();

  const faultOf = (line: string): Fault | undefined => {
    const found = faults.find(({ which, left }) => left > 0 && which.test(line));
    if (found === undefined) return undefined;
    found.left -= 1;
    return found.fault;
  };
  const pass = (request: IncomingMessage, response: ServerResponse, fault: Fault | undefined): void => {
    const headers = { ...request.headers };
    // It is not among what is signed.
    if (fault === "range ignored") delete headers.range;
    const onward = httpRequest({ hostname, port, method: request.method, path: request.url, headers }, (answer) => {
      if (fault === "answer lost") {
        answer.resume().once("end", () => request.socket.destroy());
        return;
      }
      relay(answer, response, { fault, stands });
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  };
  const server = createServer((request, response) => {
    const line = `${request.method} ${request.url}`;
    seen.push(line);
    const fault = faultOf(line);
    if (fault === "hangs") {
      request.resume();
      return stands();
    }
    if (fault === "reset") return void request.socket.destroy();
    if (typeof fault === "object" && "status" in fault) {
      request.resume();
      response.writeHead(fault.status, { "content-type": "application/xml" });
      return void response.end(`<Error><Code>${fault.code}</Code><Message>so it is</Message></Error>`);
    }
    pass(request, response, fault);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    hurt: (which, fault, times = 1) => void faults.push({ which, fault, left: times }),
    heal: () => void faults.splice(0),
    still,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What goes wrong with an answer's body, each by how many bytes came before it. */
interface OddBody {
  readonly cutAfter?: number;
  readonly endAfter?: number;
  readonly stallAfter?: number;
  readonly corruptAt?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

function relay(
  answer: IncomingMessage,
  response: ServerResponse,
  { fault, stands }: { readonly fault: Fault | undefined; readonly stands: () => void },
): void {
  const odd: OddBody = typeof fault === "object" && !("status" in fault) ? fault : {};
  const headers = { ...answer.headers, ...odd.headers };
  if (odd.endAfter !== undefined) delete headers["content-length"];
  response.writeHead(answer.statusCode ?? 500, headers);
  response.flushHeaders();
  let sent = 0;
  answer.on("data", (piece: Buffer) => {
    const limit = odd.cutAfter ?? odd.endAfter ?? odd.stallAfter ?? Infinity;
    const part = piece.subarray(0, Math.max(0, limit - sent));
    if (odd.corruptAt !== undefined && odd.corruptAt >= sent && odd.corruptAt < sent + part.length) {
      const at = odd.corruptAt - sent;
      part[at] = (part[at] ?? 0) ^ 1;
    }
    sent += part.length;
    const isOver = part.length < piece.length;
    if (isOver) answer.destroy();
    response.write(part, () => {
      if (!isOver) return;
      if (odd.stallAfter !== undefined) stands();
      else if (odd.endAfter !== undefined) response.end();
      else response.destroy();
    });
  });
  answer.once("end", () => response.end());
  answer.on("error", () => {});
  response.once("close", () => answer.destroy());
}
