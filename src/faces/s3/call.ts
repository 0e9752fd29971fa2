import type { IncomingHttpHeaders } from "node:http";
import type { Context, StorageContext } from "../../context.ts";
import type { Principal } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import type { Vault } from "../../secrets/vault.ts";
import type { ObjectQueries } from "../../storage/query-objects.ts";
import type { ObjectPlace } from "../../storage/write-object.ts";
import type { ClientConnections } from "../http/front/connections.ts";
import type { Address } from "./addressing.ts";
import type { S3Answer, S3Exchange } from "./exchange.ts";

export type { S3Answer } from "./exchange.ts";

import type { S3Limits } from "./limits.ts";
import type { Verified } from "./wire/sigv4.ts";
import { inOneGo } from "./wire/xml-read.ts";

/** What the S3 endpoint works with. */
export interface S3Context
  extends StorageContext,
    Pick<Context, "slices" | "wake" | "prepareTarget" | "config" | "egressAllow" | "kinds"> {
  /** Given the tenant of each recognised client, so that outsiders do not take its place. */
  readonly connections: ClientConnections;
  readonly vault: Vault;
  readonly limits: S3Limits;
  /** Names of the endpoint below which a bucket's name may stand in `Host`, in lower case. */
  readonly domains: readonly string[];
  /** Lists of what a filter wants. */
  readonly queries: ObjectQueries;
  /** How long a write or delete waits for its hooks. */
  readonly hookChainMs: number;
  /** Whether reading an object's bytes raises `DOWNLOAD` on its file, at the cost of a commit for each read. */
  readonly downloadEvents: boolean;
  /** False while stopping: every request is answered 503 then. */
  readonly accepting: () => boolean;
}

/** One request whose sender is known. */
export interface S3Call {
  readonly context: S3Context;
  readonly exchange: S3Exchange;
  readonly address: Address;
  readonly principal: Principal;
  /** Whose the key is at this moment: bytes may come for hours. @throws S3Error InvalidAccessKeyId once it was taken away */
  readonly signer: () => Promise<Principal>;
  /** What the signature says of the body. */
  readonly auth: Pick<Verified<unknown>, "payload"> & Partial<Pick<Verified<unknown>, "chunkSigning">>;
  readonly query: URLSearchParams;
  /** Those of the request, and those that a presigned URL carries in its query. */
  readonly headers: IncomingHttpHeaders;
}

export interface BucketCall extends S3Call {
  readonly bucketName: string;
}

export interface ObjectCall extends BucketCall {
  readonly key: string;
}

export type S3Handler<C extends S3Call> = (call: C) => Promise<S3Answer>;

/** Who changes objects here, by which way, and how long they wait for hooks. */
export function doing({ context, exchange, principal }: S3Call): Omit<ObjectPlace, "bucket" | "key" | "precondition"> {
  const { requestId: id, hostId } = exchange;
  const address = exchange.request.socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/i, "");
  const request = { id, hostId, ...defined({ address }) };
  return { principal, origin: "s3", request, chainMs: context.hookChainMs, signal: exchange.whenGone };
}

/** Up to so many bytes or characters, reading or writing a document takes about a millisecond. */
const smallDocument = 16_384;

/** What `work` comes to: at once, or when `size` is not small, a little in each turn of the loop, at the cost of the caller's tenant. */
export function inTurns<T>(
  { context, exchange, principal }: S3Call,
  size: number,
  work: Generator<void, T, void>,
): Promise<T> {
  if (size > smallDocument) return context.slices.run(principal.tenant, work, exchange.whenGone);
  return new Promise((resolve) => resolve(inOneGo(work)));
}
