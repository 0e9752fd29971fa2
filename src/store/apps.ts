import type { Uuid } from "../domain/ids.ts";
import type { Page } from "./page.ts";
import type { App } from "./records.ts";

/** What functions belong to. */
export interface Apps {
  app(tenant: string, slug: string): Promise<App | undefined>;
  appByUuid(uuid: Uuid): Promise<App | undefined>;
  /** By number. */
  apps(tenant: string, page: Page<number>): Promise<App[]>;
}

export type AppCondition =
  | { readonly if: "app.slugFree"; readonly tenant: string; readonly slug: string }
  /** The tenant has fewer than `fewer` apps. */
  | { readonly if: "apps.fewer"; readonly tenant: string; readonly fewer: number }
  | { readonly if: "app.exists"; readonly uuid: Uuid }
  /** No live functions in it. */
  | { readonly if: "app.empty"; readonly uuid: Uuid };

export type AppChange =
  | { readonly do: "app.add"; readonly app: NewApp }
  | { readonly do: "app.change"; readonly uuid: Uuid; readonly name: string; readonly atMs: number }
  /** Ends what is subscribed to its events, as `bucket.remove` does. */
  | { readonly do: "app.remove"; readonly uuid: Uuid; readonly atMs: number };

/** Numbers of apps and functions are the store's to give. */
export type NewApp = Omit<App, "number">;
