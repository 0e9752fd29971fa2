import { createRootRoute, createRoute, createRouter, Outlet } from "@tanstack/react-router";
import { base } from "./api/client.ts";
import { readDeliveriesAhead } from "./screens/deliveries/deliveries-list.ts";
import { type DeliverySearch, filterFields } from "./screens/deliveries/delivery-search.ts";
import { readSearch, texts, writeSearch } from "./shell/address.ts";
import { Home } from "./shell/home.tsx";
import { Layout } from "./shell/layout.tsx";
import { NoSuchPage, ScreenFailed, ScreenLoading, screen } from "./shell/screen.tsx";

/** What stands behind the `?` of an address. */
type Search = Readonly<Record<string, unknown>>;

/** Every address of the page. What a screen shows is in its address: filters, tabs and open panels too. */

const root = createRootRoute({ component: Outlet });
const home = createRoute({ getParentRoute: () => root, path: "/", component: Home });
/** Of a login link; what it opens is the start. */
const login = createRoute({ getParentRoute: () => root, path: "/login", component: Home });
const tenant = createRoute({ getParentRoute: () => root, path: "/t/$tenant", component: Layout });
const overview = createRoute({
  getParentRoute: () => tenant,
  path: "/",
  validateSearch: (search: Search): { readonly range?: string } => texts(search, ["range"]),
  component: screen(() => import("./screens/overview/overview.tsx"), "Overview"),
});

const buckets = createRoute({
  getParentRoute: () => tenant,
  path: "/buckets",
  component: screen(() => import("./screens/buckets/buckets.tsx"), "Buckets"),
});
const bucketSettings = createRoute({
  getParentRoute: () => tenant,
  path: "/buckets/$bucket/settings",
  validateSearch: (search: Search): { readonly edit?: string; readonly filter?: string } =>
    texts(search, ["edit", "filter"]),
  component: screen(() => import("./screens/buckets/settings.tsx"), "BucketSettings"),
});
const objects = createRoute({
  getParentRoute: () => tenant,
  path: "/buckets/$bucket/objects",
  validateSearch: (search: Search): { readonly prefix?: string } => texts(search, ["prefix"]),
  component: screen(() => import("./screens/buckets/objects.tsx"), "Objects"),
});
const deliveries = createRoute({
  getParentRoute: () => tenant,
  path: "/deliveries",
  validateSearch: (search: Search): DeliverySearch =>
    texts(search, ["status", "last", "order", "key_prefix", ...filterFields.map(({ name }) => name)]),
  loaderDeps: ({ search }) => search,
  // Not waited for: the screen says itself what is on its way.
  loader: ({ cause, params, deps }) => {
    if (cause === "enter") void readDeliveriesAhead(params.tenant, deps);
  },
  component: screen(() => import("./screens/deliveries/deliveries.tsx"), "Deliveries"),
});

