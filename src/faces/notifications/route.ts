import type { TSchema } from "typebox";
import type { Context, SubscriptionContext } from "../../context.ts";
import type { Json } from "../../domain/event.ts";
import type { FieldType } from "../../domain/notifications/search.ts";
import type { Reference } from "../../subscriptions/find.ts";
import type { CallerQuestion } from "../http/caller-route.ts";
import type { Edited } from "../http/edited.ts";
import type { ReadQuery } from "./query.ts";

/** One route of the notifications face, and what all work with. */

export type NotificationsContext = SubscriptionContext &
  Pick<Context, "slices" | "offload" | "publicUrl" | "nextRecord">;

/** Which subscription a path names. */
export function referenceOf(params: FaceAsked["params"]): Reference<"notifications"> {
  return { surface: "notifications", id: params["uuid"] ?? "" };
}

export interface FaceAsked extends CallerQuestion {
  readonly query: ReadQuery;
  /** As it came: verbs read it, because its properties may be written in any case of letters. */
  readonly body: unknown;
  /** Of a route with {@link FaceRoute.edited}: what the verb works with, so that its commit holds only while `If-Match` fits. */
  readonly conditional: <Deps extends Pick<Context, "publish">>(deps: Deps) => Deps;
}

export interface FaceRoute {
  /** Several that do the same. */
  readonly methods: readonly ("GET" | "POST" | "PUT" | "PATCH" | "DELETE")[];
  /** Below the face's own. */
  readonly path: string;
  /** What it does, as a sentence without a full stop. */
  readonly summary: string;
  readonly description?: string;
  readonly status?: 201;
  /** Of a list: what can be searched for. */
  readonly search?: Readonly<Record<string, FieldType>>;
  /** For the documentation. */
  readonly body?: TSchema;
  readonly result: TSchema;
  /** What it shows or changes, which has an `ETag`. Throws when the caller sees no such thing. */
  edited?(this: void, asked: Pick<FaceAsked, "caller" | "params">): Promise<Edited>;
  handle(asked: FaceAsked): Promise<Json>;
}
