import type { FastifyInstance } from "fastify";
import { sleep } from "./clock.ts";
import type { Config } from "./config/config.ts";
import type { Context } from "./context.ts";
import { retain } from "./delivery/retain.ts";
import { defined } from "./domain/defined.ts";
import { engineOf } from "./engine.ts";
import { hostServer } from "./faces/host/server.ts";
import type { ApiContext } from "./faces/http/api-context.ts";
import { boundsOf, ClientConnections } from "./faces/http/front/connections.ts";
import { health } from "./faces/http/health.ts";
import type { Host } from "./faces/library/host-api.ts";
import { type Library, library } from "./faces/library/library.ts";
import { Platform } from "./faces/platform-calls.ts";
import { defaultS3Limits, type S3Server, s3Server } from "./faces/s3/server.ts";
import { apiServer } from "./faces/server.ts";
import { nodeFigures } from "./metrics/node-metrics.ts";
import type { FolderFigures } from "./metrics/process-metrics.ts";
import { recent } from "./pace/recent.ts";
import { InboxRelay, type RelayState } from "./platform/host/inbox/relay.ts";
import { ResolverAsker } from "./platform/host/operations/asker.ts";
import { browserLogins } from "./platform/login/browser-logins.ts";
import { jwtLogins } from "./platform/login/jwt-logins.ts";
import type { Ports } from "./ports.ts";
import { expireUploads } from "./storage/expire-uploads.ts";
import { ObjectQueries } from "./storage/query-objects.ts";
import type { Duty } from "./store/cluster.ts";
import { preparedBy } from "./subscriptions/target-kinds/target-kinds.ts";
import { egress } from "./targets/egress.ts";

/** What the host gives beside ports and settings. */
interface HostEnvironment {
  /** The program that runs this inside itself. Absent: none, so that no events of a host's own are raised. */
  readonly host: Host | undefined;
  /** Where the API listens, once it does: its address where the settings name no public one. */
  readonly listeningAt: () => string;
  /** Why there is no room for more, if there is none. */
  readonly fullness: () => Promise<string | undefined>;
  /** What the place takes in which all this is kept, and what is left of it. */
  readonly figures: () => Promise<FolderFigures>;
}

/** Everything, made and not running. Disposing closes what it sends by. */
interface Whole extends AsyncDisposable {
  readonly context: Context;
  /** Not listening. */
  readonly api: FastifyInstance;
  /** Not listening. */
  readonly s3: S3Server;
  /** Not listening. Absent: the settings want none. */
  readonly hosts?: FastifyInstance;
  readonly library: Library;
  /** Aborts when it begins to stop. */
  readonly stopping: AbortSignal;
  /** Begins to dispatch, deliver, recover and clean up. */
  start(): Promise<void>;
  /** Says that it is leaving, and when balancers have had their time takes no more work, finishes what is under way, and when `grace` aborts cuts it off. */
  stop(grace: AbortSignal): Promise<void>;
}

const dayMs = 86_400_000;
/** No longer than it would take until a node that is lost is taken for that. */
const handOverMs = 6_000;
/** Connections to platforms' resolvers that are kept while none is asked. */
const idleQuestions = 8;
const metricsMaxAgeMs = 1_000;
/** Who started it waits for the first answer, and not for what only saves the first events some milliseconds. */
const warmAfterMs = 1_000;

