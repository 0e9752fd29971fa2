import type { IncomingHttpHeaders } from "node:http";
import type { Context } from "../../context.ts";
import type { Principal } from "../../domain/access.ts";
import { SignalboxError } from "../../errors.ts";
import type { Edit, EditChange } from "../../store/edits.ts";
import type { Commit, Condition, Unit } from "../../store/unit.ts";
import type { Edited } from "./edited.ts";
import { type IfMatch, readIfMatch } from "./if-match.ts";

/** `ETag` and `If-Match`: no edit overwrites another that its caller has not seen. */

type EditingContext = Pick<Context, "store">;

interface Asked {
  readonly caller: Principal;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
}

interface EditingRoute {
  readonly method: string;
  edited?(asked: Asked): Promise<Edited>;
}

/** One request's look at what it shows or changes. */
export class Editing {
  readonly #context: EditingContext;
  readonly #edited: Edited;
  readonly #ifMatch: IfMatch | undefined;
  /** The versions that count for this request: as they were read, then as its own commit has left them. */
  readonly #versions: Map<string, string | null>;

  private constructor(
    context: EditingContext,
    of: {
      readonly edited: Edited;
      readonly ifMatch: IfMatch | undefined;
      readonly versions: Map<string, string | null>;
    },
  ) {
    this.#context = context;
    this.#edited = of.edited;
    this.#ifMatch = of.ifMatch;
    this.#versions = of.versions;
  }

  /**
   * Read before anything else is, so that what is shown is never older than its `ETag`.
   *
   * @throws SignalboxError `not_found` when the caller sees no such thing; `precondition_failed`, and `invalid_request` about the header.
   */
  static async begin(context: EditingContext, route: EditingRoute, asked: Asked): Promise<Editing> {
    const looks = route.method === "GET" || route.method === "HEAD";
    const ifMatch = route.edited === undefined || looks ? undefined : readIfMatch(asked.headers);
    const edited = (await route.edited?.(asked)) ?? { things: [] };
    const versions = new Map<string, string | null>();
    for (const thing of edited.things) versions.set(thing, (await context.store.edits.last(thing))?.version ?? null);
    const editing = new Editing(context, { edited, ifMatch, versions });
    if (!editing.#fits()) throw await editing.#conflict();
    return editing;
  }

  /** The same, whose commit of the edit holds only while what is edited is as the caller has said, and is remembered for {@link etag}. */
  readonly conditional = <Deps extends Pick<Context, "publish">>(deps: Deps): Deps => ({
    ...deps,
    publish: (unit: Unit) => this.#publish(deps.publish, unit),
  });

  async #publish(publish: Context["publish"], unit: Unit): Promise<Commit> {
    const edits = (unit.changes ?? []).filter(isEdit).filter(({ thing }) => this.#versions.has(thing));
    // What comes before the edit (what hooks said of it) and what changes nothing is not judged again.
    const judged = edits.length > 0 ? this.#conditions() : [];
    const commit = await publish({ ...unit, conditions: [...judged, ...(unit.conditions ?? [])] });
    if (commit.kind === "refused" && judged.includes(commit.condition)) throw await this.#conflict();
    if (commit.kind === "committed") {
      for (const edit of edits) {
        if (edit.do === "edit.note") this.#versions.set(edit.thing, edit.edit.version);
        else this.#versions.delete(edit.thing);
      }
    }
    return commit;
  }

  #conditions(): Condition[] {
    if (this.#ifMatch === undefined) return [];
    // `*` fits whatever is there: that the thing is there at all is for its verb to judge, unless only its edit tells.
    if (this.#ifMatch === "any" && this.#edited.madeByEdits !== true) return [];
    return [...this.#versions].map(([thing, version]) => ({ if: "edit.is", thing, version }));
  }

  #fits(): boolean {
    if (this.#ifMatch === undefined) return true;
    const present = this.#present();
    return present !== undefined && (this.#ifMatch === "any" || this.#ifMatch.includes(present));
  }

  /** What its `ETag` holds between the quotes; `undefined` when it is not there. */
  #present(made?: string): string | undefined {
    const parts = [...this.#versions].flatMap(([thing, version]) =>
      version === null && this.#edited.madeByEdits === true ? [] : [version ?? thing],
    );
    if (made !== undefined) parts.push(made);
    return parts.length === 0 ? undefined : parts.join("+");
  }

  /**
   * Of the answer: of what this request has left, even if another has changed it since.
   *
   * @param made the uuid of what it has made.
   */
  etag(made?: string): string | undefined {
    const present = this.#present(made);
    return present === undefined ? undefined : `"${present}"`;
  }

  async #conflict(): Promise<SignalboxError> {
    const edits: Edit[] = [];
    for (const thing of this.#edited.things) {
      const edit = await this.#context.store.edits.last(thing);
      this.#versions.set(thing, edit?.version ?? null);
      if (edit !== undefined) edits.push(edit);
    }
    const newest = edits.toSorted((a, b) => b.atMs - a.atMs).at(0);
    const present = this.etag();
    const data = {
      etag: present ?? null,
      changed_by: newest?.by ?? null,
      changed_at: newest === undefined || newest.atMs === 0 ? null : new Date(newest.atMs).toISOString(),
    };
    return new SignalboxError("precondition_failed", sentence(data), { data });
  }
}

function sentence({ etag, changed_by: by, changed_at: at }: Readonly<Record<string, string | null>>): string {
  if (etag === null) return "If-Match: this is not there (any more); leave the header out to make it";
  const who = by === null ? "" : ` by '${by}'`;
  const when = at === null ? "" : ` at ${at}`;
  return `If-Match: this was changed${who}${when}, after you read it; read it again, and decide anew`;
}

function isEdit(change: NonNullable<Unit["changes"]>[number]): change is EditChange {
  return change.do === "edit.note" || change.do === "edit.end";
}
