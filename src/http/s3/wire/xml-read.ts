import { XMLParser, XMLValidator } from "fast-xml-parser";
import { S3Error } from "../errors.ts";

/** An element without its namespace prefix and attributes, which S3 gives no meaning in requests. */
export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** What stands directly inside, blanks included. */
  readonly text: string;
}

/** The deepest body that S3 knows (object lock, replication) stays well below. */
const maxDepth = 12;
/** 10 000 parts with their checksums have some 140 000 tags; more would only keep the process busy. */
const maxTags = 200_000;

/** Entities are decoded below: the five that XML defines and numbers, so that there is nothing to expand. */
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  removeNSPrefix: true,
  parseTagValue: false,
  processEntities: false,
  trimValues: false,
  cdataPropName: "#cdata",
  maxNestedTags: maxDepth,
});

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * The root element of a request's body, whose name must be `root`.
 *
 * @throws S3Error MalformedXML; also for a document type, which is never needed and only ever does harm
 */
export function readXml(body: Buffer, root: string): XmlElement {
  const [element, ...others] = parse(body);
  if (element === undefined || others.length > 0) throw malformedXml("it needs one root element");
  if (element.name !== root) throw malformedXml(`its root element must be ${root}`);
  return element;
}

function parse(body: Buffer): readonly XmlElement[] {
  let tags = 0;
  for (let at = body.indexOf("<"); at !== -1; at = body.indexOf("<", at + 1)) tags += 1;
  if (tags > maxTags) throw malformedXml("it has too many elements");
  try {
    const text = utf8.decode(body);
    if (/<!(?!--|\[CDATA\[)/.test(text)) throw malformedXml("a document type is not allowed");
    if (text.includes("\0")) throw malformedXml("it holds a NUL character");
    const valid = XMLValidator.validate(text);
    if (valid !== true) throw malformedXml(`line ${valid.err.line}: ${valid.err.msg.slice(0, 200)}`);
    return elements(parser.parse(text) as readonly ParsedNode[]);
  } catch (cause) {
    throw cause instanceof S3Error ? cause : malformedXml("it is not well formed", cause);
  }
}

export function malformedXml(reason: string, cause?: unknown): S3Error {
  return new S3Error("MalformedXML", `The XML that you provided is not valid: ${reason}.`, { cause });
}

/** What the parser makes with `preserveOrder`: one key, the name, besides text and CDATA. */
type ParsedNode = Readonly<Record<string, unknown>>;

function elements(nodes: readonly ParsedNode[]): readonly XmlElement[] {
  return nodes.flatMap((node) =>
    Object.entries(node).flatMap(([name, content]) =>
      name === "#text" || name === "#cdata" ? [] : [element(name, content as readonly ParsedNode[])],
    ),
  );
}

function element(name: string, nodes: readonly ParsedNode[]): XmlElement {
  return { name, children: elements(nodes), text: nodes.map(textOf).join("") };
}

function textOf(node: ParsedNode): string {
  const text = node["#text"];
  if (typeof text === "string") return decodeEntities(text);
  const cdata = node["#cdata"] as readonly ParsedNode[] | undefined;
  return cdata?.map((part) => (typeof part["#text"] === "string" ? part["#text"] : "")).join("") ?? "";
}

const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Characters that XML 1.0 forbids are taken from their numbers, as S3 does: a key may hold them. */
function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(
    /&(?:#(\d{1,7});|#x([0-9a-fA-F]{1,6});|(amp|lt|gt|quot|apos);)?/g,
    (whole, decimal, hex, name) => {
      if (whole === "&") throw malformedXml("it holds an unknown entity");
      if (name !== undefined) return named[String(name)] ?? "";
      const code = decimal === undefined ? Number.parseInt(String(hex), 16) : Number(decimal);
      if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
        throw malformedXml(`${whole} is no character`);
      }
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
