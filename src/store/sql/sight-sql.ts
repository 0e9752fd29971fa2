import type { Viewer } from "../../domain/visibility.ts";
import type { Sql } from "./step.ts";

/**
 * The rule of `domain/visibility.ts` about rows of `subscription` under the alias `s`, for lists. OFFSET keeps PostgreSQL from reading all buckets
 * beforehand, where it believes that it will look for many.
 *
 * @param name parameter that holds the viewer's name, NULL for who sees all
 * @param developer parameter that holds 1 for a developer
 */
export function seenBy(name: string, developer: string): string {
  return `(s.owner = ${name} OR ${name} IS NULL
    OR (s.seen_by = 'managers' AND EXISTS (SELECT 1 FROM bucket b
      WHERE b.uuid = s.scope AND b.tenant = s.tenant AND (${developer} = 1 OR b.owner = ${name}) /*postgres OFFSET 0*/))
    OR (s.seen_by = 'developers' AND ${developer} = 1))`;
}

/** The values of the two parameters. */
export function viewing(viewer: Viewer | undefined): readonly [name: Sql, developer: Sql] {
  return viewer === undefined ? [null, 1] : [viewer.name, viewer.developer ? 1 : 0];
}
