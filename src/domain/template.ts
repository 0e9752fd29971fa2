import { invalidField } from "../errors.ts";
import { didYouMean } from "./did-you-mean.ts";

/** Urls and addresses of subscriptions as their owners write them: `https://ci.example/hook?job=${JOB_ID}`, `me+${EVENT}@example.com`. */

type TemplatePart =
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
 * That a template uses no macro but those `allowed`: an unknown one would be empty in every delivery, unnoticed.
 *
 * @throws SignalboxError `invalid_request` about `url`, with the list.
 */
export function checkMacros({ parts }: Template, allowed: readonly string[]): void {
  for (const part of parts) {
    if (part.kind === "literal" || allowed.includes(part.name)) continue;
    const meant = didYouMean(part.name, allowed);
    throw invalidField(
      "url",
      `\${${part.name.slice(0, 64)}} is not a macro for this resource.${meant} There are ${allowed.join(", ")}`,
    );
  }
}
