import { readFile, stat } from "node:fs";
import { open, readdir, stat as statFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import { join } from "node:path";

/**
 * A file server as plain as Node makes one, in a process of its own: no signatures, no database, no buckets. The path is the file's below the
 * folder that it is started with. GET reads the file (`fs.readFile`), HEAD asks for its size and time (`fs.stat`), PUT writes it and syncs it,
 * GET of a folder lists it with sizes and times. The headers are those of Signalbox's answers, most of them a fixed text.
 */
const folder = process.argv[2] ?? "";

const fixed = {
  etag: '"d41d8cd98f00b204e9800998ecf8427e"',
  "x-signalbox-uuid": "00000000-0000-7000-8000-000000000000-002",
  "content-type": "binary/octet-stream",
  "last-modified": new Date().toUTCString(),
  "accept-ranges": "bytes",
  "x-amz-request-id": "0123456789ABCDEF",
  "x-amz-id-2": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3",
};

function fail(response: ServerResponse): void {
  response.writeHead(404, { "content-length": 0 }).end();
}

function read(response: ServerResponse, path: string): void {
  readFile(path, (error, bytes) => {
    if (error !== null) return fail(response);
    response.writeHead(200, { ...fixed, "content-length": bytes.length });
    response.end(bytes);
  });
}

function tell(response: ServerResponse, path: string): void {
  stat(path, (error, { size, mtime }) => {
    if (error !== null) return fail(response);
    response.writeHead(200, { ...fixed, "content-length": size, "last-modified": mtime.toUTCString() });
    response.end();
  });
}

async function keep(response: ServerResponse, path: string, body: AsyncIterable<Uint8Array>): Promise<void> {
  await using file = await open(path, "w");
  for await (const bytes of body) await file.write(bytes);
  await file.datasync();
  response.writeHead(200, { ...fixed, "content-length": 0 });
  response.end();
}

async function list(response: ServerResponse, path: string): Promise<void> {
  const names = await readdir(path);
  const files = await Promise.all(names.map((name) => statFile(join(path, name))));
  const entries = names.map((name, index) => {
    const { size = 0, mtime = new Date(0) } = files[index] ?? {};
    const modified = mtime.toISOString();
    return `<Contents><Key>${name}</Key><LastModified>${modified}</LastModified><ETag>${fixed.etag}</ETag><Size>${size}</Size></Contents>`;
  });
  const body = `<ListBucketResult>${entries.join("")}</ListBucketResult>`;
  response.writeHead(200, { "content-type": "application/xml", "content-length": Buffer.byteLength(body) });
  response.end(body);
}

const server = createServer((request, response) => {
  const [path = "/", query] = (request.url ?? "/").split("?");
  const file = folder + path;
  if (query !== undefined) void list(response, file);
  else if (request.method === "HEAD") tell(response, file);
  else if (request.method === "PUT") void keep(response, file, request);
  else read(response, file);
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" ? address?.port : 0 });
});
process.on("disconnect", () => process.exit());
