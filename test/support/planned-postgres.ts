/** Statements that PostgreSQL is asked about before they are run: what would go through a whole table, or sort. */
import { Client } from "pg";
import { clientConfig, queryRows } from "../../src/store/postgres/connection.ts";
import { postgresQuery, requirements, upTo } from "../../src/store/postgres/dialect.ts";
import type { Check, Reads, Repeated, Row, Sql, Step } from "../../src/store/sql/step.ts";

interface Query {
  readonly text: string;
  readonly values: unknown[];
}

interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly "Index Cond"?: string;
  readonly Filter?: string;
  readonly Plans?: readonly PlanNode[];
  /** Of what was run: for each of its loops. */
  readonly "Actual Rows"?: number;
  readonly "Actual Loops"?: number;
  readonly "Rows Removed by Filter"?: number;
}

/** Of a connection as the store's are: what is planned is what the store runs. */
export class PlannedPostgres implements Reads, Repeated, AsyncDisposable {
  readonly scans: string[] = [];
  readonly #client: Client;
  readonly #known = new Set<string>();

  private constructor(client: Client) {
    this.#client = client;
  }

  static async connect(url: string): Promise<PlannedPostgres> {
    const client = new Client(clientConfig(url));
    await client.connect();
    return new PlannedPostgres(client);
  }

  async all(sql: string, ...params: readonly Sql[]): Promise<Row[]> {
    return this.#rows(postgresQuery({ sql, params }));
  }

  async get(sql: string, ...params: readonly Sql[]): Promise<Row | undefined> {
    return (await this.all(sql, ...params))[0];
  }

  async one<T>(read: (row: Row) => T, sql: string, ...params: readonly Sql[]): Promise<T | undefined> {
    const row = await this.get(sql, ...params);
    return row === undefined ? undefined : read(row);
  }

  async upTo(maxCharacters: number, sql: string, params: readonly Sql[]): Promise<Row[]> {
    return this.#rows(upTo({ sql, params }, maxCharacters));
  }

  of<T>(sql: string, read: (row: Row) => T) {
    return (...params: readonly string[]): Promise<T | undefined> => this.one(read, sql, ...params);
  }

  /** How many rows it changed. */
  async run(step: Step): Promise<number> {
    const query = postgresQuery(step);
    await this.plan(query);
    return (await this.#client.query(query)).rowCount ?? 0;
  }

  /** Of a statement that is only looked at. */
  async planStep(step: Step): Promise<void> {
    await this.plan(postgresQuery(step));
  }

  /** How many rows of tables it looks at when it is run. */
  async rowsRead(step: Step): Promise<number> {
    const { text, values } = postgresQuery(step);
    const { rows } = await this.#client.query({ text: `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values });
    const [row] = rows as { readonly "QUERY PLAN": string }[];
    const plans = JSON.parse(row?.["QUERY PLAN"] ?? "[]") as { readonly Plan: PlanNode }[];
    return plans.reduce((sum, { Plan }) => sum + lookedAt(Plan), 0);
  }

  async planCheck(check: Check): Promise<void> {
    for (const query of requirements([check])) await this.plan(query);
  }

  async plan({ text, values }: Query): Promise<void> {
    if (this.#known.has(text)) return;
    this.#known.add(text);
    const name = `planned${this.#known.size}`;
    await this.#client.query(`PREPARE ${name} AS ${text}`);
    const nothing = values.length === 0 ? "" : `(${values.map(() => "NULL").join(", ")})`;
    const { rows } = await this.#client.query(`EXPLAIN (FORMAT JSON) EXECUTE ${name}${nothing}`);
    const [row] = rows as { readonly "QUERY PLAN": string }[];
    for (const { Plan } of JSON.parse(row?.["QUERY PLAN"] ?? "[]") as { readonly Plan: PlanNode }[]) {
      this.#judge(Plan, text);
    }
  }

  #judge(node: PlanNode, text: string, outer?: PlanNode): void {
    const kind = node["Node Type"];
    const isWhole = node["Index Name"] !== undefined && node["Index Cond"] === undefined;
    // The first few of an index are not the whole of it.
    const isFirst = outer?.["Node Type"] === "Limit" && node.Filter === undefined;
    const goesThrough = kind === "Seq Scan" || (isWhole && !isFirst);
    const isSorted = (kind === "Sort" || kind === "Incremental Sort") && !isBounded(node);
    if (goesThrough || isSorted) {
      this.scans.push(`${kind} ${node["Relation Name"] ?? ""} ${node["Index Name"] ?? ""}: ${text}`);
    }
    for (const inner of node.Plans ?? []) this.#judge(inner, text, node);
  }

  async #rows(query: Query & { readonly name: string; readonly values: Sql[] }): Promise<Row[]> {
    await this.plan(query);
    return queryRows(this.#client, query);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end();
  }
}

/** Whether what comes out of it is no more than a LIMIT lets through. */
function isBounded({ "Node Type": kind, Plans: [of, ...others] = [] }: PlanNode): boolean {
  // What a statement of ours finds by going from one to the next ends at a parameter.
  if (kind === "Limit" || kind === "Result" || kind === "CTE Scan") return true;
  // For each element of a parameter.
  if (of?.["Node Type"] === "Function Scan") return others.length > 0 && others.every(isBounded);
  return of !== undefined && (others.length === 0 || kind === "Nested Loop") && isBounded(of);
}

function lookedAt(node: PlanNode): number {
  const { "Actual Rows": rows = 0, "Rows Removed by Filter": removed = 0, "Actual Loops": loops = 0 } = node;
  const own = node["Relation Name"] === undefined ? 0 : (rows + removed) * loops;
  return (node.Plans ?? []).reduce((sum, inner) => sum + lookedAt(inner), own);
}
