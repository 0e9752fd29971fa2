import type { Self } from "../api/session.ts";

/** A screen that the menu and the palette lead to. */
interface Place {
  readonly label: string;
  readonly path:
    | "/t/$tenant"
    | `/t/$tenant/${"buckets" | "subscriptions" | "destinations" | "deliveries" | "live" | "events" | "catalog" | "functions" | "operations" | "redrives" | "users" | "access" | "mails" | "usage" | "nodes"}`;
  /** After `g`, leads to it. */
  readonly key?: string;
  /** The least role that it is shown to. */
  readonly least: Self["role"];
  /** Begins the next group of the menu. */
  readonly begins?: boolean;
}

export const places: readonly Place[] = [
  { label: "Overview", path: "/t/$tenant", key: "o", least: "member" },
  { label: "Live", path: "/t/$tenant/live", key: "l", least: "member" },
  { label: "Events", path: "/t/$tenant/events", key: "e", least: "member", begins: true },
  { label: "Deliveries", path: "/t/$tenant/deliveries", key: "d", least: "member" },
  { label: "Redrives", path: "/t/$tenant/redrives", least: "member" },
  { label: "Operations", path: "/t/$tenant/operations", least: "developer" },
  { label: "Buckets", path: "/t/$tenant/buckets", key: "b", least: "member", begins: true },
  { label: "Subscriptions", path: "/t/$tenant/subscriptions", key: "s", least: "member" },
  { label: "Destinations", path: "/t/$tenant/destinations", least: "member" },
  { label: "Functions", path: "/t/$tenant/functions", key: "f", least: "developer" },
  { label: "Catalog", path: "/t/$tenant/catalog", least: "member" },
  { label: "Users", path: "/t/$tenant/users", key: "u", least: "developer", begins: true },
  { label: "Access", path: "/t/$tenant/access", key: "a", least: "member" },
  { label: "Mails", path: "/t/$tenant/mails", least: "admin" },
  { label: "Usage", path: "/t/$tenant/usage", least: "member" },
  { label: "Nodes", path: "/t/$tenant/nodes", least: "operator" },
];
