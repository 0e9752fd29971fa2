import type { Context } from "../../context.ts";
import type { EventTypeDefinition } from "../../domain/catalog.ts";
import type { NewEvent } from "../../domain/event.ts";
import { uuidV7 } from "../../domain/ids.ts";
import type { KindInput } from "../../domain/notifications/resource-kinds.ts";
import { withoutSecrets } from "../../domain/secret-names.ts";
import { SignalboxError } from "../../errors.ts";
import type { MailTemplates } from "../../mail/template.ts";
import type { HostIntent, Resolve } from "./host.ts";
import type { TenantResources } from "./host-resource.ts";
import type { IntentQuery } from "./library.ts";
import type { TenantUsers } from "./users.ts";

/** What a program that runs Signalbox inside itself brings, and what it gets. */

/** An event of a host's own: who made it, when, and its id are filled in when absent. */
export type HostEvent = Omit<NewEvent, "id" | "timeMs" | "origin"> & Partial<Pick<NewEvent, "timeMs">>;

/** What a program adds that runs Signalbox inside itself. */
export interface Host<Name extends string = string> {
  /** Its own event types, of `defineEvent`. */
  readonly events?: readonly (EventTypeDefinition & { readonly name: Name })[];
  /**
   * Says what came of operations that `EventService.around` had begun: asked at the start about those that an earlier process left
   * behind, when an operation throws, and when its POST event cannot be made of what it returned; again and again, less and less often,
   * until it can tell. Without it those of an earlier process are kept as unresolved.
   */
  readonly resolve?: Resolve;
  /** Kinds of resources that it keeps itself, and more names of events for those that are known. */
  readonly kinds?: readonly KindInput[];
  /** Mails about resources of a kind, by its name, instead of those that Signalbox writes. */
  readonly mails?: MailTemplates;
}

/** A running Signalbox. `Name`: the names of the host's event types, as far as TypeScript knows them. */
export interface Signalbox<Name extends string = string> extends AsyncDisposable {
  /** For TypeScript alone: there is nothing at run time. */
  readonly eventTypes?: readonly Name[];
  /** Of the API, without a final slash. */
  readonly url: string;
  /** Of the S3 endpoint, without a final slash. */
  readonly s3Url: string;
  /** Of the host interface, where there is one: `unix:/path`, or a URL without a final slash. */
  readonly hostUrl?: string;
  /** The operator's token, when this start made it: it cannot be had again. */
  readonly madeToken?: string;
  /** Where that operator logs in with a browser, when this start made its token: once, within ten minutes. */
  readonly loginLink?: string;
  /** Makes an event durable, and so accepted: it will reach its subscribers. Resolves with its sequence. */
  publish(event: HostEvent): Promise<number>;
  /** The users of a tenant, changed with the origin `library`. */
  users(tenant: string): TenantUsers;
  /** Resources that the host keeps itself, so that users can subscribe to what happens to them. */
  resources(tenant: string): TenantResources;
  /** Operations of {@link EventService.around} that were begun and not concluded, the oldest first. */
  intents(query?: IntentQuery): Promise<HostIntent[]>;
  /** Stops taking work, finishes what is under way, and when `grace` aborts cuts it off. Idempotent. */
  stop(grace?: AbortSignal): Promise<void>;
}

/** {@link Signalbox.publish}. */
export async function publishOfHost(
  { rates, clock, publish }: Pick<Context, "rates" | "clock" | "publish">,
  event: HostEvent,
): Promise<number> {
  const admitted = rates.admit(event.tenant);
  // Not by `using`: that made this function cost twice as much (0.4 µs, and 0.2 with `finally`), and it runs for every event.
  try {
    const timeMs = event.timeMs ?? clock.now();
    const id = uuidV7({ nowMs: timeMs, bytes: clock.bytes(10) });
    const data = withoutSecrets(event.data).value as HostEvent["data"];
    const commit = await publish({ events: [{ ...event, data, id, timeMs, origin: "library" }] });
    if (commit.kind === "refused") throw new SignalboxError("internal", "an event without conditions was refused");
    return commit.sequences[0] ?? 0;
  } finally {
    admitted[Symbol.dispose]();
  }
}
