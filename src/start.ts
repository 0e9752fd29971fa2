import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { type Clock, systemClock } from "./clock.ts";
import type { Config } from "./config/config.ts";
import { isPrivateAddress, parseHostListen } from "./config/host-listen.ts";
import { shownSettings } from "./config/shown.ts";
import { defined } from "./domain/defined.ts";
import { parseEgressAllow } from "./domain/egress.ts";
import { SignalboxError } from "./errors.ts";
import { addressElsewhere, addressOf, listen } from "./faces/http/front/listen.ts";
import { listenOnSocket, removeSocket } from "./faces/http/front/unix-socket.ts";
import { type Host, publishOfHost, type Signalbox } from "./faces/library/host-api.ts";
import { nowRunning } from "./faces/library/running.ts";
import { refusedBySystem } from "./folder/system-refusals.ts";
import { postgresInbox } from "./inbox/postgres/inbox.ts";
import { jsonLog, type Log, type ProcessLog } from "./log.ts";
import { carryKeptMails, keptMailer } from "./mail/kept.ts";
import { smtpMailer } from "./mail/smtp.ts";
import { prometheusMeter } from "./metrics/meter.ts";
import { offload } from "./offload/offload.ts";
import { openBytes } from "./open-bytes.ts";
import { holdForBackups } from "./open-folder/backup-hold.ts";
import type { OpenedFolder } from "./open-folder/open-folder.ts";
import { openStore } from "./open-folder/open-store.ts";
import { Slices } from "./pace/slices.ts";
import { ensureAdmin } from "./platform/access/identities.ts";
import { loginUrl } from "./platform/access/login-codes.ts";
import { declareFile } from "./platform/declarations/from-file.ts";
import type { Ports } from "./ports.ts";
import { workerdSandbox } from "./sandbox/workerd/sandbox.ts";
import { dispatchMarks } from "./store/dispatch-marks.ts";
import { packageVersion } from "./version.ts";
import { wire } from "./wire.ts";

export type { Host, HostEvent, Signalbox } from "./faces/library/host-api.ts";

/**
 * Starts everything in this process: the store, the engine, the API and the S3 endpoint. Throws a SignalboxError that names the
 * remedy when the data folder, or the database, is in use, was made by a newer Signalbox, was sealed with another key, or a port is taken.
 */
export function start<const Name extends string = string>(
  config: Config,
  host: Host<Name> = {},
): Promise<Signalbox<Name>> {
  return launch(config, host) as Promise<Signalbox<Name>>;
}

/** The same; without a host, no program can raise events of its own. */
export async function launch(
  config: Config,
  host: Host | undefined,
  log: ProcessLog = jsonLog(config.logLevel),
): Promise<Signalbox> {
  const clock = systemClock;
  const started = new AsyncDisposableStack();
  try {
    const opened = started.use(await openStore({ config, clock, log }));
    const ports = await openPorts(started, config, { opened, clock, log });
    const { room } = opened;
    let listeningAt = "";
    const whole = started.use(
      await wire(ports, config, {
        host,
        listeningAt: () => listeningAt,
        fullness: () => room.fullness(),
        figures: async () => ({ ...(await room.figures()), ...(await opened.sizes()) }),
      }),
    );
    const { context, api, s3, hosts, library, stopping } = whole;

    if (config.declare !== undefined) await declareFile(context, config.declare);
    await api.ready();
    const apiPort = await listen(api.server, { host: config.host, port: config.port, setting: "SIGNALBOX_PORT" });
    listeningAt = addressOf(config.host, apiPort);
    ports.cluster.introduce({ version: packageVersion, address: addressElsewhere(config.host, apiPort) });
    started.defer(() => closed(api.server));
    const s3Port = await listen(s3.server, { host: config.host, port: config.s3Port, setting: "SIGNALBOX_S3_PORT" });
    started.defer(() => closed(s3.server));
    const hostUrl = hosts === undefined ? undefined : await listenForHosts(hosts, config, { until: started, log });
    // After all that may refuse to start: a token that was made and not shown would lock everyone out.
    const { madeToken, madeCode } = await ensureAdmin({ ...ports, store: opened.unguarded, config });

    await whole.start();
    const ofFolder = [
      room.run(stopping),
      holdForBackups({ folder: config.data, blobs: ports.blobs, clock, log }, stopping),
    ];
    const resourcesToRelease = started.move();
    const addresses = { api: listeningAt, s3: addressOf(config.host, s3Port), ...defined({ host: hostUrl }) };
    log.info({ version: packageVersion, pid: process.pid, ...addresses, settings: shownSettings(config) }, "started");

    let gone = (): void => {};
    let stopped: Promise<void> | undefined;
    const stop = (grace: AbortSignal): Promise<void> => {
      stopped ??= (async () => {
        gone();
        log.info({ version: packageVersion }, "stopping");
        await whole.stop(grace);
        await Promise.all(ofFolder);
        await resourcesToRelease.disposeAsync();
        log.info({ version: packageVersion, graceUsedUp: grace.aborted }, "stopped");
        await log.close();
      })();
      return stopped;
    };
    const running: Signalbox = {
      url: addresses.api,
      s3Url: addresses.s3,
      ...defined({ hostUrl }),
      ...defined({ madeToken }),
      ...(madeCode === undefined || config.dashboard === "off"
        ? {}
        : { loginLink: loginUrl(context.publicUrl(), madeCode) }),
      publish: (event) => publishOfHost(context, event),
      users: (tenant) => library.users(tenant),
      resources: (tenant) => library.resources(tenant),
      intents: (query) => library.intents(query),
      stop: (grace = AbortSignal.timeout(config.shutdownGraceMs)) => stop(grace),
      [Symbol.asyncDispose]: () => stop(AbortSignal.timeout(config.shutdownGraceMs)),
    };
    gone = nowRunning(running, library);
    return running;
  } catch (thrown) {
    await started.disposeAsync();
    await log.close();
    throw refusedBySystem(thrown, { folder: config.data }) ?? thrown;
  }
}

