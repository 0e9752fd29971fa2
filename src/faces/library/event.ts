import type { Params } from "../../domain/lifecycle.ts";
import { invalidField } from "../../errors.ts";
import { plainParams } from "../../platform/host/plain-params.ts";

export interface EventInput {
  /** A type that the running Signalbox knows: `POST_USER_CREATE`. */
  readonly event_type: string;
  /** A plain JSON object of at most 256 KiB and 32 levels. Properties that are undefined are left out. */
  readonly params: object;
  /** Slug of the only app whose functions are to get it. Absent: those of the whole tenant. */
  readonly app?: string;
}

/**
 * What is to be published: a type and its params, copied and frozen. Whether the type exists and the params fit it is judged when
 * it is published, because only a running Signalbox knows its event types.
 */
export class PublishedEvent {
  readonly event_type: string;
  readonly params: Params;
  readonly app: string | undefined;

  /** @throws SignalboxError `invalid_request` with the fields that are not of this form. */
  constructor({ event_type, params, app }: EventInput) {
    if (typeof event_type !== "string" || !/^[A-Z][A-Z0-9_]{2,63}$/.test(event_type)) {
      throw invalidField("event_type", "must be 3 to 64 of A-Z, 0-9 and _, beginning with a letter: POST_USER_CREATE");
    }
    if (app !== undefined && (typeof app !== "string" || app === "")) {
      throw invalidField("app", "must be the slug of an app");
    }
    this.event_type = event_type;
    this.params = plainParams("params", params);
    this.app = app;
    Object.freeze(this);
  }
}
