import { type CorsMethod, type CorsRule, corsMethods, maxCorsRules } from "../../../domain/bucket-configurations.ts";
import { defined } from "../../../domain/defined.ts";
import type { ConfigurationForm } from "./configuration-form.ts";
import { S3Error } from "./errors.ts";
import { childrenOf, childText, malformedXml, onlyChildren, type XmlElement } from "./xml-read.ts";

/** The document of `?cors`. */
export const corsForm: ConfigurationForm<"cors"> = {
  name: "cors",
  root: "CORSConfiguration",
  absent: "NoSuchCORSConfiguration",
  read: (root) => {
    onlyChildren(root, ["CORSRule"]);
    const rules = childrenOf(root, "CORSRule");
    if (rules.length < 1 || rules.length > maxCorsRules) throw malformedXml(`it must have 1 to ${maxCorsRules} rules`);
    return rules.map(readRule);
  },
  write: (rules) => ({
    CORSRule: rules.map(({ id, origins, methods, headers, exposed, maxAgeSeconds }) => ({
      ID: id,
      AllowedOrigin: origins,
      AllowedMethod: methods,
      AllowedHeader: headers,
      MaxAgeSeconds: maxAgeSeconds,
      ExposeHeader: exposed,
    })),
  }),
};

const maxIdLength = 255;
const maxAge = 2 ** 31 - 1;
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const headerPattern = /^[!#$%&'*+.^_`|~0-9A-Za-z-]*$/;

function readRule(rule: XmlElement): CorsRule {
  onlyChildren(rule, ["ID", "AllowedOrigin", "AllowedMethod", "AllowedHeader", "ExposeHeader", "MaxAgeSeconds"]);
  const id = childText(rule, "ID");
  if (id !== undefined && id.length > maxIdLength) throw malformedXml(`an ID has at most ${maxIdLength} characters`);
  const origins = textsOf(rule, "AllowedOrigin");
  const methods = textsOf(rule, "AllowedMethod").map(methodOf);
  if (origins.length === 0 || methods.length === 0) {
    throw malformedXml("a CORSRule needs an AllowedOrigin and an AllowedMethod");
  }
  const headers = textsOf(rule, "AllowedHeader");
  const exposed = textsOf(rule, "ExposeHeader");
  for (const origin of origins) judgeWildcards("AllowedOrigin", origin);
  for (const header of headers) {
    judgeWildcards("AllowedHeader", header);
    if (!headerPattern.test(header)) throw notAHeader("AllowedHeader", header);
  }
  for (const header of exposed) {
    if (header.includes("*")) {
      throw invalid(`ExposeHeader "${header}" contains a wildcard: name each header that scripts may read.`);
    }
    if (!headerName.test(header)) throw notAHeader("ExposeHeader", header);
  }
  const age = childText(rule, "MaxAgeSeconds")?.trim();
  if (age !== undefined && !(/^\d{1,10}$/.test(age) && Number(age) <= maxAge)) {
    throw malformedXml("MaxAgeSeconds must be a number of seconds");
  }
  return {
    ...defined({ id }),
    origins,
    methods,
    headers,
    exposed,
    ...(age === undefined ? {} : { maxAgeSeconds: Number(age) }),
  };
}

function textsOf(parent: XmlElement, name: string): readonly string[] {
  return childrenOf(parent, name).map(({ text, children }) => {
    if (children.length > 0) throw malformedXml(`${name} holds elements, not text`);
    return text.trim();
  });
}

function methodOf(text: string): CorsMethod {
  const method = corsMethods.find((known) => known === text);
  if (method !== undefined) return method;
  throw invalid(`Found unsupported HTTP method in CORS config. Unsupported method is ${text}`);
}

function judgeWildcards(name: string, text: string): void {
  if (text === "") throw malformedXml(`${name} is empty`);
  if (text.indexOf("*") !== text.lastIndexOf("*")) {
    throw invalid(`${name} "${text}" can not have more than one wildcard.`);
  }
}

function notAHeader(element: string, text: string): S3Error {
  return invalid(`${element} "${text}" is not the name of a header.`);
}

function invalid(message: string): S3Error {
  return new S3Error("InvalidRequest", message);
}
