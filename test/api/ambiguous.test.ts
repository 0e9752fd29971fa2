/** Requests that a proxy in front could read otherwise than the server: refused on both ports, and nothing is done. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ListBucketsCommand } from "@aws-sdk/client-s3";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { shared } from "../support/shared.ts";
import { raw, sign } from "../support/sign.ts";

const server = shared(() => runServer());

interface Face {
  readonly port: number;
  readonly host: string;
  /** Header lines that prove who asks, for `GET path`; host is not among them. */
  readonly auth: (path: string) => readonly string[];
  readonly path: string;
}

function faces({ url, s3Url, token, credentials }: RunningServer): readonly Face[] {
  const api = new URL(url);
  const s3 = new URL(s3Url);
  const signed = (path: string): string[] =>
    Object.entries(sign(s3.host, credentials, { method: "GET", path }).headers)
      .filter(([name]) => name !== "host")
      .map(([name, value]) => `${name}: ${value}`);
  return [
    {
      port: Number(api.port),
      host: api.host,
      auth: () => [`authorization: Bearer ${token}`],
      path: "/api/cloud/tokens/",
    },
    { port: Number(s3.port), host: s3.host, auth: signed, path: "/" },
  ];
}

const request = (line: string, headers: readonly string[], rest = ""): string =>
  `${[`${line} HTTP/1.1`, ...headers].join("\r\n")}\r\n\r\n${rest}`;

/** What is wrong with a request, given its line, its host and what proves who asks. */
const forms: readonly (readonly [what: string, make: (face: Face) => string])[] = [
  [
    "two hosts",
    ({ path, host, auth }) => request(`GET ${path}`, [`host: ${host}`, "host: evil.example", ...auth(path)]),
  ],
  [
    "two hosts, the other first",
    ({ path, host, auth }) => request(`GET ${path}`, ["Host: evil.example", `hOst: ${host}`, ...auth(path)]),
  ],
  [
    "the same host twice",
    ({ path, host, auth }) => request(`GET ${path}`, [`host: ${host}`, `host: ${host}`, ...auth(path)]),
  ],
  [
    "a host with a list",
    ({ path, host, auth }) => request(`GET ${path}`, [`host: ${host}, evil.example`, ...auth(path)]),
  ],
  ["a host with a path", ({ path, host, auth }) => request(`GET ${path}`, [`host: ${host}/x`, ...auth(path)])],
  ["a host with a user", ({ path, host, auth }) => request(`GET ${path}`, [`host: evil@${host}`, ...auth(path)])],
  ["no host", ({ path, auth }) => request(`GET ${path}`, [...auth(path)])],
  [
    "two authorizations",
    ({ path, host, auth }) => request(`GET ${path}`, [`host: ${host}`, ...auth(path), "authorization: Bearer other"]),
  ],
  [
    "a URL with another host",
    ({ path, host, auth }) => request(`GET http://evil.example${path}`, [`host: ${host}`, ...auth(path)]),
  ],
  [
    "a URL with another port",
    ({ path, host, auth }) =>
      request(`GET http://${host.replace(/:.*/, ":1")}${path}`, [`host: ${host}`, ...auth(path)]),
  ],
  [
    "two lengths",
    ({ path, host, auth }) =>
      request(`GET ${path}`, [`host: ${host}`, ...auth(path), "content-length: 0", "content-length: 5"], "abcde"),
  ],
  [
    "the same length twice",
    ({ path, host, auth }) =>
      request(`GET ${path}`, [`host: ${host}`, ...auth(path), "content-length: 5", "content-length: 5"], "abcde"),
  ],
  [
    "a list of lengths",
    ({ path, host, auth }) => request(`GET ${path}`, [`host: ${host}`, ...auth(path), "content-length: 5, 5"], "abcde"),
  ],
  [
    "a signed length",
    ({ path, host, auth }) => request(`GET ${path}`, [`host: ${host}`, ...auth(path), "content-length: +5"], "abcde"),
  ],
  [
    "a length and chunks",
    ({ path, host, auth }) =>
      request(
        `GET ${path}`,
        [`host: ${host}`, ...auth(path), "content-length: 5", "transfer-encoding: chunked"],
        "0\r\n\r\n",
      ),
  ],
  [
    "chunks and a length",
    ({ path, host, auth }) =>
      request(
        `GET ${path}`,
        [`host: ${host}`, ...auth(path), "transfer-encoding: chunked", "content-length: 5"],
        "0\r\n\r\n",
      ),
  ],
  [
    "chunks that are not last",
    ({ path, host, auth }) =>
      request(`GET ${path}`, [`host: ${host}`, ...auth(path), "transfer-encoding: chunked, identity"], "0\r\n\r\n"),
  ],
  [
    "two encodings",
    ({ path, host, auth }) =>
      request(
        `GET ${path}`,
        [`host: ${host}`, ...auth(path), "transfer-encoding: chunked", "transfer-encoding: identity"],
        "0\r\n\r\n",
      ),
  ],
  [
    "an encoding of another name",
    ({ path, host, auth }) =>
      request(`GET ${path}`, [`host: ${host}`, ...auth(path), "transfer-encoding: xchunked"], "0\r\n\r\n"),
  ],
  [
    "a blank before the colon",
    ({ path, host, auth }) => request(`GET ${path}`, [`host: ${host}`, ...auth(path), "content-length : 5"], "abcde"),
  ],
  [
    "a line that is folded",
    ({ path, host, auth }) =>
      request(`GET ${path}`, [`host: ${host}`, ...auth(path), "x-a: b", " content-length: 5"], "abcde"),
  ],
  [
    "lines that end with LF alone",
    ({ path, host, auth }) => request(`GET ${path}`, [`host: ${host}`, ...auth(path)]).replaceAll("\r\n", "\n"),
  ],
  [
    "one line that ends with LF alone",
    ({ path, host, auth }) => request(`GET ${path}`, [`host: ${host}`, ...auth(path), "x-a: b\nx-b: c"]),
  ],
  [
    "a CR within a line",
    ({ path, host, auth }) => request(`GET ${path}`, [`host: ${host}`, ...auth(path), "x-a: b\rx-b: c"]),
  ],
  [
    "a NUL in a header",
    ({ path, host, auth }) => request(`GET ${path}`, [`host: ${host}`, ...auth(path), "x-a: b\0c"]),
  ],
];

describe("a request that could be read in two ways", () => {
  for (const [what, make] of forms) {
    it(`is refused for ${what}`, async () => {
      for (const face of faces(server())) {
        const answers = await raw(face.port, [make(face)]);
        assert.equal(answers[0]?.status, 400, `${face.path} ${answers[0]?.body}`);
      }
    });
  }

  it("is told from one that cannot: the absolute form with its own host, and any case of it", async () => {
    for (const { port, host, auth, path } of faces(server())) {
      for (const url of [`http://${host}${path}`, `HTTP://${host}${path}`, path]) {
        const [answer] = await raw(port, [
          request(`GET ${url}`, [`host: ${host}`, "connection: close", ...auth(path)]),
        ]);
        assert.equal(answer?.status, 200, `${url} ${answer?.body}`);
      }
    }
    await server().s3.send(new ListBucketsCommand({}));
  });
});
