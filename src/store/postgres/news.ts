import { keptNews } from "../news.ts";
import type { Reads, Step } from "../sql/step.ts";

/** `next_news` draws a number for each item, and gives the last one times this: a row has fewer items. */
const numbersPerItem = 1_024;
const upTo = "SELECT value FROM meta WHERE key = 'news_dropped'";

/**
 * As long as it is not run, more than those are kept. What is gone is noted: numbers may be missing that were never there. It begins where the last one ended:
 * vacuum cannot take away what is deleted while any session holds an older snapshot, and to pass over all of that would take longer each time.
 */
export const dropOldNumbers: Step = {
  sql: `WITH gone AS (DELETE FROM news
      WHERE last > coalesce((${upTo}), 0) AND last <= (SELECT max(last) FROM news) - ${keptNews * numbersPerItem} RETURNING last)
    INSERT INTO meta (key, value) SELECT 'news_dropped', max(last) FROM gone HAVING count(*) > 0
    ON CONFLICT (key) DO UPDATE SET value = max(meta.value, excluded.value)`,
  params: [],
};

/** How the writers of one database number news together, which are not in the order of their commits then. */
export const drawnNumbers = {
  numbersPerItem,
  droppedUpTo: async (reads: Reads): Promise<number> => Number((await reads.get(upTo))?.["value"] ?? 0),
};
