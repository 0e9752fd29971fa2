/**
 * What waits in the store for one lane, as far as this process knows.
 *
 *   clear      nothing of it is due
 *   asked      something is or may be due: its turn to look into the store comes
 *   behind     something is due, and there was no slot for it
 *   claiming   the store is being asked
 *   outdated   the store is being asked, and something became due since, which may be missing from its answer
 *
 * | from     | due      | freed  | begun    | short  | all   | more   |
 * | -------- | -------- | ------ | -------- | ------ | ----- | ------ |
 * | clear    | asked    |        |          |        |       |        |
 * | asked    |          |        | claiming | behind |       |        |
 * | behind   | asked    | asked  |          |        |       |        |
 * | claiming | outdated |        |          | behind | clear | behind |
 * | outdated | outdated |        |          | behind | asked | asked  |
 *
 * What is not in the table changes nothing. Who makes a lane `asked` has it take a turn.
 */
export type Backlog = "clear" | "asked" | "behind" | "claiming" | "outdated";

/**
 *   due     something became due, and is durable
 *   freed   slots may have come free
 *   begun   its turn has come, and there is room: the store is asked
 *   short   there is no room yet, or the store could not be asked
 *   all     no more was due than there was room for
 *   more    more was due: the ends of those that were claimed ask again
 */
export type BacklogNews = "due" | "freed" | "begun" | "short" | "all" | "more";

const table: Readonly<Record<Backlog, Readonly<Partial<Record<BacklogNews, Backlog>>>>> = {
  clear: { due: "asked" },
  asked: { begun: "claiming", short: "behind" },
  behind: { due: "asked", freed: "asked" },
  claiming: { due: "outdated", short: "behind", all: "clear", more: "behind" },
  outdated: { short: "behind", all: "asked", more: "asked" },
};

export function nextBacklog(backlog: Backlog, news: BacklogNews): Backlog {
  return table[backlog][news] ?? backlog;
}
