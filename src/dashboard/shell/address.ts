/**
 * What stands after the `?` of an address. All of it is text, as it was typed: the router by itself would read JSON, and make another key
 * of `1e5`, another id of twenty digits, and nothing of `true`.
 */

type Search = Readonly<Record<string, unknown>>;

export function readSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

export function writeSearch(search: Search): string {
  const said = Object.entries(search).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : []));
  const text = new URLSearchParams(said).toString();
  return text === "" ? "" : `?${text}`;
}

/** Of an address the texts that a screen knows; the rest is dropped. */
export function texts<Name extends string>(
  search: Search,
  names: readonly Name[],
): { readonly [Key in Name]?: string } {
  const known = names.flatMap((name) => (typeof search[name] === "string" ? [[name, search[name]]] : []));
  return Object.fromEntries(known) as { readonly [Key in Name]?: string };
}
