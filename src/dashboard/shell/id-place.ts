/** Where in the dashboard the thing with an id is shown; the last group of an id says its kind. */
interface IdPlace {
  /** What it is: `delivery`. */
  readonly what: string;
  /** Below the tenant. */
  readonly path: string;
}

const kinds: Readonly<Record<string, { readonly what: string; readonly path: (id: string) => string }>> = {
  "011": { what: "subscription", path: (id) => `subscriptions/${id}` },
  "042": { what: "delivery", path: (id) => `deliveries/${id}` },
};

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}-(\d{3})$/;
const deliveryId = /^[0-9a-f]{16}-[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}-042$/;

/** `undefined` for what is no id that the page can show. */
export function idPlace(text: string): IdPlace | undefined {
  const id = text.trim().toLowerCase();
  if (deliveryId.test(id)) return { what: "delivery", path: `deliveries/${id}` };
  const kind = kinds[uuid.exec(id)?.[1] ?? ""];
  return kind === undefined ? undefined : { what: kind.what, path: kind.path(id) };
}
