import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";

/** An answer that is the same for every caller: bytes made once, that a client which has them already is spared. */
export interface Constant {
  readonly type: string;
  readonly bytes: Buffer;
  /** Strong: of exactly these bytes. */
  readonly eTag: string;
}

export function constant(type: string, text: string): Constant {
  const bytes = Buffer.from(text);
  return { type, bytes, eTag: `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 32)}"` };
}

/** 304 when the caller has it already (`If-None-Match`). It may be kept, and asked for again each time. */
export function sendConstant({ headers }: FastifyRequest, reply: FastifyReply, constant: Constant): FastifyReply {
  reply.headers({ etag: constant.eTag, "cache-control": "no-cache" });
  if (isAmong(headers["if-none-match"], constant.eTag)) return reply.code(304).send();
  return reply.type(constant.type).send(constant.bytes);
}

/** RFC 9110 §13.1.2: compared weakly. */
function isAmong(header: string | undefined, eTag: string): boolean {
  if (header === undefined) return false;
  return header.split(",").some((entry) => ["*", eTag].includes(entry.trim().replace(/^W\//, "")));
}
