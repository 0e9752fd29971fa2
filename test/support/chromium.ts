/** Debian's Chromium, as tests drive it. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";

const executablePath = "/usr/bin/chromium";
/** So that nothing of it looks for a network that is not there; as root it has no sandbox of its own. */
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface TestBrowser extends AsyncDisposable {
  readonly context: BrowserContext;
}

type ContextOptions = NonNullable<Parameters<typeof chromium.launchPersistentContext>[1]>;

/** A browser with a profile of its own. Throws with the line that installs it when there is none. */
export async function launchChromium(options: ContextOptions = {}): Promise<TestBrowser> {
  if (!existsSync(executablePath)) throw new Error("there is no Chromium: apt-get install -y chromium");
  const profile = await mkdtemp(join(tmpdir(), "signalbox-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    ...options,
    args: [...args, ...(options.args ?? [])],
  });
  return {
    context,
    [Symbol.asyncDispose]: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
