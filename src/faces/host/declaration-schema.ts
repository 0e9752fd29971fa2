import { type Static, Type } from "typebox";
import { defined } from "../../domain/defined.ts";
import type { FoundEventType, FoundKind } from "../../platform/declarations/find.ts";
import type { StoredDeclaration, StoredKind } from "../../store/declarations.ts";
import { instant, shownInstant } from "../http/fields.ts";
import { named } from "../http/named.ts";

/** How event types and kinds are declared and shown. What their values may be the verbs judge. */

const closed = { additionalProperties: false } as const;
const object = Type.Object({}, { additionalProperties: true });
const names = Type.Array(Type.String());

const eventTypeFields = {
  phase: Type.Enum(["pre", "post"], {
    description: "`pre`: asked before an operation; its name begins with `PRE_`. `post`: told after it.",
  }),
  resource: Type.String({ description: "What it is about, such as `order`: 1–32 of a–z, 0–9 and _." }),
  description: Type.Optional(Type.String({ description: "One sentence." })),
  schema: Type.Object(
    {},
    {
      additionalProperties: true,
      description: "JSON Schema (2020-12) of the params, an object; at most 16 KiB and 100 schemas within it.",
    },
  ),
  sensitive: Type.Optional(
    Type.Array(Type.String(), {
      description: "Paths (`card.number`) that are taken out before anything else is done.",
    }),
  ),
  public: Type.Optional(
    Type.Array(Type.String(), { description: "Paths of what is called like a secret and is none: `page.token`." }),
  ),
  changeable: Type.Optional(
    Type.Array(Type.String(), {
      description: "Of a `pre` type: paths that hooks may change; `attributes.*` is all that lies below.",
    }),
  ),
};

export const eventTypeBody = Type.Object(eventTypeFields, closed);

const kindFields = {
  code: Type.Optional(
    Type.String({ description: "The three digits that end its uuids, 100–999 and free. Unset: the shared 900." }),
  ),
  events: Type.Optional(
    Type.Array(Type.String(), { description: "Names of its events, such as `SHIPPED`; at most 256." }),
  ),
  open: Type.Optional(Type.Boolean({ description: "Whether other names may be raised too. Default: false." })),
  parents: Type.Optional(
    Type.Array(Type.String(), { description: "Names of the kinds in whose resources its own may lie; at most 32." }),
  ),
  macros: Type.Optional(
    Type.Record(Type.String(), Type.String(), {
      description: "What `${NAME}` in urls stands for: a path into the resource; at most 128.",
    }),
  ),
};

export const kindBody = Type.Object(kindFields, closed);

/** Of what is kept, beside what is in effect. */
const kept = {
  version: Type.Optional(
    Type.Integer({ description: "Counts what it was declared to be. Absent of what is not kept." }),
  ),
  declared_by: Type.Optional(Type.String({ description: "Absent: a file that the server was started with." })),
  created_at: Type.Optional(instant),
  updated_at: Type.Optional(instant),
};

export const shownEventType = named(
  "HostEventType",
  Type.Object({
    name: Type.String(),
    phase: eventTypeFields.phase,
    resource: Type.String(),
    description: Type.Optional(Type.String()),
    schema: object,
    sensitive: Type.Optional(names),
    public: Type.Optional(names),
    changeable: Type.Optional(names),
    source: Type.Enum(["built_in", "host", "declared"], {
      description:
        "Who says what it is. `host`: the program that runs Signalbox, which goes before what is declared here and then not in effect.",
    }),
    ...kept,
  }),
);

export const shownKind = named(
  "HostKind",
  Type.Object({
    name: Type.String(),
    code: Type.Optional(Type.String()),
    events: Type.Optional(names),
    open: Type.Optional(Type.Boolean()),
    parents: Type.Optional(names),
    macros: Type.Optional(Type.Record(Type.String(), Type.String())),
    source: Type.Enum(["own", "documented", "host", "declared"], {
      description:
        "Who says what it is. `own`: Signalbox keeps such resources itself. `documented`: resources of hosts. `host`: the program that runs Signalbox.",
    }),
    declared: Type.Optional(
      Type.Object(kindFields, {
        description:
          "As it was declared here; what is in effect adds what is documented. Without the rest: it is not in effect.",
      }),
    ),
    ...kept,
  }),
);

export function showEventType({ definition, source, declaration }: FoundEventType): Static<typeof shownEventType> {
  const { name, phase, resource, description, schema, sensitive, public: known, changeable } = definition;
  return {
    name,
    phase,
    resource,
    ...defined({ description }),
    schema,
    ...defined({ sensitive: copied(sensitive), public: copied(known), changeable: copied(changeable) }),
    source,
    ...showKept(declaration),
  };
}

export function showKind({ name, kind, source, declaration }: FoundKind): Static<typeof shownKind> {
  return {
    name,
    ...(kind === undefined
      ? {}
      : {
          code: kind.code,
          events: [...kind.events],
          open: kind.open,
          parents: [...kind.parents],
          macros: { ...kind.macros },
        }),
    source,
    ...(declaration === undefined ? {} : { declared: showDeclared(declaration) }),
    ...showKept(declaration),
  };
}

function showDeclared({ definition: { code, events, open, parents, macros } }: StoredKind): Static<typeof kindBody> {
  return defined({ code, events: copied(events), open, parents: copied(parents), macros });
}

function showKept(declaration: StoredDeclaration | undefined) {
  if (declaration === undefined) return {};
  const { version, by, createdMs, updatedMs } = declaration;
  return {
    version,
    ...defined({ declared_by: by }),
    created_at: shownInstant(createdMs),
    updated_at: shownInstant(updatedMs),
  };
}

function copied(list: readonly string[] | undefined): string[] | undefined {
  return list === undefined ? undefined : [...list];
}
