import { type TObject, type TProperties, type TSchema, Type } from "typebox";
import type { Context } from "../../context.ts";
import type { Principal } from "../../domain/access.ts";
import { commonMacros } from "../../domain/notifications/known-kinds.ts";
import { macroNames } from "../../domain/notifications/macros.ts";
import type { ResourceKinds } from "../../domain/notifications/resource-kinds.ts";
import type { EventView } from "../../domain/notifications/view.ts";
import { fieldsText } from "../../domain/path.ts";
import type { RetryPolicy } from "../../domain/retry.ts";
import type { Subscription, Target, TargetName, TargetOf } from "../../domain/subscription.ts";
import type { Template } from "../../domain/template.ts";
import { SignalboxError } from "../../errors.ts";
import type { SendingMeans } from "../../targets/sending-means.ts";
import type { PreparedTarget } from "../../targets/target.ts";
import type { Place } from "../place.ts";
import type { SurfaceRules } from "../surfaces.ts";

/**
 * Everything that verbs, faces and sending have to know of one kind of target, beside what `domain/subscription.ts` says of it. Nothing is
 * optional: a kind that leaves a part out does not compile.
 */
export interface TargetKind<K extends TargetName, Input, Change> {
  /** What may be said of it, beside its type: by the name that it has here, the one that it has in bodies. */
  readonly members: Readonly<Record<Extract<keyof Input | keyof Change, string>, string>>;
  /** In bodies of our own API. */
  readonly schemas: {
    readonly made: TObject;
    /** Members of a change; what another kind has too is written there once, by the last that has it. */
    readonly changed: TProperties;
    readonly shown: TObject;
  };
  /** Whether it can answer what comes before an operation. */
  readonly answersHooks: boolean;
  /** Why there is nothing on the wire to be kept of what was acknowledged. `undefined`: there is. */
  readonly uncaptured: string | undefined;
  /** Whether a tenant's alerts may go there. */
  readonly takesAlerts: boolean;
  /** How it is tried again whatever was said, and why that is not for its owner to say. `undefined`: as its owner says. */
  readonly retries: { readonly policy: RetryPolicy; readonly why: string } | undefined;
  /** What becomes of its macros for one event. `undefined`: it has none. */
  readonly expand: ((template: Template, view: EventView, kinds: ResourceKinds) => string) | undefined;
  /** With what goes without saying for this caller. */
  complete(deps: Pick<Context, "store" | "config">, caller: Principal, input: Input): Promise<Input>;
  /** The same of a change. */
  completeChange(deps: Pick<Context, "store" | "config">, caller: Principal, change: Change): Promise<Change>;
  /** @throws SignalboxError `invalid_request` naming the field and the remedy. Whether what it names is there is not looked at. */
  make(deps: TargetContext, at: TargetPlace, input: Input): NewTarget;
  /** @throws SignalboxError as {@link make}, and for what would make another subscription of it. */
  change(deps: TargetContext, at: TargetPlace, target: TargetOf<K>, change: Change): TargetOf<K>;
  /** As its schema says. Secrets are not shown. */
  show(deps: Pick<TargetContext, "vault">, target: TargetOf<K>): Record<PropertyKey, unknown>;
  /** How deliveries leave. */
  readonly prepare: (
    means: SendingMeans,
  ) => (subscription: Subscription & { readonly target: TargetOf<K> }) => PreparedTarget;
}

/** What the verbs on targets work with. */
export type TargetContext = Pick<Context, "vault" | "clock" | "egressAllow" | "kinds">;

/** For which place a target is, and by which way it was asked for. */
export interface TargetPlace {
  readonly place: Place;
  readonly rules: Pick<SurfaceRules, "targetPath" | "addressField" | "takesLogin">;
  /** Of the target that it takes the place of: a webhook keeps its signing keys. */
  readonly before?: Target;
}

export interface NewTarget {
  readonly target: Target;
  /** Of a webhook, to be shown once. */
  readonly signingSecret?: string;
}

export type Unsaid<T> = { readonly [Name in keyof T]?: T[Name] | undefined };

/** Macros that have a value for every event which may come there. */
export function macrosAt(
  { place }: Pick<TargetPlace, "place">,
  { kinds }: Pick<TargetContext, "kinds">,
): readonly string[] {
  switch (place.face) {
    case "objects":
      return macroNames("file", kinds);
    case "lifecycle":
      return commonMacros;
    case "notifications":
      return macroNames(place.kind?.name, kinds);
    default:
      return place satisfies never;
  }
}

/** Gives the problems of a part paths from the target; `url` under the name that the caller knows it by. */
export function inTarget<T>({ rules }: TargetPlace, run: () => T, url = "url"): T {
  try {
    return run();
  } catch (thrown) {
    if (!(thrown instanceof SignalboxError) || thrown.fields.length === 0) throw thrown;
    const fields = thrown.fields.map(({ path, message }) => ({
      path: `${rules.targetPath}${path === "url" ? url : path}`,
      message,
    }));
    throw new SignalboxError(thrown.code, fieldsText(fields), { fields });
  }
}

export function orNull<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}
