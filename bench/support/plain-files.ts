import { randomUUID } from "node:crypto";
import { readFile, type Stats, stat } from "node:fs";
import { open, readdir, stat as statFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import { join, normalize } from "node:path";

/**
 * A file server as plain as Node makes one, in a process of its own: no signatures, no database, no buckets. The path, decoded and kept inside,
 * is that of a file below the folder that it is started with. GET asks for the size and time of the file and reads it (`fs.stat`, `fs.readFile`), HEAD
 * only asks, PUT writes it and syncs it, GET with a query lists a folder with sizes and times. The headers are those of Signalbox's answers: time,
 * length and ETag of the file, an id for each request, and what is the same for all.
 */
const folder = process.argv[2] ?? "";

const fixed = {
  "x-signalbox-uuid": "00000000-0000-7000-8000-000000000000-002",
  "content-type": "binary/octet-stream",
  "accept-ranges": "bytes",
};

const named = (): Record<string, string> => ({ "x-amz-request-id": randomUUID(), "x-amz-id-2": randomUUID() });

const tagOf = ({ size, mtimeMs }: Stats): string => `"${size.toString(16)}-${Math.trunc(mtimeMs).toString(16)}"`;

function fail(response: ServerResponse): void {
  response.writeHead(404, { "content-length": 0 }).end();
}

function tell(response: ServerResponse, found: Stats, bytes?: Buffer): void {
  const { size, mtime } = found;
  const about = { etag: tagOf(found), "content-length": size, "last-modified": mtime.toUTCString() };
  response.writeHead(200, { ...named(), ...fixed, ...about });
  response.end(bytes);
}

function read(response: ServerResponse, path: string, isHead: boolean): void {
  stat(path, (missing, found) => {
    if (missing !== null) return fail(response);
    if (isHead) return tell(response, found);
    readFile(path, (error, bytes) => (error === null ? tell(response, found, bytes) : fail(response)));
  });
}

async function keep(response: ServerResponse, path: string, body: AsyncIterable<Uint8Array>): Promise<void> {
  await using file = await open(path, "w");
  for await (const bytes of body) await file.write(bytes);
  await file.datasync();
  response.writeHead(200, { ...named(), etag: tagOf(await file.stat()), "content-length": 0 });
  response.end();
}

async function list(response: ServerResponse, path: string): Promise<void> {
  const names = await readdir(path);
  const files = await Promise.all(names.map((name) => statFile(join(path, name))));
  const entries = names.map((name, index) => {
    const found = files[index];
    if (found === undefined) return "";
    const [modified, tag] = [found.mtime.toISOString(), tagOf(found)];
    return `<Contents><Key>${name}</Key><LastModified>${modified}</LastModified><ETag>${tag}</ETag><Size>${found.size}</Size></Contents>`;
  });
  const body = `<ListBucketResult>${entries.join("")}</ListBucketResult>`;
  response.writeHead(200, { "content-type": "application/xml", "content-length": Buffer.byteLength(body) });
  response.end(body);
}

/** Where the file is; `undefined`: not below the folder. */
function placeOf(url: string): string | undefined {
  const path = normalize(join(folder, decodeURIComponent(url)));
  return path.startsWith(folder) ? path : undefined;
}

const server = createServer((request, response) => {
  const [path = "/", query] = (request.url ?? "/").split("?");
  const file = placeOf(path);
  if (file === undefined) fail(response);
  else if (query !== undefined) void list(response, file);
  else if (request.method === "PUT") void keep(response, file, request);
  else read(response, file, request.method === "HEAD");
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ port: typeof address === "object" ? address?.port : 0 });
});
process.on("disconnect", () => process.exit());
