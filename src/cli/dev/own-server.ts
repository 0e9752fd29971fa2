import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Env } from "../../config/config.ts";

/** Where functions are run when no server is named. */
interface OwnServer extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
}

/** What of the environment matters to functions that are tried: where they may go. */
const passed = ["SIGNALBOX_EGRESS_ALLOW", "SIGNALBOX_SANDBOX_MEMORY_BYTES", "NODE_EXTRA_CA_CERTS"];

/**
 * A whole server in this process, on free ports of the loopback address and a folder that is taken away with it: the sandbox, its limits and the
 * API are those of a deployed one, because they are the same code.
 */
export async function ownServer(env: Env): Promise<OwnServer> {
  const folder = await mkdtemp(join(tmpdir(), "signalbox-dev-"));
  const token = randomBytes(24).toString("base64url");
  const away = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    // Large, and of use to this command alone.
    const [{ parseConfig }, { launch }] = await Promise.all([
      import("../../config/config.ts"),
      import("../../start.ts"),
    ]);
    const kept = Object.fromEntries(passed.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
    const own = { DATA: folder, PORT: "0", S3_PORT: "0", ADMIN_TOKEN: token, DASHBOARD: "off", LOG_LEVEL: "error" };
    const settings = Object.entries(own).map(([name, value]) => [`SIGNALBOX_${name}`, value]);
    const server = await launch(parseConfig({ ...kept, ...Object.fromEntries(settings) }, []), undefined);
    const close = async (): Promise<void> => {
      await server.stop(AbortSignal.timeout(0));
      await away();
    };
    return { url: server.url, token, [Symbol.asyncDispose]: close };
  } catch (thrown) {
    await away();
    throw thrown;
  }
}
