import { useSyncExternalStore } from "react";
import type { Zone } from "../parts/time.tsx";

/** What a reader chose for this browser. No credential is ever kept here. */
interface Preferences {
  readonly theme: "light" | "dark" | "system";
  readonly zone: Zone;
  /** Whether single keys do something. */
  readonly shortcuts: "on" | "off";
}

const key = "signalbox";
const byDefault: Preferences = { theme: "system", zone: "local", shortcuts: "on" };
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();
let current = read();

function read(): Preferences {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "{}") as Partial<Preferences>;
    return {
      theme: kept.theme === "light" || kept.theme === "dark" ? kept.theme : byDefault.theme,
      zone: kept.zone === "utc" ? "utc" : byDefault.zone,
      shortcuts: kept.shortcuts === "off" ? "off" : byDefault.shortcuts,
    };
  } catch {
    return byDefault;
  }
}

export function setPreferences(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  try {
    localStorage.setItem(key, JSON.stringify(current));
  } catch {
    // A browser that keeps nothing forgets it with the tab.
  }
  applyTheme();
  for (const listener of listeners) listener();
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}

/** Sets the colours; again whenever the system's change. */
export function applyTheme(): void {
  const isDark = current.theme === "dark" || (current.theme === "system" && dark.matches);
  document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
}

dark.addEventListener("change", applyTheme);
