/** How routes are asked, and by whom. */
import { type CallerName, type Scene, seenBy, type Thing } from "./scene.ts";

export interface Probe {
  readonly path: string;
  readonly body?: unknown;
  /** Who is served; absent: everybody whose role is enough. */
  readonly who?: readonly CallerName[];
  /** Served with one of these. Default: any success. */
  readonly ok?: readonly number[];
  /** Whether those who may do it, too. Default: of GET only; what is not safe would change the scene for those who come later. */
  readonly safe?: true;
  /** Answered to others whose role is enough. Default 404. */
  readonly refused?: Readonly<Partial<Record<CallerName, number>>>;
  /** What those who are served see in it. */
  readonly shows?: (caller: CallerName) => readonly Thing[];
}

export type Entry = (scene: Scene) => readonly Probe[];

export const admins: readonly CallerName[] = ["operator", "admin"];
export const managers: readonly CallerName[] = [...admins, "developer", "mia"];
export const seeing = (caller: CallerName, of: readonly Thing[]): readonly Thing[] =>
  of.filter((thing) => (seenBy[thing] as readonly CallerName[]).includes(caller));

export const one = (
  path: (thing: Thing) => string,
  of: readonly Thing[],
  more: Partial<Probe> = {},
): readonly Probe[] => of.map((thing) => ({ path: path(thing), who: seenBy[thing], ...more }));
export const oneShown = (path: (thing: Thing) => string, of: readonly Thing[]): readonly Probe[] =>
  of.flatMap((thing) => one(path, [thing], { shows: () => [thing] }));

/** Anybody of the role, whose answer must only hold no mark of what is not theirs. */
export const open =
  (path: string, more: Partial<Probe> = {}): Entry =>
  () => [{ path, ...more }];
/** Making things: who may is judged by other tests; here it must tell nothing. */
export const refusedToAll = (path: string, body: unknown): Entry => open(path, { body, who: [] });

/** Of the bucket, to webhooks. */
export const rules: readonly Thing[] = ["rule", "adminsRule"];
