import type { OutgoingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply } from "fastify";
import { Type } from "typebox";

/** Bodies that are no JSON: they are streamed, never held. */

/** What a route answers whose `bytes` are `out`. */
export interface BytesAnswer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  /** As many as `content-length` says; none to a HEAD. */
  readonly bytes: Buffer | Readable;
}

const binary = { type: "string", format: "binary" } as const;

/** `data` of such a route. */
export const bytesAnswer = Type.Unsafe<BytesAnswer>(binary);

/** The body of a route whose `bytes` are `in`, as it is documented. */
export const bytesBody = Type.Unsafe<undefined>(binary);

/** Hands the bytes on as fast as the client takes them. */
export function sendBytes(reply: FastifyReply, { status, headers, bytes }: BytesAnswer): Buffer | Readable {
  reply.code(status).headers(headers);
  return bytes;
}

/** In place of whatever the server would read: bodies come to the routes of `scope` as they are, of whatever type. */
export function leaveBodies(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", async () => undefined);
}
