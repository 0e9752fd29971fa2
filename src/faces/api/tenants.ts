import { type Static, Type } from "typebox";
import type { Context } from "../../context.ts";
import { notFound } from "../../errors.ts";
import { createTenant } from "../../platform/access/identities.ts";
import { quotasThing } from "../../platform/edits.ts";
import { quotasOfTenant, setQuotas } from "../../platform/quotas.ts";
import { lastOfFull } from "../../store/page.ts";
import type { Tenant } from "../../store/records.ts";
import { Cursors } from "../http/cursors.ts";
import { instant, nextCursor, paging, shownInstant } from "../http/fields.ts";
import { named } from "../http/named.ts";
import { type Route, route } from "../http/route.ts";
import { quotaPatch, shownQuotas, showQuotas } from "./quota-schema.ts";

const tenantId = Type.String({
  minLength: 1,
  maxLength: 63,
  pattern: "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
  "x-remedy": "must hold only a-z, 0-9 and hyphens, no hyphen at either end",
});
const newTenant = { id: Type.String(), name: Type.String(), created_at: instant };
const shownTenant = named("Tenant", Type.Object({ ...newTenant, quotas: shownQuotas }));

async function show(context: TenantContext, { id, name, createdMs }: Tenant): Promise<Static<typeof shownTenant>> {
  const quotas = showQuotas(await quotasOfTenant(context, id));
  return { id, name, created_at: shownInstant(createdMs), quotas };
}

async function findTenant({ store }: TenantContext, id: string): Promise<Tenant> {
  const tenant = await store.identities.tenant(id);
  if (tenant === undefined) throw notFound(`tenant '${id}'`);
  return tenant;
}

type TenantContext = Pick<Context, "store" | "vault" | "clock" | "publish" | "rates">;

/** Tenants; for operators. */
export function tenantRoutes(context: TenantContext): Route[] {
  const path = "/api/cloud/tenants/";
  const common = { role: "operator", tag: "identities" } as const;
  // Not of a tenant: an operator's cursor is good whichever tenant is chosen.
  const cursors = new Cursors<string>(context.vault, "tenants");
  const edited = async ({ params }: { readonly params: { readonly id: string } }) => ({
    things: [quotasThing((await findTenant(context, params.id)).id)],
  });
  return [
    route({
      ...common,
      method: "GET",
      path,
      summary: "Lists the tenants, by id",
      query: Type.Object(paging),
      message: "Tenants retrieved",
      data: Type.Object({ tenants: Type.Array(shownTenant), next_cursor: nextCursor }),
      handle: async ({ caller, query }) => {
        const page = cursors.page(caller, query);
        const tenants = await context.store.identities.tenants(page);
        return {
          tenants: await Promise.all(tenants.map((tenant) => show(context, tenant))),
          ...cursors.next(caller, lastOfFull(tenants, page)?.id),
        };
      },
    }),
    route({
      ...common,
      method: "POST",
      path,
      summary: "Makes a tenant",
      body: Type.Object(
        {
          id: tenantId,
          name: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: "Its id by default." })),
        },
        { additionalProperties: false },
      ),
      status: 201,
      message: "Tenant created",
      data: Type.Object(newTenant),
      handle: async ({ body: { id, name = id } }) => {
        const { createdMs } = await createTenant(context, { id, name });
        return { id, name, created_at: shownInstant(createdMs) };
      },
    }),
    route({
      ...common,
      method: "GET",
      path: `${path}:id/`,
      summary: "Shows a tenant",
      params: Type.Object({ id: Type.String() }),
      edited,
      message: "Tenant retrieved",
      data: shownTenant,
      handle: async ({ params }) => {
        return show(context, await findTenant(context, params.id));
      },
    }),
    route({
      ...common,
      method: "PATCH",
      path: `${path}:id/`,
      summary: "Gives a tenant quotas of its own",
      description:
        "They hold at once, also below what there is: then nothing more of it can be made. What is not named stays as it is.",
      params: Type.Object({ id: Type.String() }),
      edited,
      body: Type.Object({ quotas: quotaPatch }, { additionalProperties: false }),
      message: "Tenant changed",
      data: shownTenant,
      handle: async ({ caller, params, body: { quotas }, conditional }) =>
        show(context, await setQuotas(conditional(context), caller, params.id, quotas)),
    }),
  ];
}
