import { type Static, Type } from "typebox";
import type { Context } from "../../context.ts";
import type { Principal } from "../../domain/access.ts";
import { createApp, findApp, listApps, removeApp, renameApp } from "../../platform/apps/apps.ts";
import { lastOfFull } from "../../store/page.ts";
import { Cursors } from "../http/cursors.ts";
import { nextCursor, paging } from "../http/fields.ts";
import { type Route, route } from "../http/route.ts";
import { changedApp, newApp, showApp, shownApp } from "./app-schema.ts";

const path = "/api/apps/";
export const appParams = Type.Object({ app: Type.String({ description: "Slug." }) });

/** Apps, to which functions belong. */
export function appRoutes(deps: Pick<Context, "clock" | "publish" | "store" | "vault">): Route[] {
  const { store } = deps;
  const edited = async ({
    caller,
    params,
  }: {
    readonly caller: Principal;
    readonly params: Static<typeof appParams>;
  }) => ({
    things: [(await findApp(store, caller, params.app)).uuid],
  });
  const cursors = new Cursors<number>(deps.vault, "apps");
  const [seeing, changing] = [
    { role: "member", tag: "apps" },
    { role: "developer", tag: "apps" },
  ] as const;
  return [
    route({
      ...seeing,
      method: "GET",
      path,
      summary: "Lists the tenant's apps, oldest first",
      query: Type.Object(paging),
      message: "Apps retrieved successfully",
      data: Type.Object({ apps: Type.Array(shownApp), next_cursor: nextCursor }),
      handle: async ({ caller, query }) => {
        const page = cursors.page(caller, query);
        const apps = await listApps(store, caller, page);
        return { apps: apps.map(showApp), ...cursors.next(caller, lastOfFull(apps, page)?.number) };
      },
    }),
    route({
      ...changing,
      method: "POST",
      path,
      summary: "Makes an app",
      body: newApp,
      idempotent: true,
      status: 201,
      made: ({ uuid }) => uuid,
      message: "App created successfully",
      data: shownApp,
      handle: async ({ caller, body }) => showApp(await createApp(deps, caller, body)),
    }),
    route({
      ...seeing,
      method: "GET",
      path: `${path}:app/`,
      summary: "Shows an app",
      params: appParams,
      edited,
      message: "App retrieved successfully",
      data: shownApp,
      handle: async ({ caller, params }) => showApp(await findApp(store, caller, params.app)),
    }),
    route({
      ...changing,
      method: "PATCH",
      path: `${path}:app/`,
      summary: "Gives an app another name; its slug stays",
      params: appParams,
      edited,
      body: changedApp,
      message: "App changed successfully",
      data: shownApp,
      handle: async ({ caller, params, body, conditional }) =>
        showApp(await renameApp(conditional(deps), caller, params.app, body.name)),
    }),
    route({
      ...changing,
      method: "DELETE",
      path: `${path}:app/`,
      summary: "Deletes an app that has no functions",
      params: appParams,
      edited,
      message: "App deleted successfully",
      data: Type.Object({}),
      handle: async ({ caller, params, conditional }) => {
        await removeApp(conditional(deps), caller, params.app);
        return {};
      },
    }),
  ];
}
