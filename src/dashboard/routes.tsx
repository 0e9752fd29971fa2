import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet } from "@tanstack/react-router";
import { base } from "./api/client.ts";
import { Problem } from "./parts/notice.tsx";
import { Home } from "./shell/home.tsx";
import { Layout } from "./shell/layout.tsx";

/** Every address of the page. What a screen shows is in its address: filters, tabs and open panels too. */

const root = createRootRoute({
  component: Outlet,
  errorComponent: ({ error }) => <Problem error={error} />,
  notFoundComponent: () => <Problem error={new Error("there is no such page")} />,
});
const home = createRoute({ getParentRoute: () => root, path: "/", component: Home });
/** Of a login link; what it opens is the start. */
const login = createRoute({ getParentRoute: () => root, path: "/login", component: Home });
const tenant = createRoute({ getParentRoute: () => root, path: "/t/$tenant", component: Layout });
const overview = createRoute({
  getParentRoute: () => tenant,
  path: "/",
  component: lazyRouteComponent(() => import("./screens/overview/overview.tsx"), "Overview"),
});

const buckets = createRoute({
  getParentRoute: () => tenant,
  path: "/buckets",
  component: lazyRouteComponent(() => import("./screens/buckets/buckets.tsx"), "Buckets"),
});
const bucketSettings = createRoute({
  getParentRoute: () => tenant,
  path: "/buckets/$bucket/settings",
  validateSearch: (search: Readonly<Record<string, unknown>>): { readonly edit?: string } => texts(search, ["edit"]),
  component: lazyRouteComponent(() => import("./screens/buckets/settings.tsx"), "BucketSettings"),
});
const objects = createRoute({
  getParentRoute: () => tenant,
  path: "/buckets/$bucket/objects",
  validateSearch: (search: Readonly<Record<string, unknown>>): { readonly prefix?: string } =>
    texts(search, ["prefix"]),
  component: lazyRouteComponent(() => import("./screens/buckets/objects.tsx"), "Objects"),
});
const deliveries = createRoute({
  getParentRoute: () => tenant,
  path: "/deliveries",
  validateSearch: (search: Readonly<Record<string, unknown>>): DeliverySearch =>
    texts(search, ["status", "bucket", "rule", "since", "until"]),
  component: lazyRouteComponent(() => import("./screens/deliveries/deliveries.tsx"), "Deliveries"),
});

const delivery = createRoute({
  getParentRoute: () => tenant,
  path: "/deliveries/$id",
  component: lazyRouteComponent(() => import("./screens/deliveries/delivery.tsx"), "DeliveryScreen"),
});
const explain = createRoute({
  getParentRoute: () => tenant,
  path: "/buckets/$bucket/explain",
  validateSearch: (search: Readonly<Record<string, unknown>>): { readonly key?: string } => texts(search, ["key"]),
  component: lazyRouteComponent(() => import("./screens/explain/explain.tsx"), "Explain"),
});
const subscriptions = createRoute({
  getParentRoute: () => tenant,
  path: "/subscriptions",
  validateSearch: (search: Readonly<Record<string, unknown>>): { readonly face?: string; readonly status?: string } =>
    texts(search, ["face", "status"]),
  component: lazyRouteComponent(() => import("./screens/subscriptions/subscriptions.tsx"), "Subscriptions"),
});
const subscription = createRoute({
  getParentRoute: () => tenant,
  path: "/subscriptions/$id",
  component: lazyRouteComponent(() => import("./screens/subscriptions/subscription.tsx"), "SubscriptionScreen"),
});
const redrives = createRoute({
  getParentRoute: () => tenant,
  path: "/redrives",
  component: lazyRouteComponent(() => import("./screens/redrives/redrives.tsx"), "Redrives"),
});
const access = createRoute({
  getParentRoute: () => tenant,
  path: "/access",
  component: lazyRouteComponent(() => import("./screens/access/access.tsx"), "Access"),
});
const mails = createRoute({
  getParentRoute: () => tenant,
  path: "/mails",
  component: lazyRouteComponent(() => import("./screens/mails/mails.tsx"), "Mails"),
});
const usage = createRoute({
  getParentRoute: () => tenant,
  path: "/usage",
  component: lazyRouteComponent(() => import("./screens/usage/usage.tsx"), "Usage"),
});

interface DeliverySearch {
  readonly status?: string;
  readonly bucket?: string;
  readonly rule?: string;
  readonly since?: string;
  readonly until?: string;
}

/** Of what stands after the `?` of an address, the texts that a screen knows; the rest is dropped. */
function texts<Name extends string>(
  search: Readonly<Record<string, unknown>>,
  names: readonly Name[],
): { readonly [Key in Name]?: string } {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = search[name];
      return typeof value === "string" || typeof value === "number" ? [[name, String(value)]] : [];
    }),
  ) as { readonly [Key in Name]?: string };
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
      subscriptions,
      subscription,
      redrives,
      access,
      mails,
      usage,
    ]),
  ]),
  basepath: `${base}/dashboard`,
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
