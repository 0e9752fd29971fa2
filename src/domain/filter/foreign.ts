/** What other query languages have and this one has not, and what to write instead. */

const functions =
  "there are no functions: a field stands alone on the left, and what it is compared with is written out";
const start = 'a filter starts at WHERE: WHERE key LIKE "images/%"';
const oneThing =
  "a filter says what is wanted of each object or event by itself: there is nothing to group, join or count";
const regexp = 'write REGEXP: key REGEXP "^images/"';
const like = (pattern: string): string => `write LIKE: key LIKE "${pattern}"`;
const bytes = "sizes are written in bytes, without a unit: 65536 for 64 KB";
const moment = 'times are written out: "2024-06-23T10:38:46Z"';

const words: Readonly<Record<string, string>> = {
  SELECT: start,
  FROM: start,
  UPDATE: start,
  DELETE: start,
  INSERT: start,
  WITH: start,
  FILTER: start,
  HAVING: oneThing,
  GROUP: oneThing,
  JOIN: oneThing,
  UNION: oneThing,
  DISTINCT: oneThing,
  LIMIT: "a rule's filter looks at one event, so there is nothing to limit; a list has max-keys",
  OFFSET: "there is no OFFSET: lists go on by their continuation token",
  TOP: "there is no TOP: a list has max-keys",
  RLIKE: regexp,
  MATCHES: regexp,
  MATCH: regexp,
  REGEX: regexp,
  SIMILAR: regexp,
  ILIKE: 'write REGEXP with (?i): key REGEXP "(?i)text"',
  GLOB: `${like("images/%")}; % is any text, _ any one character`,
  CONTAINS: like("%text%"),
  CONTAIN: like("%text%"),
  HAS: like("%text%"),
  STARTSWITH: like("text%"),
  STARTS: like("text%"),
  STARTS_WITH: like("text%"),
  BEGINS: like("text%"),
  BEGINS_WITH: like("text%"),
  PREFIX: like("text%"),
  ENDSWITH: like("%text"),
  ENDS: like("%text"),
  ENDS_WITH: like("%text"),
  SUFFIX: like("%text"),
  EQ: "write =",
  EQUALS: "write =",
  NE: "write !=",
  NEQ: "write !=",
  GT: "write >",
  GTE: "write >=",
  GE: "write >=",
  LT: "write <",
  LTE: "write <=",
  LE: "write <=",
  I: 'to ignore case begin the pattern with (?i): key REGEXP "(?i)text"',
  SORT: "write ORDER BY",
  SORTED: "write ORDER BY",
  XOR: "write it with AND, OR and NOT",
  ISNULL: "write IS NULL",
  NOTNULL: "write IS NOT NULL",
  EXISTS: "write IS NOT NULL behind the field",
  MISSING: "write IS NULL",
  EMPTY: 'write IS NULL for what is absent, = "" for what is empty',
  TO: "write AND between the ends of BETWEEN",
  ANY: 'write IN: key IN ("a", "b")',
  SOME: 'write IN: key IN ("a", "b")',
  ALL: "write the conditions one by one, joined by AND",
  CASE: "write it with AND, OR and NOT",
  COLLATE: 'texts are compared exactly; REGEXP ignores case with (?i): key REGEXP "(?i)text"',
  NULLS: "there is no NULLS FIRST: what lacks the field comes last in either direction",
  INTERVAL: moment,
  DATE: moment,
  TIMESTAMP: moment,
  CURRENT_TIMESTAMP: moment,
  NOW: `${functions}; ${moment}`,
  LOWER: `there are no functions; to ignore case write REGEXP with (?i): key REGEXP "(?i)text"`,
  UPPER: `there are no functions; to ignore case write REGEXP with (?i): key REGEXP "(?i)text"`,
  LCASE: `there are no functions; to ignore case write REGEXP with (?i): key REGEXP "(?i)text"`,
  UCASE: `there are no functions; to ignore case write REGEXP with (?i): key REGEXP "(?i)text"`,
  REGEXP_LIKE: `there are no functions; ${regexp}`,
  SUBSTR: `there are no functions; ${like("text%")}`,
  SUBSTRING: `there are no functions; ${like("text%")}`,
  LEFT: `there are no functions; ${like("text%")}`,
  RIGHT: `there are no functions; ${like("%text")}`,
  INSTR: `there are no functions; ${like("%text%")}`,
  LOCATE: `there are no functions; ${like("%text%")}`,
  ...Object.fromEntries(
    ["B", "KB", "MB", "GB", "TB", "KIB", "MIB", "GIB", "TIB", "BYTES"].map((unit) => [unit, bytes]),
  ),
};

/** What to write instead of a word that may be of another language. `isCalled`: a parenthesis follows it. */
export function foreignWord(word: string, isCalled = false): string | undefined {
  const upper = word.toUpperCase();
  if (Object.hasOwn(words, upper)) return words[upper];
  return isCalled ? functions : undefined;
}
