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
/** What cannot be kept lives as long as the page. */
const unkept = new Map<string, string>();

function readText(name: string): string | undefined {
  try {
    return localStorage.getItem(prefix + name) ?? unkept.get(name);
  } catch {
    return unkept.get(name);
  }
}

function parsed(text: string | undefined): Draft | undefined {
  if (text === undefined) return undefined;
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
  unkept.delete(name);
  try {
    if (draft === undefined) localStorage.removeItem(prefix + name);
    else localStorage.setItem(prefix + name, JSON.stringify(draft));
  } catch {
    if (draft !== undefined) unkept.set(name, JSON.stringify(draft));
  }
  for (const listener of listeners) listener();
}

/** Names of all drafts of this browser. */
export function draftNames(): readonly string[] {
  let kept: readonly string[] = [];
  try {
    kept = Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    // Then none are kept.
  }
  return [...new Set([...kept.map((key) => key.slice(prefix.length)), ...unkept.keys()])];
}

export function clearDrafts(): void {
  for (const name of draftNames()) keepDraft(name, undefined);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}

export function useDraft(name: string): Draft | undefined {
  return parsed(useSyncExternalStore(subscribe, () => readText(name)));
}

/** How many there are, for marks and warnings. */
export function useDraftCount(): number {
  return useSyncExternalStore(subscribe, () => draftNames().length);
}
