/** Where in the dashboard the thing with an id is shown; the last group of an id says its kind. */
interface IdPlace {
  /** What it is: `delivery`. */
  readonly what: string;
  /** Below the tenant. What has no place by its id alone is looked up at `go/{id}`. */
  readonly path: string;
}

/** By the kinds of `src/domain/ids.ts`. */
const kinds: Readonly<Record<string, { readonly what: string; readonly path?: (id: string) => string }>> = {
  "001": { what: "user", path: (id) => `users/${id}` },
  "002": { what: "file" },
  "004": { what: "token", path: () => "access" },
  "005": { what: "app" },
  "007": { what: "redrive", path: () => "redrives" },
  "011": { what: "subscription", path: (id) => `subscriptions/${id}` },
  "042": { what: "delivery", path: (id) => `deliveries/${id}` },
  "101": { what: "bucket" },
  "102": { what: "function" },
  "103": { what: "session", path: () => "access/sessions" },
  "900": { what: "resource of your platform" },
};

const form = /^[0-9A-Za-z-]{1,60}-([0-9]{3})$/;

/** Of an event, or of an operation; and an event's sequence. */
const bareForm = /^(?:[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}|[0-9a-f]{16})$/;

/** Whether an id does not say what it is of: an event, or an operation. */
export function isBareId(id: string): boolean {
  return bareForm.test(id);
}

/** `undefined` for what is no id; of a kind that is not known, `go/{id}` says so. */
export function idPlace(text: string): IdPlace | undefined {
  const id = text.trim();
  if (isBareId(id)) return { what: "event or operation", path: `go/${id}` };
  const code = form.exec(id)?.[1];
  // Names may end in three digits, too: ours have the dashes of a uuid.
  if (code === undefined || id.split("-").length < 6) return undefined;
  const kind = Object.hasOwn(kinds, code) ? kinds[code] : undefined;
  const path = kind?.path?.(id) ?? `go/${id}`;
  return { what: kind?.what ?? "id", path };
}
