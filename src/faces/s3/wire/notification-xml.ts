import { defined } from "../../../domain/defined.ts";
import type { ManagedRule } from "../../../domain/subscription.ts";
import { maxNotifications, type RequestedNotification } from "../../../subscriptions/s3-configuration/requested.ts";
import { S3Error } from "./errors.ts";
import { childrenOf, childText, malformedXml, onlyChildren, type XmlElement } from "./xml-read.ts";
import type { XmlContent } from "./xml-write.ts";

/** The document of `?notification`. */

export const notificationRoot = "NotificationConfiguration";
const kinds = ["Topic", "Queue", "CloudFunction"] as const;
const maxIdLength = 255;
const maxEvents = 64;
/** S3's own, of a prefix or suffix, in bytes. */
const maxValueBytes = 1_024;

/** In the order of the document. @throws S3Error MalformedXML, InvalidArgument; NotImplemented for EventBridge */
export function readNotifications(root: XmlElement): readonly RequestedNotification[] {
  onlyChildren(root, [...kinds.map((kind) => `${kind}Configuration`), "EventBridgeConfiguration"]);
  if (childrenOf(root, "EventBridgeConfiguration").length > 0) {
    throw new S3Error(
      "NotImplemented",
      "EventBridge is not here: name a destination by a Topic, Queue or CloudFunction.",
    );
  }
  if (root.children.length > maxNotifications) {
    throw new S3Error("InvalidArgument", `A bucket has at most ${maxNotifications} notification configurations.`);
  }
  return root.children.flatMap((child) => {
    const kind = kinds.find((one) => child.name === `${one}Configuration`);
    return kind === undefined ? [] : [readOne(child, kind)];
  });
}

function readOne(element: XmlElement, kind: ManagedRule["kind"]): RequestedNotification {
  onlyChildren(element, ["Id", "Event", "Filter", kind]);
  const id = childText(element, "Id");
  if (id !== undefined && (id === "" || id.length > maxIdLength)) {
    throw invalid("Id", `An Id has 1 to ${maxIdLength} characters.`);
  }
  const arn = childText(element, kind)?.trim();
  if (arn === undefined) throw malformedXml(`${element.name} needs one ${kind}`);
  const events = childrenOf(element, "Event").map(({ text, children }) => {
    if (children.length > 0) throw malformedXml("Event holds elements, not text");
    return text.trim();
  });
  if (events.length < 1 || events.length > maxEvents) {
    throw malformedXml(`${element.name} needs 1 to ${maxEvents} of Event`);
  }
  return { kind, arn, events, ...defined({ id, filter: readFilter(element) }) };
}

function readFilter(element: XmlElement): RequestedNotification["filter"] {
  const [filter, ...others] = childrenOf(element, "Filter");
  if (filter === undefined) return undefined;
  onlyChildren(filter, ["S3Key"]);
  const [key, ...more] = childrenOf(filter, "S3Key");
  if (others.length + more.length > 0) throw malformedXml("there is one Filter, with one S3Key");
  if (key === undefined) return [];
  onlyChildren(key, ["FilterRule"]);
  const rules = childrenOf(key, "FilterRule");
  if (rules.length > 2) throw invalid("FilterRule", "A filter has at most one prefix and one suffix.");
  return rules.map((rule) => {
    onlyChildren(rule, ["Name", "Value"]);
    const name = childText(rule, "Name")?.trim();
    const value = childText(rule, "Value");
    if (name === undefined || value === undefined) throw malformedXml("a FilterRule needs a Name and a Value");
    if (Buffer.byteLength(value) > maxValueBytes) {
      throw invalid("FilterRule", `A prefix or suffix has at most ${maxValueBytes} bytes.`);
    }
    return { name, value };
  });
}

function invalid(name: string, message: string): S3Error {
  return new S3Error("InvalidArgument", message, { extra: { ArgumentName: name } });
}

/** As it was said. */
export function writeNotifications(all: readonly ManagedRule[]): XmlContent {
  return Object.fromEntries(
    kinds.map((kind) => [
      `${kind}Configuration`,
      all
        .filter((one) => one.kind === kind)
        .map(({ id, arn, events, filter }) => ({
          Id: id,
          [kind]: arn,
          Event: events,
          Filter: filter === undefined ? undefined : { S3Key: { FilterRule: filter.map(writeRule) } },
        })),
    ]),
  );
}

function writeRule({ name, value }: { readonly name: string; readonly value: string }): XmlContent {
  return { Name: name, Value: value };
}
