import { type Static, Type } from "typebox";
import type { Context } from "../../context.ts";
import type { Principal } from "../../domain/access.ts";
import { defined } from "../../domain/defined.ts";
import { judgeHost } from "../../platform/access/host-tokens.ts";
import type { By } from "../../platform/asking.ts";
import { callerOf } from "../../platform/host/caller.ts";
import type { Registering } from "../../platform/registered/register.ts";
import { TenantView } from "../../platform/registered/view.ts";
import type { Resource } from "../../platform/registry.ts";
import type { Registered } from "../../store/records.ts";
import { instant, shownInstant } from "../http/fields.ts";
import { named } from "../http/named.ts";
import { userField } from "./events.ts";

/** How resources of the platform are said and shown. */

const parents = Type.Array(Type.String(), {
  maxItems: 8,
  description:
    "Uuids of what it lies in, of the kinds that its own kind may lie in. Its events are announced there too, to those who see both.",
});
const data = Type.Object(
  {},
  {
    additionalProperties: true,
    description:
      "Its public part, at most 64 KiB and 24 levels. What calls itself a password, secret, token or key is neither kept nor shown.",
  },
);
const announce = Type.Optional(
  Type.Boolean({ default: true, description: "Whether an event tells of it; false for those that were there before." }),
);
export const by = { user: Type.Optional(userField) };

const facts = {
  kind: Type.String({ maxLength: 64, description: "Name of its kind: `job`." }),
  owner: Type.String({
    minLength: 1,
    maxLength: 150,
    description: "Name of the principal who sees it without a grant, who need not have a token yet.",
  }),
  app: Type.Optional(
    Type.String({ description: "Slug of an app; a parent, where resources of the kind may lie in apps." }),
  ),
  parents: Type.Optional(parents),
  data: Type.Optional(data),
};

/** The whole of one, in place of what was said before. */
export const resourceBody = Type.Object({ ...facts, announce, ...by }, { additionalProperties: false });

export const resourcesBody = Type.Object(
  {
    resources: Type.Array(
      Type.Object(
        { uuid: Type.Optional(Type.String({ description: "Unset: one is made." })), ...facts },
        { additionalProperties: false },
      ),
      { minItems: 1, maxItems: 1_000 },
    ),
    existing: Type.Optional(
      Type.Enum(["refuse", "change"], {
        default: "refuse",
        description: "Of a uuid that is registered already: `conflict`, or it becomes what is said of it now.",
      }),
    ),
    announce,
    ...by,
  },
  { additionalProperties: false },
);

const raised = {
  event: Type.String({ maxLength: 64, description: "One of the events of its kind, such as `RUNNING`." }),
  data: Type.Optional(
    Type.Object(
      {},
      {
        additionalProperties: true,
        description: "Merged (RFC 7396) into its public part, and kept. Only of what the platform registered.",
      },
    ),
  ),
  parents: Type.Optional(parents),
};

export const raiseBody = Type.Object({ ...raised, ...by }, { additionalProperties: false });

export const raiseManyBody = Type.Object(
  {
    events: Type.Array(Type.Object({ uuid: Type.String(), ...raised }, { additionalProperties: false }), {
      minItems: 1,
      maxItems: 1_000,
    }),
    ...by,
  },
  { additionalProperties: false },
);

export const shownResource = named(
  "HostResource",
  Type.Object({
    uuid: Type.String(),
    kind: Type.String(),
    owner: Type.String(),
    app: Type.Optional(Type.String()),
    parents: Type.Optional(Type.Array(Type.String())),
    data: Type.Object({}, { additionalProperties: true }),
    created_at: instant,
    updated_at: instant,
  }),
);

export const result = Type.Enum(["registered", "changed", "unchanged"]);

export function showResource(resource: Omit<Registered, "revision">): Static<typeof shownResource> {
  const { uuid, kind, owner, app, parents, data, createdMs, updatedMs } = resource;
  return {
    uuid,
    kind,
    owner,
    ...defined({ app }),
    ...(parents === undefined ? {} : { parents: [...parents] }),
    data,
    created_at: shownInstant(createdMs),
    updated_at: shownInstant(updatedMs),
  };
}

/** What a route has been asked for, as verbs have it. */
export async function byOf(
  { store }: Pick<Context, "store">,
  { tenant }: Pick<Principal, "tenant">,
  user: Static<typeof userField> | undefined,
): Promise<By> {
  const { actor } = await callerOf(store, tenant, defined({ user }));
  return { ...defined({ actor }), origin: "library" };
}

type Rows = Registering["rows"];

/** @throws SignalboxError `forbidden` when its token is not for one of the kinds. */
export function judgeKinds(caller: Principal, rows: Rows): Rows {
  for (const kind of new Set(rows.map(({ said }) => said.kind))) judgeHost(caller, { kind: String(kind) });
  return rows;
}

/** What the tenant has under that uuid. @throws SignalboxError `not_found`; `forbidden` when its token is not for the kind. */
export async function usable({ store }: Pick<Context, "store">, caller: Principal, uuid: string): Promise<Resource> {
  const resource = await new TenantView(store, caller.tenant).found(uuid);
  judgeHost(caller, { kind: resource.kind });
  return resource;
}