/** Resolves with where the host interface listens: `unix:/path`, or a URL. */
async function listenForHosts(
  hosts: FastifyInstance,
  { hostListen = "" }: Config,
  { until, log }: { readonly until: AsyncDisposableStack; readonly log: Log },
): Promise<string> {
  const at = parseHostListen(hostListen);
  if ("problem" in at) throw new SignalboxError("invalid_request", `SIGNALBOX_HOST_LISTEN ${at.problem}`);
  await hosts.ready();
  if (at.kind === "socket") {
    await listenOnSocket(hosts.server, at.path);
    until.defer(() => removeSocket(at.path));
    until.defer(() => closed(hosts.server));
    return `unix:${at.path}`;
  }
  const port = await listen(hosts.server, { host: at.host, port: at.port, setting: "SIGNALBOX_HOST_LISTEN" });
  until.defer(() => closed(hosts.server));
  const address = (hosts.server.address() as AddressInfo).address;
  if (!isPrivateAddress(address)) {
    const why =
      "SIGNALBOX_HOST_LISTEN is an address that others may reach: what is sent to it can be read on the way, tokens included";
    log.warn({ address, port }, why);
  }
  return addressOf(at.host, port);
}

/** Resolves when it listens no more, also if it did not. */
function closed(server: Server): Promise<void> {
  return new Promise((resolve) => void server.close(() => resolve()));
}

interface OpenedBefore {
  readonly opened: OpenedFolder;
  readonly clock: Clock;
  readonly log: Log;
}

/** Every adapter there is, opened for as long as `until` is not disposed of. */
async function openPorts(until: AsyncDisposableStack, config: Config, before: OpenedBefore): Promise<Ports> {
  const { opened, clock, log } = before;
  const { feed, cluster, hints, vault } = opened;
  const { blobs, sweepBytes, store } = await openBytes(config, { opened, clock, log });
  until.defer(() => blobs.close());
  const threads = until.use(offload({ clock, log }));
  const marks = until.use(dispatchMarks(join(config.data, "dispatch.marks")));
  const limits = {
    memoryBytes: config.sandboxMemoryBytes,
    processes: config.sandboxProcesses,
    concurrency: config.hookConcurrency,
  };
  const egressAllow = parseEgressAllow(config.egressAllow);
  const sandbox = until.use(await workerdSandbox({ limits, egressAllow, clock, log }));
  const { smtpUrl, mailFrom: from } = config;
  const mailer = until.use(
    smtpUrl === undefined ? keptMailer({ store, from, clock }) : smtpMailer({ url: smtpUrl, from, clock }),
  );
  await carryKeptMails({ store: opened.unguarded, log }, join(config.data, "mails"));
  const meter = prometheusMeter(() => clock.now());
  return {
    store,
    feed,
    cluster,
    hints,
    blobs,
    sweepBytes,
    sandbox,
    vault,
    mailer,
    keptMails: smtpUrl === undefined ? store.keptMails : undefined,
    inbox: config.inbox === undefined ? undefined : until.use(postgresInbox(config.inbox)),
    marks,
    clock,
    log,
    meter,
    slices: new Slices(),
    offload: threads,
  };
}
