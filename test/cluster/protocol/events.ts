/** Events of the model have a name, and nothing else that differs. */
import type { Event } from "../../../src/domain/event.ts";
import type { Uuid } from "../../../src/domain/ids.ts";
import type { Row } from "../../../src/store/sql/step.ts";

interface Named {
  readonly sequence: number;
  readonly id: string;
}

export function rowOf({ sequence, id }: Named): Row {
  return {
    sequence,
    id,
    tenant: "acme",
    resource: "r",
    scope: null,
    names: "{}",
    actor: null,
    origin: "api",
    time_ms: 0,
    revision: 1,
    data: "{}",
    owners: null,
    addressee: null,
    parents: null,
  };
}

export function eventOf({ sequence, id }: Named): Event {
  return {
    id,
    sequence,
    revision: 1,
    tenant: "acme",
    resource: "r" as Uuid,
    names: {},
    origin: "api",
    timeMs: 0,
    data: {},
  };
}
