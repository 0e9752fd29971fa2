/** Users who are made at a steady pace, and how long they wait. */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import type { Tenant } from "./tenants.ts";

/** At once, each the next one a moment after the one before. */
const clients = 4;
const thinkMs = 5;

export interface Load {
  readonly p50: number;
  readonly p99: number;
  readonly count: number;
}

/**
 * Makes users for so long. Fails when one is not made.
 *
 * @param also done after each, and resolves with how long it took in milliseconds.
 */
export async function load(tenant: Tenant, forMs: number, also?: () => Promise<number>): Promise<Load> {
  const found: number[] = [];
  const endMs = performance.now() + forMs;
  const client = async (): Promise<void> => {
    while (performance.now() < endMs) {
      const { status, text, tookMs } = await tenant.createUser();
      assert.equal(status, 201, text);
      found.push(tookMs);
      if (also !== undefined) found.push(await also());
      await pause(thinkMs);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  found.sort((one, other) => one - other);
  const at = (share: number): number => found[Math.min(found.length - 1, Math.floor(found.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), count: found.length };
}

export function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
