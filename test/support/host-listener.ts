/** Requests to the host interface of a running server, wherever it listens. */
import { type IncomingHttpHeaders, request } from "node:http";

export interface HostRequest {
  readonly method: string;
  readonly path: string;
  readonly token?: string;
  /** JSON, or a text as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HostAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // Tests read answers of every form.
  readonly json: Readonly<Record<string, unknown>>;
}

/** @param url as `Signalbox.hostUrl` is: `unix:/path`, or of a port. */
export function askHost(url: string, { method, path, token, body, headers = {} }: HostRequest): Promise<HostAnswer> {
  const at = url.startsWith("unix:")
    ? { socketPath: url.slice("unix:".length) }
    : { hostname: new URL(url).hostname, port: new URL(url).port };
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const asking = request({
      ...at,
      method,
      path,
      agent: false,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(text === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
        ...headers,
      },
    });
    asking.once("error", reject);
    asking.once("response", (response) => {
      let said = "";
      response.setEncoding("utf8").on("data", (piece: string) => {
        said += piece;
      });
      response.once("error", reject);
      response.once("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: said,
          json: said.startsWith("{") ? (JSON.parse(said) as Readonly<Record<string, unknown>>) : {},
        }),
      );
    });
    asking.end(text);
  });
}
