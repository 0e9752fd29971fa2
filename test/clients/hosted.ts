/** A server with a host listener, and what programs of the platform are told of it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { orderEvents } from "../support/library.ts";

export interface Hosted extends AsyncDisposable {
  readonly server: RunningServer;
  /** For the environment of a client: both addresses, and a token for each. */
  readonly env: Readonly<Record<string, string>>;
}

export interface HostedOptions {
  /** Through a unix socket in place of a port. */
  readonly socket?: boolean;
  readonly settings?: Readonly<Record<string, string>>;
}

export async function runHosted({ socket = false, settings = {} }: HostedOptions = {}): Promise<Hosted> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "signalbox-host-"));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const listen = socket ? `unix:${join(folder, "host.sock")}` : "127.0.0.1:0";
  const server = opened.use(
    await runServer(
      { SIGNALBOX_HOST_LISTEN: listen, ...settings },
      { kinds: [{ name: "job", open: true }], events: orderEvents },
    ),
  );
  const token = await hostToken(server);
  const env = {
    SIGNALBOX_URL: server.url,
    SIGNALBOX_TOKEN: server.token,
    SIGNALBOX_HOST_URL: server.signalbox.hostUrl ?? "",
    SIGNALBOX_HOST_TOKEN: token,
  };
  const owned = opened.move();
  return { server, env, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** A token of all tenants. */
export async function hostToken({ api }: Pick<RunningServer, "api">): Promise<string> {
  const asked = { principal: "platform", role: "host", all_tenants: true };
  const { token } = await api<{ readonly token: string }>("POST", "/api/cloud/tokens/", asked);
  return token;
}
