import type { Principal } from "../../../domain/access.ts";
import { defined } from "../../../domain/defined.ts";
import { destinationName, maxDestinations } from "../../../domain/destination.ts";
import { SignalboxError } from "../../../errors.ts";
import { lastOfFull } from "../../../store/page.ts";
import {
  createDestination,
  listDestinations,
  removeDestination,
} from "../../../subscriptions/destinations/destinations.ts";
import { destinationArn } from "../../../subscriptions/s3-configuration/arn.ts";
import { Cursors } from "../../http/cursors.ts";
import { type Action, type ActionResult, mayChange, nameInParameter, topicOf } from "./action.ts";
import { aboutTopic, readTopicAttributes, showTopicAttributes, topicRetries } from "./attributes.ts";
import { changeTopic } from "./change.ts";
import { invalidParameter, SnsError } from "./errors.ts";
import type { Parameters } from "./request.ts";
import { tagsIn, withEndpointOf } from "./tags.ts";

/** Topics are the tenant's destinations, and nothing of them is kept but what a destination is. */

/** Makes a destination, or changes the one that has the name. */
export async function createTopic(action: Action): Promise<ActionResult> {
  mayChange(action);
  const { context, principal, parameters } = action;
  const name = parameters.need("Name");
  parameters.refuseOthers(["Action", "Version", "Name", "Attributes.entry.", "Tags.member.", "DataProtectionPolicy"]);
  if (!destinationName.test(name)) {
    const remedy = name.endsWith(".fifo")
      ? "; there are no FIFO topics: a rule keeps the order of events if it is `ordered`"
      : "";
    throw invalidParameter("Name", `must have 1 to 100 letters, digits, - and _${remedy}`);
  }
  const said = parameters.pairs("Attributes.entry.", ["key", "value"]);
  const tags = tagsIn(parameters);
  refuseProtection(parameters);
  const attributes = readTopicAttributes(withEndpointOf(said, tags), context.egressAllow);
  const asked = { ...attributes, ...defined({ tags }) };
  const TopicArn = destinationArn(principal.tenant, name);
  const found = await context.store.destinations.get(principal.tenant, name);
  if (found !== undefined) {
    await changeTopic(action, found, asked);
    return { TopicArn };
  }
  const { endpoint } = asked;
  if (endpoint === undefined) {
    throw invalidParameter(
      "Attributes",
      `there is no topic ${name}: say where a new one goes, by the attribute push-endpoint or by a tag of that name`,
    );
  }
  const { maxRetries, backoff } = topicRetries(asked);
  const target = { kind: "webhook", url: endpoint } as const;
  try {
    await createDestination(context, principal, {
      name,
      target,
      ...defined({ maxRetries: maxRetries ?? undefined, backoff, tags }),
    });
  } catch (thrown) {
    const made = await context.store.destinations.get(principal.tenant, name);
    // Another made it meanwhile.
    if (made !== undefined) await changeTopic(action, made, asked);
    else throw asLimit(aboutTopic(thrown));
  }
  return { TopicArn };
}

function asLimit(thrown: unknown): unknown {
  if (!(thrown instanceof SignalboxError) || thrown.code !== "conflict") return thrown;
  return new SnsError("TopicLimitExceeded", `there are ${maxDestinations} topics, and no more may be: delete one`);
}

export async function getTopicAttributes(action: Action): Promise<ActionResult> {
  const shown = showTopicAttributes(await topicOf(action));
  const entry = Object.entries(shown).map(([key, value]) => ({ key, value }));
  return { Attributes: { entry } };
}

export async function setTopicAttributes(action: Action): Promise<ActionResult> {
  mayChange(action);
  const { context, parameters } = action;
  const found = await topicOf(action);
  parameters.refuseOthers(["Action", "Version", "TopicArn", "AttributeName", "AttributeValue"]);
  const said = new Map([[parameters.need("AttributeName"), parameters.get("AttributeValue") ?? ""]]);
  await changeTopic(action, found, readTopicAttributes(said, context.egressAllow));
  return undefined;
}

/** As SNS's own. */
const pageSize = 100;

export async function listTopics({ context, principal, parameters }: Action): Promise<ActionResult> {
  const cursors = new Cursors<string>(context.vault, "topics");
  const token = parameters.get("NextToken") ?? "";
  const page = { max: pageSize, ...defined({ after: token === "" ? undefined : placeOf(cursors, principal, token) }) };
  const found = await listDestinations(context.store, principal, page);
  const last = lastOfFull(found, page);
  return {
    Topics: { member: found.map(({ tenant, name }) => ({ TopicArn: destinationArn(tenant, name) })) },
    NextToken: last === undefined ? undefined : cursors.give(principal, last.name),
  };
}

function placeOf(cursors: Cursors<string>, principal: Principal, token: string): string {
  try {
    return cursors.take(principal, token);
  } catch {
    throw invalidParameter("NextToken", "is not one that ListTopics gave: leave it out to begin anew");
  }
}

/** One that is not there is deleted, as SNS has it. */
export async function deleteTopic(action: Action): Promise<ActionResult> {
  mayChange(action);
  const { context, principal, parameters } = action;
  const name = nameInParameter(principal, parameters.need("TopicArn"), "TopicArn");
  try {
    await removeDestination(context, principal, name, false);
  } catch (thrown) {
    if (!(thrown instanceof SignalboxError) || thrown.code !== "not_found") throw asInUse(thrown);
  }
  return undefined;
}

function asInUse(thrown: unknown): unknown {
  if (!(thrown instanceof SignalboxError) || thrown.code !== "conflict") return thrown;
  const { users } = Object(thrown.data) as { readonly users?: unknown };
  if (typeof users !== "number") return thrown;
  const go = users === 1 ? "1 subscription goes" : `${users} subscriptions go`;
  const remedy = `take it out of buckets' notification configurations, and give subscriptions that are not of these another target`;
  return new SnsError("InvalidState", `${go} there: ${remedy}`, { cause: thrown });
}

function refuseProtection(parameters: Parameters): void {
  if ((parameters.get("DataProtectionPolicy") ?? "") === "") return;
  throw invalidParameter("DataProtectionPolicy", "is not kept: what is sent is told by the format of the destination");
}
