import type { TSchema } from "typebox";
import type { Context, SubscriptionContext } from "../../context.ts";
import type { Json } from "../../domain/event.ts";
import type { FieldType } from "../../domain/notifications/search.ts";
import type { Reference } from "../../subscriptions/find.ts";
import type { CallerQuestion } from "../http/caller-route.ts";
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
  handle(asked: FaceAsked): Promise<Json>;
}
