import type { Self } from "../api/session.ts";

/** A screen that the menu and the palette lead to. */
interface Place {
  readonly label: string;
  readonly path:
    | "/t/$tenant"
    | `/t/$tenant/${"buckets" | "subscriptions" | "deliveries" | "functions" | "redrives" | "access" | "mails" | "usage"}`;
  /** The least role that it is shown to. */
  readonly least: Self["role"];
}

export const places: readonly Place[] = [
  { label: "Overview", path: "/t/$tenant", least: "member" },
  { label: "Buckets", path: "/t/$tenant/buckets", least: "member" },
  { label: "Subscriptions", path: "/t/$tenant/subscriptions", least: "member" },
  { label: "Deliveries", path: "/t/$tenant/deliveries", least: "member" },
  { label: "Functions", path: "/t/$tenant/functions", least: "developer" },
  { label: "Redrives", path: "/t/$tenant/redrives", least: "member" },
  { label: "Access", path: "/t/$tenant/access", least: "member" },
  { label: "Mails", path: "/t/$tenant/mails", least: "admin" },
  { label: "Usage", path: "/t/$tenant/usage", least: "member" },
];
