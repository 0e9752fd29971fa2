import { join } from "node:path";
import { fileBlobs } from "./blobs/files.ts";
import { systemClock } from "./clock.ts";
import type { Config } from "./config/config.ts";
import { shownSettings } from "./config/shown.ts";
import { Alerts } from "./delivery/alerts.ts";
import { AsideAgain } from "./delivery/aside-again.ts";
import { Audience } from "./delivery/audience.ts";
import { Deliverer } from "./delivery/deliver.ts";
import { dispatch } from "./delivery/dispatch.ts";
import { FirstAttempts } from "./delivery/first-attempts.ts";
import { Matching } from "./delivery/matching.ts";
import { noteRates, publisher } from "./delivery/publish.ts";
import { Redriver } from "./delivery/redrive.ts";
import { retain } from "./delivery/retain.ts";
import { Settlements } from "./delivery/settlements.ts";
import { telling } from "./delivery/telling.ts";
import { Sight } from "./delivery/visibility.ts";
import { Watched } from "./delivery/watched.ts";
import { parseEgressAllow } from "./domain/egress.ts";
import { catalogOf } from "./domain/event-types.ts";
import { resourceKinds } from "./domain/notifications/resource-kinds.ts";
import { boundsOf, ClientConnections } from "./faces/http/front/connections.ts";
import { addressOf, listen } from "./faces/http/front/listen.ts";
import { health } from "./faces/http/health.ts";
import { type Host, publishOfHost, type Signalbox } from "./faces/library/host-api.ts";
import { library } from "./faces/library/library.ts";
import { nowRunning } from "./faces/library/running.ts";
import { Platform } from "./faces/platform-calls.ts";
import { defaultS3Limits, s3Server } from "./faces/s3/server.ts";
import { apiServer } from "./faces/server.ts";
import { blobsFolder } from "./folder/identity.ts";
import { refusedBySystem } from "./folder/system-refusals.ts";
import { guard } from "./hooks/guard.ts";
import { functionRunner } from "./invocation/run.ts";
import { jsonLog } from "./log.ts";
import { prometheusMeter } from "./metrics/meter.ts";
import { offload } from "./offload/offload.ts";
import { holdForBackups } from "./open-folder/backup-hold.ts";
import { openFolder } from "./open-folder/open-folder.ts";
import { EventRates } from "./pace/event-rates.ts";
import { recent } from "./pace/recent.ts";
import { Slices } from "./pace/slices.ts";
import { ensureAdmin } from "./platform/access/identities.ts";
import { resourceDeps } from "./platform/deps.ts";
import { userDeps } from "./platform/users/deps.ts";
import { workerdSandbox } from "./sandbox/workerd/sandbox.ts";
import { expireUploads } from "./storage/expire-uploads.ts";
import { ObjectQueries } from "./storage/query-objects.ts";
import { sweepBlobs } from "./storage/sweep.ts";
import { dispatchMarks } from "./store/dispatch-marks.ts";
import { databaseSizes } from "./store/sqlite/open.ts";
import { targets } from "./targets/targets.ts";
import { version } from "./version.ts";

export type { Host, HostEvent, Signalbox } from "./faces/library/host-api.ts";

const dayMs = 86_400_000;
const metricsMaxAgeMs = 1_000;

/**
 * Starts everything in this process: the store, the engine, the API and the S3 endpoint. Throws a SignalboxError that names the
 * remedy when the data folder is in use, was made by a newer Signalbox, was sealed with another key, or a port is taken.
 */
export function start<const Name extends string = string>(
  config: Config,
  host: Host<Name> = {},
): Promise<Signalbox<Name>> {
  return launch(config, host) as Promise<Signalbox<Name>>;
}

