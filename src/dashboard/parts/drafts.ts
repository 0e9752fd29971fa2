import { useSyncExternalStore } from "react";

/**
 * Code that was written and not deployed: kept in this browser, for one function each, until it is deployed, thrown away, or its author logs out.
 * A credential is never kept here.
 */
export interface Draft {
  readonly code: string;
  /** The version that it was made of; 0: of none. */
  readonly base: number;
  /** When it was changed last. */
  readonly at: string;
}

const prefix = "signalbox draft ";
const listeners = new Set<() => void>();
/** As far as they were asked for: code may be long, and is asked for at each key. */
const known = new Map<string, Draft | undefined>();
/** Changed, and not yet in the browser's store. */
const unkept = new Set<string>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** How long a change waits for the next one. */
const keepMs = 300;

function readDraft(name: string): Draft | undefined {
  if (!known.has(name)) known.set(name, parsed(stored(name)));
  return known.get(name);
}

function stored(name: string): string | null {
  try {
    return localStorage.getItem(prefix + name);
  } catch {
    return null;
  }
}

function parsed(text: string | null): Draft | undefined {
  if (text === null) return undefined;
  try {
    const { code, base, at } = JSON.parse(text) as Partial<Draft>;
    return typeof code === "string" && typeof base === "number" && typeof at === "string"
      ? { code, base, at }
      : undefined;
  } catch {
    return undefined;
  }
}

/** `undefined` throws it away. */
export function keepDraft(name: string, draft: Draft | undefined): void {
  known.set(name, draft);
  unkept.add(name);
  if (draft === undefined) store();
  else timer ??= setTimeout(store, keepMs);
  tell();
}

/** What cannot be stored lives as long as the page. */
function store(): void {
  clearTimeout(timer);
  timer = undefined;
  for (const name of unkept) {
    const draft = known.get(name);
    try {
      if (draft === undefined) localStorage.removeItem(prefix + name);
      else localStorage.setItem(prefix + name, JSON.stringify(draft));
    } catch {
      // It is full, or there is none.
    }
  }
  unkept.clear();
}

function tell(): void {
  for (const listener of listeners) listener();
}

window.addEventListener("pagehide", store);
/** Another tab has changed one, or all of them. */
window.addEventListener("storage", ({ key }) => {
  if (key === null) known.clear();
  else if (key.startsWith(prefix)) known.delete(key.slice(prefix.length));
  else return;
  tell();
});

/** Names of all drafts of this browser. */
export function draftNames(): readonly string[] {
  let kept: readonly string[] = [];
  try {
    kept = Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    // Then none are stored.
  }
  const names = new Set([...kept.map((key) => key.slice(prefix.length)), ...known.keys()]);
  return [...names].filter((name) => readDraft(name) !== undefined);
}

export function clearDrafts(): void {
  for (const name of draftNames()) keepDraft(name, undefined);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useDraft(name: string): Draft | undefined {
  return useSyncExternalStore(subscribe, () => readDraft(name));
}

/** How many there are, for marks and warnings. */
export function useDraftCount(): number {
  return useSyncExternalStore(subscribe, () => draftNames().length);
}
