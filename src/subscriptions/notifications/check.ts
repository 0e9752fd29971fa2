import type { Principal } from "../../domain/access.ts";
import { anyResource, type Uuid } from "../../domain/ids.ts";
import { type HeardAnywhere, heardAnywhere, heardName } from "../../domain/notifications/heard-events.ts";
import { macroNames } from "../../domain/notifications/macros.ts";
import type { ResourceKind } from "../../domain/notifications/resource-kinds.ts";
import type { Subscription } from "../../domain/subscription.ts";
import { checkMacros, parseTemplate, type Template } from "../../domain/template.ts";
import { isAdmin } from "../../domain/visibility.ts";
import { SignalboxError } from "../../errors.ts";
import { resourceAt, seenResource } from "../../platform/registry.ts";
import type { NotificationDeps } from "./deps.ts";
import { urlOf } from "./facts.ts";
import { Problems } from "./problems.ts";
import type { Wish } from "./wish.ts";

type CheckDeps = Pick<NotificationDeps, "store" | "kinds">;

/** A wish that may be granted. */
export interface Checked {
  /** As it is called there, whatever the case of its letters was. */
  readonly event: string;
  /** What is doubtful about it, for who asked. */
  readonly warnings: readonly string[];
}

/**
 * That the caller sees the resource, that it has such an event, and that the url holds no macros that it has not.
 *
 * @throws SignalboxError `not_found` about the resource; `forbidden` for all resources, which only admins hear of;
 * `invalid_request` about `event` and `url`.
 */
export async function checkWish(
  deps: CheckDeps,
  caller: Principal,
  wish: Wish,
  before: Subscription | undefined,
): Promise<Checked> {
  const kind = await kindOf(deps, caller, wish);
  const problems = new Problems();
  const { event, warning } = problems.read<HeardAnywhere>({ event: wish.event }, () =>
    isAsBefore(wish, before) ? { event: wish.event } : eventFor(deps, wish, kind),
  );
  problems.read(undefined, () => {
    const template = toCheck(wish, before);
    if (template !== undefined) checkMacros(template, macroNames(kind?.name, deps.kinds));
  });
  problems.tell();
  return { event, warnings: warning === undefined ? [] : [warning] };
}

/** What was granted once stays, whatever there is now. */
function isAsBefore({ event, scope }: Wish, before: Subscription | undefined): boolean {
  return before !== undefined && event === before.event && scope === before.scope;
}

function eventFor(
  { kinds }: CheckDeps,
  { event, scope }: Pick<Wish, "event" | "scope">,
  kind: ResourceKind | undefined,
): HeardAnywhere {
  if (event === "*") return { event };
  if (scope === anyResource) return heardAnywhere(kinds, event);
  return { event: kind === undefined ? event : heardName(kinds, kind, event) };
}

/** `undefined` for any resource, and for one of a kind that is not known. */
async function kindOf(deps: CheckDeps, caller: Principal, { scope, named }: Wish): Promise<ResourceKind | undefined> {
  if (scope === anyResource) {
    if (named && !isAdmin(caller)) {
      const message = "associatedUuid: only admins may subscribe to all resources (*): name one that you see";
      throw new SignalboxError("forbidden", message);
    }
    return undefined;
  }
  return deps.kinds.byName(await kindNameOf(deps, caller, { scope, named }));
}

/** Of a resource that stays as it is, its owner need not see anything any more to change where to and how long. */
async function kindNameOf(
  { store, kinds }: CheckDeps,
  caller: Principal,
  { scope, named }: { readonly scope: Uuid; readonly named: boolean },
): Promise<string> {
  if (named) return (await seenResource(store, caller, scope)).kind;
  return kinds.of(scope)?.name ?? (await resourceAt(store, caller.tenant, scope))?.kind ?? "";
}

/** What stays as it is was checked for the resource that it is about. */
function toCheck({ target, named }: Wish, before: Subscription | undefined): Template | undefined {
  switch (target.kind) {
    case "webhook":
      return target.template;
    case "email":
      return target.template ?? parseTemplate(target.address);
    case "same":
      return before === undefined || !named ? undefined : parseTemplate(urlOf(before));
    default:
      return target satisfies never;
  }
}
