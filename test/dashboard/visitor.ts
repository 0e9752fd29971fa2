/** Somebody who uses the dashboard in a real browser; what browsers complain about fails the test. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Locator, Page, Request } from "playwright-core";
import { launchChromium } from "../support/chromium.ts";
import { until } from "../support/until.ts";

export interface Visitor extends AsyncDisposable {
  readonly page: Page;
  /** Clicks and keys of choice so far, as the flows count them. */
  readonly clicks: number;
  /** By the name that screen readers say, and counted. */
  click(role: "button" | "link" | "option" | "radio", name: string | RegExp): Promise<void>;
  /** Opens an address below `/dashboard/` and waits for its heading. */
  open(path: string): Promise<void>;
  logIn(token: string): Promise<void>;
  /** Once all is there that the page asked for; a live stream has no end, and is not waited for. */
  settled(): Promise<void>;
  /** What browsers complained about since it was asked last. */
  problems(): string[];
}

interface VisitorOptions {
  /** Of the API. */
  readonly url: string;
  readonly width?: number;
  readonly height?: number;
  readonly theme?: "light" | "dark";
  readonly calm?: boolean;
  /** `Asia/Kolkata`; otherwise this machine's. */
  readonly timeZone?: string;
  /** Names that lead to this machine. */
  readonly names?: readonly string[];
}

/** Far beyond what anything takes, so that a busy machine fails no test. */
const patienceMs = 60_000;

export async function visitor({
  url,
  width = 1_280,
  height = 900,
  theme = "light",
  calm = false,
  timeZone,
  names = [],
}: VisitorOptions): Promise<Visitor> {
  const browser = await launchChromium({
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: calm ? "reduce" : "no-preference",
    ...(timeZone === undefined ? {} : { timezoneId: timeZone }),
    args: [`--host-resolver-rules=${names.map((name) => `MAP ${name} 127.0.0.1`).join(", ")}`],
  });
  const page = await browser.context.newPage();
  page.setDefaultTimeout(patienceMs);
  const problems: string[] = [];
  let clicks = 0;
  page.on("console", (message) => {
    // An answer that is no success is logged, too: what the page makes of it is what is tested.
    const isOfAnswer = message.text().startsWith("Failed to load resource");
    if (["error", "warning"].includes(message.type()) && !isOfAnswer) problems.push(message.text());
  });
  const underWay = new Set<Request>();
  page.on("request", (request) => void (request.url().includes("/live/") || underWay.add(request)));
  page.on("requestfinished", (request) => void underWay.delete(request));
  page.on("requestfailed", (request) => void underWay.delete(request));
  page.on("pageerror", (error) => problems.push(error.message));
  return {
    page,
    get clicks() {
      return clicks;
    },
    click: async (role, name) => {
      clicks += 1;
      await page
        .getByRole(role, { name, exact: typeof name === "string" })
        .first()
        .click();
    },
    open: async (path) => {
      await page.goto(new URL(`/dashboard/${path}`, url).href);
      await page.locator("h1").waitFor();
    },
    settled: () =>
      until("the page has all that it asked for", async () => {
        if (underWay.size > 0) return false;
        // What came may ask for more once it is drawn.
        const busy = await page.evaluate<number>(
          "new Promise((is) => requestAnimationFrame(() => setTimeout(() => is(document.querySelectorAll('[aria-busy=true]').length))))",
        );
        return busy === 0 && underWay.size === 0;
      }),
    logIn: async (token) => {
      await page.goto(new URL("/dashboard/", url).href);
      await page.getByLabel("Token").fill(token);
      await page.getByRole("button", { name: "Log in" }).click();
      await page.getByRole("heading", { name: "Overview" }).waitFor();
    },
    problems: () => problems.splice(0),
    [Symbol.asyncDispose]: async () => {
      await browser[Symbol.asyncDispose]();
      assert.deepEqual(problems, [], "what the browser complained about");
    },
  };
}

/** Writes over all that an editor holds, by the keyboard: `fill` asks the browser for an edit that no key makes. */
export async function overwrite(editor: Locator, text: string): Promise<void> {
  const { keyboard } = editor.page();
  await editor.focus();
  await keyboard.press("Control+a");
  await keyboard.press("Delete");
  await keyboard.insertText(text);
}

/** By how many pixels the page is wider than its window. */
export function tooWide(page: Page): Promise<number> {
  return page.evaluate<number>(
    "Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)",
  );
}

const axe = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary?: string }[];
  }[];
}

/** What hinders people who use the page by other means than sight and mouse, by axe; each with where it is. */
export async function accessibilityFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const run = "axe.run(document, { resultTypes: ['violations'] })";
  const { violations } = await page.evaluate<AxeResults>(run);
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(" ")} ${failureSummary ?? ""}`),
  );
}