const delivery = createRoute({
  getParentRoute: () => tenant,
  path: "/deliveries/$id",
  validateSearch: (search: Search): { readonly attempt?: string | undefined; readonly beside?: string | undefined } =>
    texts(search, ["attempt", "beside"]),
  component: screen(() => import("./screens/deliveries/delivery.tsx"), "DeliveryScreen"),
});
const live = createRoute({
  getParentRoute: () => tenant,
  path: "/live",
  validateSearch: (search: Search): { readonly topics?: string; readonly where?: string } =>
    texts(search, ["topics", "where"]),
  component: screen(() => import("./screens/live/live.tsx"), "Live"),
});
const explain = createRoute({
  getParentRoute: () => tenant,
  path: "/buckets/$bucket/explain",
  validateSearch: (search: Search): { readonly key?: string } => texts(search, ["key"]),
  component: screen(() => import("./screens/explain/explain.tsx"), "Explain"),
});
const subscriptions = createRoute({
  getParentRoute: () => tenant,
  path: "/subscriptions",
  validateSearch: (search: Search): { readonly face?: string; readonly status?: string } =>
    texts(search, ["face", "status"]),
  component: screen(() => import("./screens/subscriptions/subscriptions.tsx"), "Subscriptions"),
});
const subscription = createRoute({
  getParentRoute: () => tenant,
  path: "/subscriptions/$id",
  component: screen(() => import("./screens/subscriptions/subscription.tsx"), "SubscriptionScreen"),
});
const destinations = createRoute({
  getParentRoute: () => tenant,
  path: "/destinations",
  validateSearch: (search: Search): { readonly edit?: string } => texts(search, ["edit"]),
  component: screen(() => import("./screens/destinations/destinations.tsx"), "Destinations"),
});
const destination = createRoute({
  getParentRoute: () => tenant,
  path: "/destinations/$name",
  component: screen(() => import("./screens/destinations/destination.tsx"), "DestinationScreen"),
});
const destinationSettings = createRoute({
  getParentRoute: () => tenant,
  path: "/destinations/$name/settings",
  component: screen(() => import("./screens/destinations/settings.tsx"), "DestinationSettings"),
});
const functions = createRoute({
  getParentRoute: () => tenant,
  path: "/functions",
  component: screen(() => import("./screens/functions/functions.tsx"), "Functions"),
});
const newFunction = createRoute({
  getParentRoute: () => tenant,
  path: "/functions/new",
  validateSearch: (search: Search): { readonly app?: string; readonly template?: string } =>
    texts(search, ["app", "template"]),
  component: screen(() => import("./screens/functions/new-function.tsx"), "NewFunction"),
});
const functionTab = createRoute({
  getParentRoute: () => tenant,
  path: "/functions/$app/$fn/$tab",
  validateSearch: (search: Search): FunctionSearch => texts(search, ["status", "run", "from", "to", "edit", "event"]),
  component: screen(() => import("./screens/functions/function.tsx"), "FunctionScreen"),
});
const newSubscription = createRoute({
  getParentRoute: () => tenant,
  path: "/subscriptions/new",
  validateSearch: (search: Search): { readonly face?: string } => texts(search, ["face"]),
  component: screen(() => import("./screens/subscriptions/new.tsx"), "NewSubscription"),
});
const subscriptionSettings = createRoute({
  getParentRoute: () => tenant,
  path: "/subscriptions/$id/settings",
  component: screen(() => import("./screens/subscriptions/settings.tsx"), "SubscriptionSettings"),
});
const events = createRoute({
  getParentRoute: () => tenant,
  path: "/events",
  validateSearch: (search: Search): EventSearch =>
    texts(search, ["where", "face", "event", "bucket", "resource", "deliveries", "last", "since", "until"]),
  component: screen(() => import("./screens/events/events.tsx"), "Events"),
});
const event = createRoute({
  getParentRoute: () => tenant,
  path: "/events/$id",
  component: screen(() => import("./screens/events/event.tsx"), "EventScreen"),
});
const catalog = createRoute({
  getParentRoute: () => tenant,
  path: "/catalog",
  validateSearch: (search: Search): { readonly name?: string } => texts(search, ["name"]),
  component: screen(() => import("./screens/catalog/catalog.tsx"), "Catalog"),
});
const eventType = createRoute({
  getParentRoute: () => tenant,
  path: "/catalog/$type",
  validateSearch: (search: Search): { readonly simulate?: string } => texts(search, ["simulate"]),
  component: screen(() => import("./screens/catalog/event-type.tsx"), "EventTypeScreen"),
});
const operations = createRoute({
  getParentRoute: () => tenant,
  path: "/operations",
  validateSearch: (search: Search): OperationSearch =>
    texts(search, ["outcome", "event", "function", "resource", "since", "until"]),
  component: screen(() => import("./screens/operations/operations.tsx"), "OperationsScreen"),
});
const operation = createRoute({
  getParentRoute: () => tenant,
  path: "/operations/$id",
  component: screen(() => import("./screens/operations/operation.tsx"), "OperationScreen"),
});
const redrives = createRoute({
  getParentRoute: () => tenant,
  path: "/redrives",
  component: screen(() => import("./screens/redrives/redrives.tsx"), "Redrives"),
});
const access = createRoute({
  getParentRoute: () => tenant,
  path: "/access",
  component: screen(() => import("./screens/access/access.tsx"), "Access"),
});
const sessions = createRoute({
  getParentRoute: () => tenant,
  path: "/access/sessions",
  component: screen(() => import("./screens/access/sessions.tsx"), "Sessions"),
});
const principals = createRoute({
  getParentRoute: () => tenant,
  path: "/access/principals",
  component: screen(() => import("./screens/access/principals.tsx"), "Principals"),
});
const tenants = createRoute({
  getParentRoute: () => tenant,
  path: "/access/tenants",
  component: screen(() => import("./screens/access/tenants.tsx"), "Tenants"),
});
const users = createRoute({
  getParentRoute: () => tenant,
  path: "/users",
  validateSearch: (search: Search): { readonly find?: string } => texts(search, ["find"]),
  component: screen(() => import("./screens/users/users.tsx"), "Users"),
});
const user = createRoute({
  getParentRoute: () => tenant,
  path: "/users/$id",
  component: screen(() => import("./screens/users/user.tsx"), "UserScreen"),
});
const go = createRoute({
  getParentRoute: () => tenant,
  path: "/go/$id",
  component: screen(() => import("./screens/go/go.tsx"), "Go"),
});
const mails = createRoute({
  getParentRoute: () => tenant,
  path: "/mails",
  component: screen(() => import("./screens/mails/mails.tsx"), "Mails"),
});
const usage = createRoute({
  getParentRoute: () => tenant,
  path: "/usage",
  component: screen(() => import("./screens/usage/usage.tsx"), "Usage"),
});
const nodes = createRoute({
  getParentRoute: () => tenant,
  path: "/nodes",
  component: screen(() => import("./screens/nodes/nodes.tsx"), "Nodes"),
});

interface EventSearch {
  readonly where?: string | undefined;
  /** Which events `where` is a filter of. */
  readonly face?: string | undefined;
  readonly event?: string | undefined;
  readonly bucket?: string | undefined;
  readonly resource?: string | undefined;
  readonly deliveries?: string | undefined;
  /** How far back from now: `1h`. */
  readonly last?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

interface OperationSearch {
  readonly outcome?: string | undefined;
  readonly event?: string | undefined;
  readonly function?: string | undefined;
  readonly resource?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** Each of one tab: the others do without it. */
interface FunctionSearch {
  readonly status?: string | undefined;
  readonly run?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly edit?: string | undefined;
  readonly event?: string | undefined;
}

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    login,
    tenant.addChildren([
      overview,
      buckets,
      bucketSettings,
      objects,
      explain,
      deliveries,
      delivery,
      live,
      subscriptions,
      newSubscription,
      subscription,
      destinations,
      destination,
      destinationSettings,
      functions,
      newFunction,
      functionTab,
      subscriptionSettings,
      events,
      event,
      catalog,
      eventType,
      operations,
      operation,
      redrives,
      access,
      sessions,
      principals,
      tenants,
      users,
      user,
      go,
      mails,
      usage,
      nodes,
    ]),
  ]),
  basepath: `${base}/dashboard`,
  parseSearch: readSearch,
  stringifySearch: writeSearch,
  defaultPreload: "intent",
  defaultErrorComponent: ScreenFailed,
  defaultNotFoundComponent: NoSuchPage,
  defaultPendingComponent: ScreenLoading,
  // The screen before stays until then.
  defaultPendingMs: 500,
  defaultPendingMinMs: 0,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
