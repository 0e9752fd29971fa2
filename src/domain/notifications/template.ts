import { invalidField } from "../../errors.ts";
import { didYouMean } from "../did-you-mean.ts";
import type { JsonObject } from "../merge-patch.ts";
import { commonMacros, permissionMacros } from "./macro-names.ts";
import type { ResourceKinds } from "./resource-kinds.ts";

/** The url of a subscription as its owner wrote it: `https://ci.example/hook?job=${JOB_ID}`, `me+${EVENT}@example.com`. */

/** What macros, payloads and mails read of an event. */
export interface EventView {
  /** Name of the kind of resource; empty when it is not known. */
  readonly kind: string;
  /** Of the resource. */
  readonly uuid: string;
  /** `OVERWRITTEN`. */
  readonly event: string;
  /** Who caused it. */
  readonly actor: string | undefined;
  /** Whose resource it is. */
  readonly owner: string | undefined;
  /** RFC 3339. */
  readonly time: string;
  /** What payloads show of the resource. */
  readonly resource: JsonObject;
  /** Where it is told at what its resource lies in: what happened to that resource, in its own words; and where that is told. */
  readonly of?: { readonly event: string; readonly kind: string; readonly uuid: string };
  readonly parent?: { readonly kind: string; readonly uuid: string };
  /** The grant that a PERMISSION_… event is about. */
  readonly permission?: {
    readonly id: string;
    readonly permission: string;
    readonly username: string;
    readonly lastUpdated: string;
  };
}

export type TemplatePart =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "macro"; readonly name: string };

export interface Template {
  /** As it was written. */
  readonly text: string;
  /** No empty literals, and no two in a row. */
  readonly parts: readonly TemplatePart[];
}

const macroForm = /^[A-Z0-9_]+$/;

/**
 * Takes `text` apart. There is no escape: who needs a `${` of their own writes `%24{`. A dollar sign alone is itself.
 *
 * @throws SignalboxError `invalid_request` about `url` for a `${` that no `}` ends, and for names not of A–Z, 0–9 and _.
 */
export function parseTemplate(text: string): Template {
  const [first = "", ...rest] = text.split("${");
  const parts: TemplatePart[] = first === "" ? [] : [{ kind: "literal", text: first }];
  for (const piece of rest) {
    const end = piece.indexOf("}");
    if (end < 0) throw invalidField("url", "has a ${ without its }: write macros as ${EVENT}, and the sign $ as %24");
    const name = piece.slice(0, end);
    if (!macroForm.test(name)) throw invalidField("url", misnamed(name));
    parts.push({ kind: "macro", name });
    if (end + 1 < piece.length) parts.push({ kind: "literal", text: piece.slice(end + 1) });
  }
  return { text, parts };
}

function misnamed(name: string): string {
  const meant = macroForm.test(name.toUpperCase()) ? `; write \${${name.toUpperCase().slice(0, 64)}}` : "";
  return `the macro \${${name.slice(0, 64)}} must have a name of A–Z, 0–9 and _${meant}`;
}

/** The template with every macro replaced by what `stand` makes of it. */
export function filled({ parts }: Template, stand: (name: string) => string): string {
  return parts.map((part) => (part.kind === "literal" ? part.text : stand(part.name))).join("");
}

/**
 * The macros that a subscription to a resource of the kind named `kind` may use: those of every kind, the kind's own, and those of what may lie in it. For any
 * resource (`undefined`), and for one of a kind that is not known, only those that say something of every event.
 */
export function macroNames(kind: string | undefined, kinds: ResourceKinds): readonly string[] {
  const known = kind === undefined ? undefined : kinds.byName(kind);
  if (known === undefined) return commonMacros;
  const inside = kinds.within(known.name).flatMap(({ macros }) => Object.keys(macros));
  return [...new Set([...commonMacros, ...Object.keys(known.macros), ...inside, ...Object.keys(permissionMacros)])];
}

/**
 * That `text` uses no macro but those `allowed`: an unknown one would be empty in every delivery, and nobody would be told.
 *
 * @throws SignalboxError `invalid_request` about `url`, with the list; and as {@link parseTemplate}.
 */
export function checkMacros(text: string, allowed: readonly string[]): void {
  for (const part of parseTemplate(text).parts) {
    if (part.kind === "literal" || allowed.includes(part.name)) continue;
    const meant = didYouMean(part.name, allowed);
    throw invalidField(
      "url",
      `\${${part.name.slice(0, 64)}} is not a macro for this resource.${meant} There are ${allowed.join(", ")}`,
    );
  }
}
