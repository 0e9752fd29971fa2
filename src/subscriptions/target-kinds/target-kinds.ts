import { type TObject, Type } from "typebox";
import { defined } from "../../domain/defined.ts";
import type { Subscription, Target, TargetName } from "../../domain/subscription.ts";
import { checkMacros, parseTemplate } from "../../domain/template.ts";
import { invalidField } from "../../errors.ts";
import type { SendingMeans } from "../../targets/sending-means.ts";
import type { PreparedTarget } from "../../targets/target.ts";
import { destination } from "./destination.ts";
import { email } from "./email.ts";
import { runsFunctions } from "./function.ts";
import { macrosAt, type NewTarget, type TargetContext, type TargetKind, type TargetPlace } from "./target-kind.ts";
import { webhook } from "./webhook.ts";

/** All kinds of targets. Documents list them in this order. */
const targetKinds = { webhook, destination, email, function: runsFunctions } satisfies {
  readonly [K in TargetName]: Omit<TargetKind<K, never, never>, "members" | "complete" | "completeChange">;
};

type Kinds = typeof targetKinds;
type InputOf<K extends TargetName> = Parameters<Kinds[K]["make"]>[2];
type ChangeOf<K extends TargetName> = Parameters<Kinds[K]["change"]>[3];
type AllOf<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

/** What is absent has its default. */
export type TargetInput = { [K in TargetName]: { readonly kind: K } & InputOf<K> }[TargetName];
/** What is absent stays; `null` takes away. What is not for its kind is refused. */
export type TargetChange = { readonly kind?: TargetName } & AllOf<ChangeOf<TargetName>>;

/** Whose input and change go with it: TypeScript does not see that of a union. */
type AnyKind = TargetKind<TargetName, object, object>;

export function targetKindOf({ kind }: { readonly kind: TargetName }): AnyKind {
  return targetKinds[kind] as unknown as AnyKind;
}

const all = Object.entries(targetKinds) as unknown as readonly (readonly [TargetName, AnyKind])[];
export const targetNames = all.map(([name]) => name);

/** What goes without saying for this caller is said. */
export async function completeTarget(
  deps: Parameters<AnyKind["complete"]>[0],
  caller: Parameters<AnyKind["complete"]>[1],
  input: TargetInput,
): Promise<TargetInput> {
  const { kind } = input;
  return { ...(await targetKindOf(input).complete(deps, caller, input)), kind } as TargetInput;
}

/** The same of a change of this target. */
export async function completeTargetChange(
  deps: Parameters<AnyKind["complete"]>[0],
  caller: Parameters<AnyKind["complete"]>[1],
  target: Target,
  { kind, ...change }: TargetChange,
): Promise<TargetChange> {
  if (kind !== undefined && kind !== target.kind) return { kind, ...change };
  return { ...defined({ kind }), ...(await targetKindOf(target).completeChange(deps, caller, change)) };
}

/** @throws SignalboxError `invalid_request` naming the field (`target.url`) and the remedy. Whether a function is there is not looked at. */
export function newTarget(deps: TargetContext, at: TargetPlace, input: TargetInput): NewTarget {
  const kind = targetKindOf(input);
  const { place } = at;
  if (!kind.answersHooks && place.face === "lifecycle" && place.definition?.phase === "pre") {
    const names = all.filter(([, { answersHooks }]) => answersHooks).map(([name]) => name);
    const why = `the operation waits for those who subscribe to ${place.event}, and only a ${names.join(" or a ")} can answer`;
    throw invalidField("target.type", `must be ${names.join(" or ")}, not ${input.kind}: ${why}`);
  }
  return kind.make(deps, at, input);
}

/** @throws SignalboxError `invalid_request` as {@link newTarget}, and for what would make another subscription of it. */
export function changedTarget(deps: TargetContext, at: TargetPlace, target: Target, change: TargetChange): Target {
  const { kind = target.kind, ...others } = change;
  if (kind !== target.kind) throw invalidField("target.type", `stays ${target.kind}: make another subscription`);
  const { members } = targetKindOf(target);
  for (const [name, value] of Object.entries(others)) {
    if (value === undefined || Object.hasOwn(members, name)) continue;
    throw invalidField(`target.${writtenAs(name)}`, `is not for a target of type ${kind}`);
  }
  return targetKindOf(target).change(deps, at, target, change);
}

function writtenAs(member: string): string {
  const [, kind] = all.find(([, { members }]) => Object.hasOwn(members, member)) ?? [];
  return (kind?.members as Readonly<Record<string, string>> | undefined)?.[member] ?? member;
}

/** @throws SignalboxError `invalid_request` about `type` for a kind that cannot take alerts. */
export function checkTakesAlerts(input: TargetInput): void {
  if (targetKindOf(input).takesAlerts) return;
  const names = all.filter(([, { takesAlerts }]) => takesAlerts).map(([name]) => name);
  throw invalidField("target.type", `must be ${names.join(" or ")}`);
}

/** That what a target which stays says is said there too. @throws SignalboxError `invalid_request` about its `url`. */
export function checkStays(deps: TargetContext, at: TargetPlace, url: string): void {
  checkMacros(parseTemplate(url), macrosAt(at, deps));
}

/** Targets in bodies of our own API: made, changed, shown. */
export const newTargetSchema = Type.Union(all.map(([, { schemas }]) => schemas.made)) as unknown as TObject;
export const changedTargetSchema = Type.Object(
  {
    type: Type.Optional(Type.Enum([...targetNames], { description: "Stays as it is." })),
    ...Object.assign({}, ...all.map(([, { schemas }]) => schemas.changed)),
  },
  { additionalProperties: false, description: "What is absent stays; `null` takes away." },
);
export const shownTargetSchema = Type.Union(all.map(([, { schemas }]) => schemas.shown)) as unknown as TObject;

/** A body that was checked has no other members. */
export function readTarget(body: object): TargetInput {
  const { type } = body as { readonly type: TargetName };
  return { kind: type, ...said(body, [type]) } as TargetInput;
}

export function readTargetChange(body: object): TargetChange {
  const { type } = body as { readonly type?: TargetName };
  return { ...defined({ kind: type }), ...said(body, targetNames) };
}

function said(body: object, names: readonly TargetName[]): object {
  const values = new Map<string, unknown>(Object.entries(body));
  const members = names.flatMap((name) => Object.entries<string>(targetKinds[name].members));
  return Object.fromEntries(
    members.filter(([, written]) => values.has(written)).map(([member, written]) => [member, values.get(written)]),
  );
}

export function showTarget(deps: Pick<TargetContext, "vault">, target: Target): Record<PropertyKey, unknown> {
  return targetKindOf(target).show(deps, target);
}

/** One way to prepare the target of any subscription. */
export function preparedBy(means: SendingMeans): (subscription: Subscription) => PreparedTarget {
  const senders = Object.fromEntries(all.map(([name, kind]) => [name, kind.prepare(means)])) as Readonly<
    Record<TargetName, (subscription: Subscription) => PreparedTarget>
  >;
  return (subscription) => senders[subscription.target.kind](subscription);
}