/** The same; without a host, no program can raise events of its own. */
export async function launch(config: Config, program: Host | undefined): Promise<Signalbox> {
  const host = program ?? {};
  const clock = systemClock;
  const log = jsonLog(config.logLevel);
  const slices = new Slices();
  const started = new AsyncDisposableStack();
  try {
    const opened = started.use(await openFolder({ config, clock, log }));
    const { store, vault, room } = opened;
    const threads = started.use(offload({ clock, log }));
    const marks = started.use(dispatchMarks(join(config.data, "dispatch.marks")));
    const settlements = new Settlements(clock);
    const firstAttempts = new FirstAttempts();
    const feed = firstAttempts.settling(settlements.watch(opened.feed));
    const meter = prometheusMeter(() => clock.now());
    const watched = await Watched.load(store);
    const alerts = await Alerts.load(store, clock);
    const rates = new EventRates(config.quotaEventsPerSecond, await store.quotas.bounds("events_per_second"));
    const publish = publisher({
      store,
      wake: () => opened.feed.wake(),
      noticed: [(unit) => watched.note(unit), (unit) => alerts.note(unit), (unit) => noteRates(rates, unit)],
      accepted: (events) => meter.accepted(events),
    });
    const egressAllow = parseEgressAllow(config.egressAllow);
    const kinds = resourceKinds(host.kinds ?? [], {
      host: program !== undefined,
      downloads: config.downloadEvents === "on",
    });
    let listeningAt = "";
    const publicUrl = (): string => config.publicUrl ?? listeningAt;
    const sandbox = started.use(
      await workerdSandbox({
        limits: {
          memoryBytes: config.sandboxMemoryBytes,
          processes: config.sandboxProcesses,
          concurrency: config.hookConcurrency,
        },
        egressAllow,
        clock,
        log,
      }),
    );
    const platform = new Platform(() => Buffer.from(clock.bytes(24)).toString("base64url"));
    const functions = functionRunner({ store, vault, sandbox, callPlatform: platform.call, clock, slices });
    const mailTemplates = host.mails ?? {};
    const out = started.use(
      targets({ config, store, egressAllow, vault, functions, kinds, mailTemplates, publicUrl, clock, log }),
    );
    const { prepare } = out;
    const catalog = catalogOf(host.events ?? []);
    const warming = catalog.warm();
    // The first takes longest. It is done before others wait, and the rest while they do, a little in each turn.
    warming.next();
    const matching = new Matching({ msPerSecond: config.matchMsPerSecond, slices, clock });
    // Apart from that of dispatch, which must not move on while a batch is looked at.
    const listeners = new Audience(store, log, "lifecycle", matching);
    const hooks = guard({
      audience: listeners,
      functions,
      publish,
      catalog,
      clock,
      log,
      meter,
      chainMs: config.hookChainMs,
    });
    const blobs = await fileBlobs(join(config.data, blobsFolder), clock, {
      ...opened.run,
      admit: () => room.refuseGrowth(),
    });
    started.defer(() => blobs.close());
    const resources = resourceDeps({ store, blobs, publish, guard: hooks, clock, log, rates });

    const made = library({
      store,
      publish,
      guard: hooks,
      catalog,
      audience: listeners,
      functions,
      users: userDeps({ store, publish, guard: hooks, catalog, offload: threads, clock, log }),
      kinds,
      settlements,
      rates,
      ...(host.resolve === undefined ? {} : { resolve: host.resolve }),
      clock,
      log,
    });

    const connections = new ClientConnections(clock, boundsOf(config));
    const stopping = new AbortController();
    const again = new AsideAgain();
    const audience = new Audience(store, log, undefined, matching);
    const healthy = health(room, store.upkeep, clock);
    const sight = new Sight(store);
    const tell = telling({ isWatched: (subscription) => watched.has(subscription), alerts, clock, log });
    const alertPaused = alerts.paused.bind(alerts);
    const deliverer = new Deliverer({
      store,
      feed,
      publish,
      sight,
      tell,
      prepare: firstAttempts.watch(prepare),
      meter,
      clock,
      log,
      alertPaused,
      bounds: config,
    });
    const wake = (subscription: number): Promise<void> => deliverer.wake(subscription);
    const redriver = new Redriver({ store, wake, clock, log });
    const api = apiServer({
      config,
      store,
      publish,
      vault,
      clock,
      log,
      slices,
      matching,
      offload: threads,
      egressAllow,
      catalog,
      guard: hooks,
      functions,
      sandbox,
      platform,
      connections,
      kinds,
      resources,
      mailLinks: out.links,
      keptMails: out.kept,
      publicUrl,
      firstAttempts,
      prepareTarget: prepare,
      wake: (subscription) => void wake(subscription),
      nextRecord: (place, ms, signal) => settlements.next(place, ms, signal),
      startRedrive: (redrive) => redriver.run(redrive),
      redispatch: (tenant) => again.tell(tenant),
      health: async () => (stopping.signal.aborted ? "stopping" : healthy()),
      // Without a token too, and it counts what waits in every tenant.
      metrics: recent(
        () => clock.steady(),
        metricsMaxAgeMs,
        async () => {
          const waiting = { ...(await store.deliveries.depth()), aside: await store.aside.counts() };
          const held = { processes: sandbox.processes().length, filterBytes: matching.shelf.bytes() };
          const folder = { ...(await room.figures()), ...(await databaseSizes(config.data)) };
          return meter.render({ ...waiting, ...held, intents: await made.counts(), folder });
        },
      ),
    });
    platform.serve(api);
    const s3 = s3Server({
      ...resources,
      connections,
      slices,
      queries: new ObjectQueries({ store, slices, clock, msPerSecond: config.matchMsPerSecond }),
      vault,
      hookChainMs: config.hookChainS3Ms,
      downloadEvents: config.downloadEvents === "on",
      limits: { ...defaultS3Limits, maxObjectBytes: config.maxObjectBytes },
      domains: config.s3Domain,
      accepting: () => !stopping.signal.aborted,
    });

    await api.ready();
    const apiPort = await listen(api.server, { host: config.host, port: config.port, setting: "SIGNALBOX_PORT" });
    listeningAt = addressOf(config.host, apiPort);
    started.defer(() => new Promise<void>((resolve) => void api.server.close(() => resolve())));
    const s3Port = await listen(s3.server, { host: config.host, port: config.s3Port, setting: "SIGNALBOX_S3_PORT" });
    // After all that may refuse to start: a token that was made and not shown would lock everyone out.
    const { madeToken } = await ensureAdmin({ store: opened.unguarded, vault, clock, config });

    await deliverer.start();
    await redriver.start();
    // What a host's database takes to answer delays no start: its own operations go on meanwhile.
    const recovered = made.recover();
    const loops = [
      dispatch(
        { feed, store, audience, sight, deliverer, meter, clock, log, matching, publish, marks, again, alertPaused },
        stopping.signal,
      ),
      retain(
        {
          upkeep: store.upkeep,
          clock,
          log,
          keepMs: config.retentionDays * dayMs,
          keepDeadMs: config.retentionDeadDays * dayMs,
          keepBytes: config.retentionBytes,
        },
        stopping.signal,
      ),
      sweepBlobs(resources, stopping.signal),
      room.run(stopping.signal),
      holdForBackups({ folder: config.data, blobs, clock, log }, stopping.signal),
      expireUploads(resources, { keepMs: config.uploadDays * dayMs }, stopping.signal),
    ];
    void slices.run("event types", warming, stopping.signal).catch(() => {});
    const resourcesToRelease = started.move();
    const addresses = { api: listeningAt, s3: addressOf(config.host, s3Port) };
    log.info({ version: version(), pid: process.pid, ...addresses, settings: shownSettings(config) }, "started");

    let gone = (): void => {};
    let stopped: Promise<void> | undefined;
    const stop = (grace: AbortSignal): Promise<void> => {
      stopped ??= (async () => {
        gone();
        log.info({ version: version() }, "stopping");
        stopping.abort();
        opened.feed.stopping();
        const cut = (): void => api.server.closeAllConnections();
        grace.addEventListener("abort", cut, { once: true });
        if (grace.aborted) cut();
        await Promise.all([api.close(), s3.close(grace), redriver.stop(), made.stop(grace), recovered]);
        await Promise.all(loops);
        await deliverer.stop(grace);
        await resourcesToRelease.disposeAsync();
        log.info({ version: version(), graceUsedUp: grace.aborted }, "stopped");
      })();
      return stopped;
    };
    const running: Signalbox = {
      url: listeningAt,
      s3Url: addressOf(config.host, s3Port),
      ...(madeToken === undefined ? {} : { madeToken }),
      publish: (event) => publishOfHost({ rates, clock, publish }, event),
      users: (tenant) => made.users(tenant),
      resources: (tenant) => made.resources(tenant),
      intents: (query) => made.intents(query),
      stop: (grace = AbortSignal.timeout(config.shutdownGraceMs)) => stop(grace),
      [Symbol.asyncDispose]: () => stop(AbortSignal.timeout(config.shutdownGraceMs)),
    };
    gone = nowRunning(running, made);
    return running;
  } catch (thrown) {
    await started.disposeAsync();
    throw refusedBySystem(thrown, { folder: config.data }) ?? thrown;
  }
}
