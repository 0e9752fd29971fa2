import { parseFilter } from "../filter.ts";
import { storedFilterLimits } from "../limits.ts";
import type { FieldCatalog, ReadField } from "../tree.ts";

/** Different conditions, and different lists of them, that are kept as texts. Filters with others are asked as a whole. */
const mostConditions = 8_192;
const mostLists = 8_192;
/** So many are kept compiled: some 2 KB each. */
const mostCompiled = 1_024;

type Ask = (read: ReadField) => boolean;

/** A condition that filters have in common. */
export class SharedCondition {
  readonly text: string;
  readonly number: number;
  references = 0;
  readonly #compile: (condition: SharedCondition) => Ask;
  #ask: Ask | undefined;
  #turn = 0;
  #isTrue = false;

  constructor(text: string, number: number, compile: (condition: SharedCondition) => Ask) {
    this.text = text;
    this.number = number;
    this.#compile = compile;
  }

  /** Asked once in each turn, however many filters have it. */
  isTrue(read: ReadField, turn: number): boolean {
    if (this.#turn === turn) return this.#isTrue;
    this.#ask ??= this.#compile(this);
    this.#isTrue = this.#ask(read);
    this.#turn = turn;
    return this.#isTrue;
  }

  /** Others need the memory. */
  forget(): void {
    this.#ask = undefined;
  }
}

/** What is left of a filter: all of them have to be TRUE. */
export interface ConditionList {
  readonly key: string;
  readonly number: number;
  readonly conditions: readonly SharedCondition[];
  references: number;
}

export function areTrue({ conditions }: ConditionList, read: ReadField, turn: number): boolean {
  for (const condition of conditions) if (!condition.isTrue(read, turn)) return false;
  return true;
}

/** The conditions of all filters of an index, each once. */
export class SharedConditions {
  readonly #catalog: FieldCatalog;
  readonly #known = new Map<string, SharedCondition>();
  /** The first may go first. */
  readonly #compiled = new Set<SharedCondition>();
  readonly #lists = new Map<string, ConditionList>();
  readonly #byNumber: (ConditionList | undefined)[] = [];
  readonly #free: number[] = [];
  #given = 0;

  constructor(catalog: FieldCatalog) {
    this.#catalog = catalog;
  }

  /** To be given back by {@link release}. `undefined`: there are too many already. */
  take(texts: readonly string[]): ConditionList | undefined {
    const key = texts.join("\0");
    const known = this.#lists.get(key);
    if (known !== undefined) {
      known.references += 1;
      return known;
    }
    if (this.#lists.size >= mostLists || this.#known.size + texts.length > mostConditions) return undefined;
    const number = this.#free.pop() ?? this.#byNumber.length;
    const list: ConditionList = { key, number, conditions: texts.map((text) => this.#condition(text)), references: 1 };
    this.#lists.set(key, list);
    this.#byNumber[number] = list;
    return list;
  }

  get(number: number): ConditionList | undefined {
    return this.#byNumber[number];
  }

  release(list: ConditionList): void {
    list.references -= 1;
    if (list.references > 0) return;
    this.#lists.delete(list.key);
    this.#byNumber[list.number] = undefined;
    this.#free.push(list.number);
    for (const condition of list.conditions) {
      condition.references -= 1;
      if (condition.references > 0) continue;
      this.#known.delete(condition.text);
      this.#compiled.delete(condition);
    }
  }

  #compile(condition: SharedCondition): Ask {
    const parsed = parseFilter(condition.text, this.#catalog, storedFilterLimits);
    // It was printed from one that could be read.
    if (parsed.kind === "error") throw new TypeError(`a part of a filter cannot be read: ${condition.text}`);
    const { filter } = parsed;
    const [first] = this.#compiled.size < mostCompiled ? [] : this.#compiled;
    first?.forget();
    if (first !== undefined) this.#compiled.delete(first);
    this.#compiled.add(condition);
    return (read) => filter.matches(read);
  }

  #condition(text: string): SharedCondition {
    let condition = this.#known.get(text);
    if (condition === undefined) {
      this.#given += 1;
      condition = new SharedCondition(text, this.#given, (one) => this.#compile(one));
      this.#known.set(text, condition);
    }
    condition.references += 1;
    return condition;
  }
}
