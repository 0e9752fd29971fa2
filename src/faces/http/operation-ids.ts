/**
 * The names of the document's operations, which generators of clients make methods of: `listUsers`, `activateFunctionVersion`. They follow
 * from method and path, so that they are stable and a new route has one; where that reads badly the route names its own.
 */

/** Where the words of a path are not those that the API speaks of. */
const nouns: readonly (readonly [path: string, noun: string])[] = [
  ["/api/cloud/alerts/", "/alert-target/"],
  ["/api/cloud/buckets/:bucket/notifications/", "/rules/"],
  ["/api/cloud/deliveries/redrive/", "/redrives/"],
  ["/api/cloud/poisoned/", "/poisoned-events/"],
  ["/api/cloud/resources/:uuid/pems/", "/permissions/"],
  ["/api/apps/:app/functions/", "/functions/"],
  ["/api/apps/", "/apps/"],
  ["/api/cloud/", "/"],
  ["/host/v1/", "/"],
  ["/notifications/v2/", "/notifications/"],
  ["/profiles/v2/", "/profiles/"],
];

const changes: Readonly<Record<string, string>> = { PUT: "set", PATCH: "update", DELETE: "delete" };

/**
 * What comes before the last parameter is of one thing, so those nouns are in the singular; the last noun is too, unless it stands for the whole
 * list. A POST of what is no list does what its last word says: `/subscriptions/:id/rotate-secret/` is `rotateSubscriptionSecret`.
 *
 * @param path as routes have it: `/api/cloud/users/:id/`.
 */
export function operationIdOf(method: string, path: string): string {
  const segments = namesOf(path);
  const isOne = segments.at(-1)?.startsWith(":") === true;
  const things = segments.filter((segment) => !segment.startsWith(":"));
  const last = things.at(-1) ?? "";
  const isList = !isOne && singular(last) !== last;
  if (method === "POST" && !isOne && !isList) {
    const [verb = "", ...rest] = last.split("-");
    const isOfOne = segments.at(-2)?.startsWith(":") === true;
    return named(verb, [
      ...things.slice(0, -1).map((thing, at, all) => noun(thing, isOfOne || at < all.length - 1)),
      ...rest,
    ]);
  }
  const verb = verbOf(method, { isOne, isList });
  const isPlural = isList && method !== "POST";
  const name = named(
    verb,
    things.map((thing, at) => noun(thing, !isPlural || at < things.length - 1)),
  );
  return method === "POST" && isOne ? `${name}ByPost` : name;
}

function namesOf(path: string): string[] {
  const closed = path.endsWith("/") ? path : `${path}/`;
  const [from, to] = nouns.find(([prefix]) => closed.startsWith(prefix)) ?? ["", ""];
  return `${to}${closed.slice(from.length)}`.split("/").filter((segment) => segment !== "");
}

function verbOf(method: string, { isOne, isList }: { readonly isOne: boolean; readonly isList: boolean }): string {
  if (method === "GET") return isList ? "list" : "get";
  if (method === "POST") return isOne ? "set" : "create";
  return changes[method] ?? method.toLowerCase();
}

function noun(thing: string, isSingular: boolean): string {
  return isSingular ? singular(thing) : thing;
}

function singular(word: string): string {
  if (word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  return word.endsWith("s") && !word.endsWith("ss") ? word.slice(0, -1) : word;
}

function named(verb: string, words: readonly string[]): string {
  const parts = words.flatMap((word) => word.split(/[^A-Za-z0-9]+/)).filter((part) => part !== "");
  return `${verb}${parts.map(capital).join("")}`;
}

function capital(word: string): string {
  return `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
}
