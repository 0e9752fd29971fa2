import { S3Error } from "./errors.ts";

/**
 * Reads the XML of requests: elements, text, CDATA, comments, instructions, and the five entities that XML defines; no document types, and so
 * nothing to expand. One pass from the beginning to the end, that may be interrupted: a body of 2 MiB takes longer than anybody may hold up
 * the others.
 */

/** An element without its namespace prefix and attributes, which S3 gives no meaning in requests. */
export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** What stands directly inside, blanks included. */
  readonly text: string;
}

interface Open {
  readonly name: string;
  /** With its prefix: what it has to be closed by. */
  readonly tag: string;
  readonly children: XmlElement[];
  text: string;
}

/** Below the root. The deepest body that S3 knows (object lock, replication) stays well below. */
const maxDepth = 12;
/** 10 000 parts with their checksums have some 140 000 tags; more would only keep the process busy. */
const maxTags = 200_000;
/** A key of 1,024 bytes, each written as `&#0000065;`, has a sixth of it. */
const maxTextLength = 65_536;
/** Characters and tags (each counted as so many characters) between two interruptions: about a millisecond. */
const perStep = 32_768;
const perTag = 128;

const lessThan = 0x3c;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * The root element of a request's body, whose name must be `root`.
 *
 * @throws S3Error MalformedXML; also for a document type, which is never needed and only ever does harm
 */
export function readXml(body: Buffer, root: string): XmlElement {
  return inOneGo(readingXml(body, root));
}

/** The same, to be interrupted at each yield. */
export function* readingXml(body: Buffer, root: string): Generator<void, XmlElement, void> {
  const reader = new Reader(decoded(body));
  let read = 0;
  while (!reader.isAtEnd) {
    read += reader.next();
    if (read < perStep) continue;
    read = 0;
    yield;
  }
  const element = reader.end();
  if (element.name !== root) throw malformedXml(`its root element must be ${root}`);
  return element;
}

/** What a work comes to, without interruptions. */
export function inOneGo<T>(work: Generator<void, T, void>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

function decoded(body: Buffer): string {
  let tags = 0;
  // A plain loop: to search for each tag takes forty times as long.
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at] ?? 0;
    if (byte === lessThan) tags += 1;
    else if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d) throw forbidden(byte);
    else if (byte === 0xef && body[at + 1] === 0xbf && (body[at + 2] ?? 0) >= 0xbe) throw forbidden(0xffff);
  }
  if (tags > maxTags) throw malformedXml("it has too many elements");
  try {
    return utf8.decode(body);
  } catch (cause) {
    throw malformedXml("it is not UTF-8", cause);
  }
}

function forbidden(code: number): S3Error {
  const name = code.toString(16).toUpperCase().padStart(4, "0");
  return malformedXml(`XML cannot hold the character U+${name}; an object whose key has it can be named in a URL only`);
}

export function malformedXml(reason: string, cause?: unknown): S3Error {
  return new S3Error("MalformedXML", `The XML that you provided is not valid: ${reason}.`, { cause });
}

