import { BlobLeases } from "./blobs/leases.ts";
import type { Config } from "./config/config.ts";
import type { Context } from "./context.ts";
import { Audience } from "./delivery/audience.ts";
import { Deliverer } from "./delivery/deliver.ts";
import { dispatch } from "./delivery/dispatch.ts";
import { keepInStep } from "./delivery/in-step.ts";
import { Matcher } from "./delivery/matcher.ts";
import { outcomeRecorder } from "./delivery/outcome-recorder.ts";
import { PoisonRedrives } from "./delivery/poisoned.ts";
import { noteRates, publisher } from "./delivery/publish.ts";
import { Redriver } from "./delivery/redrive.ts";
import { Settlements } from "./delivery/settlements.ts";
import { Visibility } from "./delivery/visibility.ts";
import { Watching } from "./delivery/watching.ts";
import type { EventTypeDefinition } from "./domain/catalog.ts";
import { parseEgressAllow } from "./domain/egress.ts";
import { catalogOf } from "./domain/event-types.ts";
import type { Uuid } from "./domain/ids.ts";
import { LiveKinds } from "./domain/notifications/live-kinds.ts";
import type { KindInput } from "./domain/notifications/resource-kinds.ts";
import type { Subscription } from "./domain/subscription.ts";
import { asError } from "./errors.ts";
import { guard } from "./hooks/guard.ts";
import { functionRunner } from "./invocation/run.ts";
import type { CallPlatform } from "./invocation/runner.ts";
import type { MailTemplates } from "./mail/template.ts";
import { AttributeSchemas } from "./offload/attribute-schemas.ts";
import { EventRates } from "./pace/event-rates.ts";
import { KeyedMutex } from "./pace/keyed-mutex.ts";
import type { Ports } from "./ports.ts";
import { LiveDeclarations } from "./store/live-declarations.ts";
import { Numbers } from "./store/numbers.ts";
import { QuotaRoom } from "./store/quota-room.ts";
import type { SendingMeans } from "./targets/sending-means.ts";
import type { PreparedTarget } from "./targets/target.ts";
import { sending } from "./targets/targets.ts";

/** What the engine takes beside its ports. */
export interface EngineOptions {
  readonly config: Omit<Config, "data">;
  /** How functions call this platform. */
  readonly callPlatform: CallPlatform;
  /** Of the API as others reach it, without a final slash. */
  readonly publicUrl: () => string;
  /** Absent: no host raises events of its own. */
  readonly host: HostDeclarations | undefined;
  /** How deliveries leave, by what they leave with. */
  readonly prepare: (means: SendingMeans) => (subscription: Subscription) => PreparedTarget;
}

/** What a program declares that runs Signalbox inside itself. */
interface HostDeclarations {
  readonly events?: readonly EventTypeDefinition[];
  readonly kinds?: readonly KindInput[];
  readonly mails?: MailTemplates;
}

/** Takes events, asks hooks, delivers: everything but those who ask for it. Disposing closes what it sends by. */
export interface Engine extends AsyncDisposable {
  readonly context: Context;
  readonly deliverer: Deliverer;
  readonly redriver: Redriver;
  /** Aborts with {@link Engine.close}. */
  readonly stopping: AbortSignal;
  /** Delivers what waits, and goes on with redrives. */
  start(): Promise<void>;
  /** Hands committed events to those who want them, until the engine closes. */
  dispatch(): void;
  /** Takes no more work: what runs until `stopping` ends soon. */
  close(): void;
  /** Closes, and waits for what is under way until `grace` aborts. */
  stop(grace: AbortSignal): Promise<void>;
}

/** People see the gap that a restart leaves. */
const userNumberBlocks = { least: 32, most: 1_024 };