/** Makes the whole out of ports: the engine, the servers and the library on it, and what runs beside them. Opens no file and no socket. */
export async function wire(ports: Ports, config: Config, around: HostEnvironment): Promise<Whole> {
  const { clock, slices } = ports;
  const publicUrl = (): string => config.publicUrl ?? around.listeningAt();
  const platform = new Platform(() => Buffer.from(clock.bytes(24)).toString("base64url"));
  const { host } = around;
  const engine = await engineOf(ports, { config, callPlatform: platform.call, publicUrl, host, prepare: preparedBy });
  const { context, stopping } = engine;
  const connections = new ClientConnections(clock, boundsOf(config));

  const relay = ports.inbox === undefined ? undefined : new InboxRelay({ ...context, inbox: ports.inbox });
  const { resolve } = host ?? {};
  const forHosts = library({ ...context, ...defined({ resolve, relay }) });

  const healthy = health(
    { room: around, upkeep: ports.store.upkeep, blobs: ports.blobs, cluster: ports.cluster },
    clock,
  );
  const { jwtIssuers: issuers = [] } = config;
  const jwts = jwtLogins(context, { issuers, allow: context.egressAllow, stopping });
  let isLeaving = false;
  const apiContext: ApiContext = {
    ...context,
    connections,
    platform,
    ...defined({ relay }),
    jwts,
    browserLogins: browserLogins(context, { issuers, jwts, stopping }),
    stopping,
    health: async () => (stopping.aborted || isLeaving ? "stopping" : healthy()),
    // Without a token too, and it looks at the disk and at every tenant for which something waits.
    metrics: recent(
      () => clock.steady(),
      metricsMaxAgeMs,
      () => figures(context, { forHosts, relay }, around),
    ),
  };
  const api = apiServer(apiContext);
  platform.serve(api);
  // No caller waits for its answers, and a thread of senders has connections of its own.
  const questions = egress({ allow: context.egressAllow, clock, mostIdle: idleQuestions });
  const asker = new ResolverAsker({ ...context, egress: questions });
  // With connections of its own: however many the public ports have, a platform's services get through. They may all have one address.
  const hosts =
    config.hostListen === undefined
      ? undefined
      : hostServer({
          ...apiContext,
          connections: new ClientConnections(clock, {
            ...boundsOf(config),
            maxConnectionsPerAddress: config.maxConnections,
          }),
          library: forHosts,
          asker,
        });

  const s3 = s3Server({
    ...context,
    connections,
    queries: new ObjectQueries({ ...context, msPerSecond: config.matchMsPerSecond }),
    hookChainMs: config.hookChainS3Ms,
    downloadEvents: config.downloadEvents === "on",
    limits: { ...defaultS3Limits, maxObjectBytes: config.maxObjectBytes },
    domains: config.s3Domain,
    accepting: () => !stopping.aborted,
  });

  let running: readonly Promise<void>[] = [];
  let recovered = Promise.resolve();
  let takenOver: Disposable | undefined;
  return {
    context,
    api,
    s3,
    ...defined({ hosts }),
    library: forHosts,
    stopping,
    start: async () => {
      await engine.start();
      // What a host's database takes to answer delays no start: its own operations go on meanwhile.
      recovered = forHosts.recover();
      // Those of a node that is over, once this one has taken over from it.
      takenOver = context.hints.listen((hint) => {
        if (hint.about === "shards" && resolve !== undefined) recovered = recovered.then(() => forHosts.recover());
      });
      engine.dispatch();
      clock.after(warmAfterMs, () => void slices.run("event types", context.catalog.warm(), stopping).catch(() => {}));
      const asked = context.cluster.own("operations", (signal) => asker.run(signal), stopping);
      const declared = context.declared.follow(clock, stopping);
      const relayed =
        relay === undefined ? [] : [context.cluster.own("inbox", (signal) => relay.run(signal), stopping)];
      running = [asked, declared, ...relayed, ...upkeep(context, config, stopping)];
    },
    stop: async (grace) => {
      isLeaving = true;
      const { cluster } = context;
      const hasOthers = cluster.size > 1;
      cluster.leaving();
      if (config.drainMs > 0) await sleep(clock, config.drainMs, grace);
      engine.close();
      // What waits, and what is not dispatched, is for other nodes once this one has ended: attempts that take longer are made again by them.
      const sending = hasOthers ? AbortSignal.any([grace, AbortSignal.timeout(handOverMs)]) : grace;
      const cut = (): void => {
        api.server.closeAllConnections();
        hosts?.server.closeAllConnections();
        void ports.inbox?.[Symbol.asyncDispose]();
      };
      grace.addEventListener("abort", cut, { once: true });
      if (grace.aborted) cut();
      await Promise.all([api.close(), hosts?.close(), s3.close(grace), forHosts.stop(grace)]);
      takenOver?.[Symbol.dispose]();
      await Promise.all([...running, recovered]);
      await engine.stop(sending);
    },
    [Symbol.asyncDispose]: async () => {
      await questions.close();
      await engine[Symbol.asyncDispose]();
    },
  };
}

/** What runs beside the work until `stopping` aborts, so that it does not grow without end. */
function upkeep(context: Context, config: Config, stopping: AbortSignal): Promise<void>[] {
  const keep = {
    keepMs: config.retentionDays * dayMs,
    keepDeadMs: config.retentionDeadDays * dayMs,
    keepBytes: config.retentionBytes,
  };
  const duty = (name: Duty, work: (signal: AbortSignal) => Promise<void>): Promise<void> =>
    context.cluster.own(name, work, stopping);
  return [
    duty("retention", (signal) => retain({ ...context, upkeep: context.store.upkeep, ...keep }, signal)),
    duty("blob-sweep", (signal) => context.sweepBytes(signal)),
    duty("upload-expiry", (signal) => expireUploads(context, { keepMs: config.uploadDays * dayMs }, signal)),
  ];
}

/** For those who look at `/metrics`. */
async function figures(
  context: Context,
  { forHosts, relay }: { readonly forHosts: Library; readonly relay: InboxRelay | undefined },
  around: HostEnvironment,
): Promise<string> {
  const { store, feed, cluster, sandbox, matching, meter } = context;
  const waiting = { ...(await store.deliveries.depth()), aside: await store.aside.counts() };
  const kept = { processes: sandbox.processes().length, filterBytes: matching.filters.bytes() };
  const inbox = relay === undefined ? {} : { inbox: inboxDepth(relay.state()) };
  return meter.render({
    ...waiting,
    ...kept,
    ...inbox,
    intents: await forHosts.counts(),
    nodes: nodeFigures(await cluster.nodes(), { self: cluster.node, oldestMs: feed.oldestMs }),
    folder: await around.figures(),
  });
}

function inboxDepth({ state, relayed, duplicates, figures = { waiting: 0, aside: 0 } }: RelayState) {
  return { isRelaying: state === "relaying", relayed, duplicates, ...figures };
}
