/** What an element holds. An array repeats its element; `undefined` leaves it out; `"@name"` is an attribute. */
export type XmlContent =
  | string
  | number
  | boolean
  | undefined
  | Each
  | readonly XmlContent[]
  | { readonly [name: string]: XmlContent };

/** An element for each item, made only when it is written. */
export class Each {
  readonly #items: readonly unknown[];
  readonly #contentOf: (item: unknown) => XmlContent;

  constructor(items: readonly unknown[], contentOf: (item: unknown) => XmlContent) {
    this.#items = items;
    this.#contentOf = contentOf;
  }

  static of<T>(items: readonly T[], contentOf: (item: T) => XmlContent): Each {
    return new Each(items, contentOf as (item: unknown) => XmlContent);
  }

  *[Symbol.iterator](): Generator<XmlContent, void, void> {
    for (const item of this.#items) yield this.#contentOf(item);
  }
}

/** The namespace of S3's answers. */
export const s3Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

const nameForm = /^[A-Za-z_][A-Za-z0-9_.-]*(?::[A-Za-z_][A-Za-z0-9_.-]*)?$/;

/**
 * One XML document. Characters that XML 1.0 forbids (most below U+0020, U+FFFE, U+FFFF) come out as U+FFFD each: no reference can stand for
 * them, and one that S3 writes there makes the whole document unreadable. A listing says such keys with `encoding-type=url`.
 *
 * @throws TypeError when a name is no XML name.
 */
export function writeXml(root: string, children: XmlContent, options: { readonly xmlns?: string } = {}): string {
  const xmlns = options.xmlns === undefined ? "" : ` xmlns="${escapeXml(options.xmlns)}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(root, children, xmlns)}`;
}

/** Elements of an {@link Each} that are written between two interruptions: a key may have 1,024 characters that all have to be escaped. */
const perStep = 16;

/** The same as {@link writeXml}, to be interrupted at each yield: within what is directly below the root. */
export function* writingXml(
  root: string,
  children: Readonly<Record<string, XmlContent>>,
  { xmlns }: { readonly xmlns: string },
): Generator<void, string, void> {
  let inside = "";
  for (const [name, content] of Object.entries(children)) {
    if (!(content instanceof Each)) {
      inside += element(name, content);
      continue;
    }
    let written = 0;
    for (const item of content) {
      inside += element(name, item);
      written += 1;
      if (written % perStep === 0) yield;
    }
  }
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${escapeXml(xmlns)}">${inside}</${root}>`;
}

function element(name: string, content: XmlContent, attributes = ""): string {
  if (!nameForm.test(name)) throw new TypeError(`not an XML name: ${JSON.stringify(name)}`);
  if (content === undefined) return attributes === "" ? "" : `<${name}${attributes}/>`;
  if (isList(content)) return [...content].map((item) => element(name, item, attributes)).join("");
  if (typeof content !== "object") {
    const text = escapeXml(String(content));
    return text === "" ? `<${name}${attributes}/>` : `<${name}${attributes}>${text}</${name}>`;
  }
  let inside = "";
  let own = attributes;
  for (const [key, value] of Object.entries(content)) {
    if (value === undefined) continue;
    if (key.startsWith("@")) own += attribute(key.slice(1), value);
    else inside += element(key, value);
  }
  return inside === "" ? `<${name}${own}/>` : `<${name}${own}>${inside}</${name}>`;
}

function isList(content: XmlContent): content is readonly XmlContent[] | Each {
  return Array.isArray(content) || content instanceof Each;
}

function attribute(name: string, value: XmlContent): string {
  if (!nameForm.test(name) || typeof value === "object") throw new TypeError(`not an XML attribute: ${name}`);
  return ` ${name}="${escapeXml(String(value))}"`;
}

// oxlint-disable-next-line no-control-regex -- the characters that XML forbids are what this is about
const special = /[&<>"\u0000-\u0008\u000b-\u001f\ufffe\uffff\ud800-\udfff]/u;
const every = new RegExp(special, "gu");
const named: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  // XML readers would turn it into a line feed.
  "\r": "&#13;",
};

/** Text or an attribute's value. */
function escapeXml(text: string): string {
  return special.test(text) ? text.replace(every, (character) => named[character] ?? "\ufffd") : text;
}