/** Makes the engine, and the context of all verbs, out of ports. Nothing runs before it is started. */
export async function engineOf(ports: Ports, options: EngineOptions): Promise<Engine> {
  const { store, feed, cluster, hints, blobs, vault, mailer, sandbox, marks, clock, log, meter, slices, offload } =
    ports;
  const { config, callPlatform, publicUrl } = options;
  const { events = [], kinds: hostKinds = [], mails: mailTemplates = {} } = options.host ?? {};
  const egressAllow = parseEgressAllow(config.egressAllow);
  const kinds = new LiveKinds(hostKinds, {
    host: options.host !== undefined || config.hostListen !== undefined,
    downloads: config.downloadEvents === "on",
  });
  const catalog = catalogOf(events);
  const declared = await LiveDeclarations.load({ store, catalog, kinds, slices, log });

  // Who must know of what was settled, or committed.
  const settlements = new Settlements(clock);
  feed.listen((settlement) => settlements.settled(settlement));
  const watching = await Watching.load({ store, clock });
  feed.observe(watching);
  const { observed, alerts } = watching;
  const rates = new EventRates(config.quotaEventsPerSecond, await store.quotas.bounds("events_per_second"), {
    sharers: cluster,
  });
  const publish = publisher({
    store,
    wake: () => hints.tell({ about: "events" }),
    noticed: [
      (unit) => watching.note(unit) && hints.tell({ about: "watchers" }),
      (unit) => noteRates(rates, unit) && hints.tell({ about: "quotas" }),
    ],
    accepted: (events) => meter.accepted(events),
  });

  // Before: the hooks of an operation.
  const functions = functionRunner({ store, vault, sandbox, callPlatform, clock, slices });
  const matching = new Matcher({ msPerSecond: config.matchMsPerSecond, slices, clock, sharers: cluster });
  // Apart from that of dispatch, which must not move on while a batch is looked at.
  const audience = new Audience(store, log, "lifecycle", matching);
  const hooks = { audience, functions, publish, catalog, clock, log, meter, chainMs: config.hookChainMs };

  // After: deliveries.
  const sent = { store, mailer, egressAllow, vault, functions, kinds, mailTemplates, publicUrl, meter, clock, log };
  const out = sending({ config, ...sent });
  const prepareTarget = options.prepare(out.means);
  const alertPaused = alerts.paused.bind(alerts);
  const sight = new Visibility(store);
  const isWatched = (subscription: Uuid): boolean => observed.has(subscription);
  const tell = outcomeRecorder(ports, { isWatched, mayBeWatched: store.watchers !== undefined, alerts });
  const common = { store, feed, publish, sight, meter, clock, log, alertPaused };
  const deliverer = new Deliverer({ ...common, tell, prepare: prepareTarget, bounds: config, sharers: cluster });
  const wake = (number: number): void => hints.tell({ about: "subscription", number });
  const redriver = new Redriver({ store, cluster, wake, clock, log });
  const again = new PoisonRedrives();
  /** Of what waits for this node. */
  const found = async (looked: Promise<void>): Promise<void> => {
    await looked;
    for (const tenant of await store.aside.tenants()) again.redriven(tenant);
  };
  const takenOver = async (): Promise<void> => {
    await deliverer.takeOver();
    await redriver.start();
  };
  const unseen = (thrown: unknown): void =>
    log.error({ error: asError(thrown).message }, "could not look at what others told; it is found later");
  const listening = hints.listen((hint) => {
    if (hint.about === "events") feed.wake();
    else if (hint.about === "subscription") void deliverer.wake(hint.number).catch(unseen);
    else if (hint.about === "aside") again.redriven(hint.tenant);
    else if (hint.about === "declarations") declared.refreshSoon();
    else if (hint.about === "shards") void found(takenOver()).catch(unseen);
    else if (hint.about === "lost") void found(deliverer.look()).catch(unseen);
  });
  const dispatchAudience = new Audience(store, log, undefined, matching);

  const context: Context = {
    ...ports,
    config,
    publish,
    guard: guard(hooks),
    audience,
    functions,
    catalog,
    kinds,
    declared,
    rates,
    matching,
    mutex: new KeyedMutex(),
    leases: new BlobLeases(blobs, log),
    room: new QuotaRoom(store, cluster),
    schemas: new AttributeSchemas({ store, offload }),
    numbers: new Numbers((count) => store.users.reserveNumbers(count), userNumberBlocks),
    egressAllow,
    mailLinks: out.links,
    publicUrl,
    firstAttempts: deliverer.firstAttempts,
    prepareTarget,
    wake,
    nextRecord: (place, ms, signal) => settlements.next(place, ms, signal),
    startRedrive: (redrive) => redriver.run(redrive),
    declarationsChanged: async () => {
      await declared.refresh();
      hints.tell({ about: "declarations" });
    },
    alertPaused,
    redispatch: (tenant) => hints.tell({ about: "aside", tenant }),
  };

  const stop = new AbortController();
  let dispatched: Promise<void> | undefined;
  let redriven: Promise<void> | undefined;
  let inStep: Promise<void> | undefined;
  const close = (): void => {
    if (stop.signal.aborted) return;
    stop.abort();
    feed.stopping();
    redriven = redriver.stop();
  };
  return {
    context,
    deliverer,
    redriver,
    stopping: stop.signal,
    start: async () => {
      await deliverer.start();
      await redriver.start();
      inStep ??= keepInStep({ store, hints, watching, rates, clock, log }, stop.signal);
    },
    dispatch: () => {
      const parts = { ...common, audience: dispatchAudience, deliverer, matching, marks, again };
      dispatched ??= dispatch(parts, stop.signal);
    },
    close,
    stop: async (grace) => {
      close();
      await redriven;
      await inStep;
      await dispatched;
      await deliverer.stop(grace);
    },
    [Symbol.asyncDispose]: () => {
      listening[Symbol.dispose]();
      return out[Symbol.asyncDispose]();
    },
  };
}
