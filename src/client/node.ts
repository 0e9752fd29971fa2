import { request as ask } from "node:http";
import { Readable } from "node:stream";

/** What only Node has: servers that listen on a unix socket. */

/**
 * A `fetch` for a client whose server listens on a unix socket, whatever host its `url` names (`http://signalbox`).
 *
 * @param path absolute.
 */
export function socketFetch(path: string): typeof globalThis.fetch {
  return async (input, init) => {
    const asked = new Request(input, init);
    const { pathname, search, host } = new URL(asked.url);
    const body = asked.body === null ? undefined : new Uint8Array(await asked.arrayBuffer());
    const headers = { ...Object.fromEntries(asked.headers), host };
    const { promise, resolve, reject } = withResolvers();
    const sent = ask({
      socketPath: path,
      path: pathname + search,
      method: asked.method,
      headers: body === undefined ? headers : { ...headers, "content-length": String(body.length) },
      signal: asked.signal,
    });
    sent.once("error", reject);
    sent.once("response", (answer) => {
      const status = answer.statusCode ?? 502;
      const given = Object.entries(answer.headersDistinct).flatMap(([name, values = []]) =>
        values.map((value): [string, string] => [name, value]),
      );
      const isEmpty = status === 204 || status === 304 || asked.method === "HEAD";
      if (isEmpty) answer.resume();
      const bytes = isEmpty ? null : (Readable.toWeb(answer) as unknown as ReadableStream<Uint8Array>);
      resolve(new Response(bytes, { status, statusText: answer.statusMessage ?? "", headers: given }));
    });
    sent.end(body);
    return promise;
  };
}

/** `Promise.withResolvers`, which Node 20 has not. */
function withResolvers(): {
  readonly promise: Promise<Response>;
  readonly resolve: (response: Response) => void;
  readonly reject: (error: Error) => void;
} {
  let resolve!: (response: Response) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<Response>((resolved, rejected) => {
    resolve = resolved;
    reject = rejected;
  });
  return { promise, resolve, reject };
}
