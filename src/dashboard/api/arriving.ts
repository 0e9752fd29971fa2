import { askReach, reached } from "./reach.ts";

/** Nodes of this page's version may have it while others were upgraded already, and a balancer leads to any. */
const mostTries = 5;
const pauseMs = 200;

/**
 * A part of the page that is fetched when it is needed first. While the server is away it is waited for; what goes on failing although the
 * server answers is another matter: the server was upgraded and has other files, or the browser keeps the failure. Then only loading the page
 * again helps, which {@link reloadOnce} does.
 */
export async function arriving<Module>(load: () => Promise<Module>): Promise<Module> {
  for (let tries = 1; tries < mostTries; tries += 1) {
    try {
      return await load();
    } catch {
      if (tries > 1) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      await reached();
    }
  }
  return load();
}

const key = "signalbox-reloaded";
/** A second failure so soon after is no upgrade. */
const soonMs = 30_000;

/** Loads the page again, once. Returns whether it does. */
export function reloadOnce(): boolean {
  const lastMs = Number(sessionStorage.getItem(key) ?? "0");
  if (Date.now() - lastMs < soonMs) return false;
  sessionStorage.setItem(key, String(Date.now()));
  // Not into a server that is away: the browser's own page of errors would take the place of this one.
  void askReach()
    .then(reached)
    .then(() => window.location.reload());
  return true;
}

/** Whether it says that a file of the page could not be had, in the words of the browsers that there are. */
export function isOfMissingFile(error: unknown): boolean {
  return (
    error instanceof TypeError &&
    /dynamically imported module|importing a module script failed|error loading/iu.test(error.message)
  );
}