const letters = "A-Za-z_\\u00b7-\\uffff";
const nameForm = `[${letters}:][${letters}:0-9.-]*`;
const attributeForm = `\\s+${nameForm}\\s*=\\s*(?:"[^<"]*"|'[^<']*')`;
const openTag = new RegExp(`^<(${nameForm})(?:${attributeForm})*\\s*(/?)>`);
const closeTag = new RegExp(`^</(${nameForm})\\s*>`);
const instruction = /^<\?([^\s?]+)(?:\s|\?>)/;
const declaration =
  /^<\?xml\s+version\s*=\s*["'](1\.\d+)["'](?:\s+encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["'])?(?:\s+standalone\s*=\s*["'](?:yes|no)["'])?\s*\?>$/;
const attribute = new RegExp(`\\s+(${nameForm})\\s*=\\s*("[^"]*"|'[^']*')`, "g");
/** A namespace and a type are all that is ever said in one. */
const maxTagLength = 4_096;

class Reader {
  readonly #text: string;
  readonly #open: Open[] = [];
  #at = 0;
  #root: XmlElement | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** Reads one tag or one piece of text, and tells what that cost, in characters. */
  next(): number {
    const from = this.#at;
    const mark = this.#text.indexOf("<", from);
    if (mark === from) {
      this.#takeMarkup();
      return this.#at - from + perTag;
    }
    this.#at = mark === -1 ? this.#text.length : mark;
    const text = this.#slice(from, this.#at);
    if (text.includes("]]>")) throw this.#malformed("]]> stands outside of CDATA");
    this.#takeText(decodeEntities(text));
    return this.#at - from;
  }

  end(): XmlElement {
    if (this.#root === undefined || this.#open.length > 0) throw this.#malformed("it needs one root element, whole");
    return this.#root;
  }

  #takeMarkup(): void {
    const text = this.#text;
    if (text.startsWith("<?", this.#at)) return this.#takeInstruction();
    if (text.startsWith("<!--", this.#at)) return this.#takeComment();
    if (text.startsWith("<![CDATA[", this.#at)) {
      const from = this.#at + "<![CDATA[".length;
      this.#skipTo("]]>");
      return this.#takeText(this.#slice(from, this.#at - "]]>".length), true);
    }
    if (text.startsWith("<!", this.#at)) throw malformedXml("a document type is not allowed");
    if (text.startsWith("</", this.#at)) return this.#takeEnd();
    this.#takeStart();
  }

  /** The declaration is one, too, and stands first. */
  #takeInstruction(): void {
    const from = this.#at;
    this.#skipTo("?>");
    const [, target = ""] = instruction.exec(this.#text.slice(from, Math.min(this.#at, from + maxTagLength))) ?? [];
    if (target === "") throw this.#malformed("an instruction has no name");
    if (target.toLowerCase() !== "xml") return;
    if (from !== 0 || target !== "xml") throw this.#malformed("the declaration must stand first");
    const [, version = "", encoding = "UTF-8"] = declaration.exec(this.#text.slice(0, this.#at)) ?? [];
    if (version === "") throw this.#malformed("the declaration is not well formed");
    // What is ASCII is UTF-8 too.
    if (!/^(?:utf-?8|(?:us-)?ascii)$/i.test(encoding)) {
      throw new S3Error("UnsupportedMediaType", `The XML says that it is ${encoding}: send it as UTF-8.`);
    }
  }

  #takeComment(): void {
    const from = this.#at + "<!--".length;
    const end = this.#text.indexOf("--", from);
    if (end === -1 || this.#text[end + 2] !== ">") throw this.#malformed("a comment is not well formed");
    this.#at = end + "-->".length;
  }

  #takeStart(): void {
    const [whole = "", tag = "", empty] = openTag.exec(this.#near()) ?? [];
    if (tag === "") throw this.#malformed("a tag is not well formed");
    if (whole.includes("=")) judgeAttributes(whole.slice(tag.length + 1));
    if (this.#root !== undefined) throw this.#malformed("it needs one root element");
    if (this.#open.length > maxDepth) throw this.#malformed("its elements lie too deep");
    this.#at += whole.length;
    this.#open.push({ name: tag.slice(tag.indexOf(":") + 1), tag, children: [], text: "" });
    if (empty === "/") this.#close();
  }

  #takeEnd(): void {
    const [whole = "", tag] = closeTag.exec(this.#near()) ?? [];
    if (tag === undefined || tag !== this.#open.at(-1)?.tag) throw this.#malformed("a tag closes what is not open");
    this.#at += whole.length;
    this.#close();
  }

  #close(): void {
    const closed = this.#open.pop();
    if (closed === undefined) return;
    const { name, children, text } = closed;
    if (children.length > 0 && text.trim() !== "") throw this.#malformed(`${name} holds text beside its elements`);
    const outer = this.#open.at(-1);
    if (outer === undefined) this.#root = { name, children, text };
    else outer.children.push({ name, children, text });
  }

  #takeText(text: string, isCharacterData = false): void {
    const element = this.#open.at(-1);
    if (element === undefined) {
      if (isCharacterData || text.trim() !== "") throw this.#malformed("there is text outside its root element");
      return;
    }
    element.text += text;
    if (element.text.length > maxTextLength) throw this.#malformed(`${element.name} holds more text than it can need`);
  }

  #near(): string {
    return this.#text.slice(this.#at, this.#at + maxTagLength);
  }

  #slice(from: number, to: number): string {
    if (to - from > maxTextLength) throw this.#malformed("a text is longer than it can need to be");
    return this.#text.slice(from, to);
  }

  #skipTo(end: string): void {
    const at = this.#text.indexOf(end, this.#at + 2);
    if (at === -1) throw this.#malformed(`there is no ${end}`);
    this.#at = at + end.length;
  }

  #malformed(reason: string): S3Error {
    let line = 1;
    for (let at = this.#text.indexOf("\n"); at !== -1 && at < this.#at; at = this.#text.indexOf("\n", at + 1))
      line += 1;
    return malformedXml(`line ${line}: ${reason}`);
  }
}

const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** They mean nothing here, but each has its own name, and an entity in it is one that there is. */
function judgeAttributes(text: string): void {
  const names = new Set<string>();
  for (const [, name = "", value = ""] of text.matchAll(attribute)) {
    if (names.has(name)) throw malformedXml(`it says ${name} twice in one tag`);
    names.add(name);
    decodeEntities(value);
  }
}

/** A number stands for a character that could stand there itself: XML 1.0 has no way to say the others. */
function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(
    /&(?:#(\d{1,7});|#x([0-9a-fA-F]{1,6});|(amp|lt|gt|quot|apos);)?/g,
    (whole, decimal, hex, name) => {
      if (whole === "&") throw malformedXml("it holds an unknown entity");
      if (name !== undefined) return named[String(name)] ?? "";
      const code = decimal === undefined ? Number.parseInt(String(hex), 16) : Number(decimal);
      if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw malformedXml(`${whole} is no character`);
      const isControl = code < 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d;
      if (isControl || code === 0xfffe || code === 0xffff) throw forbidden(code);
      return String.fromCodePoint(code);
    },
  );
}

export function childrenOf(parent: XmlElement, name: string): readonly XmlElement[] {
  return parent.children.filter((child) => child.name === name);
}

/** The text of the only child of this name, exactly as it stands; `undefined` without one. @throws S3Error MalformedXML */
export function childText(parent: XmlElement, name: string): string | undefined {
  const [child, ...others] = childrenOf(parent, name);
  if (others.length > 0) throw malformedXml(`${parent.name} has more than one ${name}`);
  if (child !== undefined && child.children.length > 0) throw malformedXml(`${name} holds elements, not text`);
  return child?.text;
}

/** What a document asks for and is not known here is refused, never ignored. @throws S3Error MalformedXML */
export function onlyChildren(parent: XmlElement, names: readonly string[]): void {
  const unknown = parent.children.find(({ name }) => !names.includes(name));
  if (unknown !== undefined) throw malformedXml(`there is no ${unknown.name} in ${parent.name}`);
}
