import type { FieldError } from "../../errors.ts";
import type { Uuid } from "../ids.ts";
import { type KindInput, readKindInputs } from "./kind-input.ts";
import { ownKinds, type ResourceKind } from "./known-kinds.ts";
import { type Installation, type ResourceKinds, resourceKinds } from "./resource-kinds.ts";

/** Who says what a kind is. `documented`: for resources of hosts, with what a host or the store may add. */
export type KindSource = "own" | "host" | "declared" | "documented";

/** A declared kind that is not in effect, and why. */
interface IdleKind {
  readonly name: string;
  readonly message: string;
}

/** {@link ResourceKinds} to which declarations come and go. */
export class LiveKinds implements ResourceKinds {
  readonly #hosts: readonly KindInput[];
  readonly #installation: Installation;
  #declared: readonly KindInput[] = [];
  #now: ResourceKinds;

  /** @throws SignalboxError `invalid_request` with everything that is wrong with the host's (`kinds[0].code`). */
  constructor(hosts: readonly KindInput[], installation: Installation) {
    this.#hosts = hosts;
    this.#installation = installation;
    this.#now = resourceKinds(hosts, installation);
  }

  get all(): readonly ResourceKind[] {
    return this.#now.all;
  }

  get host(): boolean {
    return this.#now.host;
  }

  byName(name: string): ResourceKind | undefined {
    return this.#now.byName(name);
  }

  byCode(code: string): ResourceKind | undefined {
    return this.#now.byCode(code);
  }

  of(uuid: Uuid): ResourceKind | undefined {
    return this.#now.of(uuid);
  }

  within(name: string): readonly ResourceKind[] {
    return this.#now.within(name);
  }

  /** Of a name that is in effect. */
  sourceOf(name: string): KindSource | undefined {
    if (ownKinds.some((own) => own.name === name)) return "own";
    if (this.isHosts(name)) return "host";
    if (this.#declared.some((one) => one.name === name)) return "declared";
    return this.byName(name) === undefined ? undefined : "documented";
  }

  /** Whether the program that runs all this says what it is. */
  isHosts(name: string): boolean {
    return this.#hosts.some((host) => host.name === name);
  }

  /** How many of the bound of all kinds the host's take. */
  get hosts(): number {
    return this.#hosts.length;
  }

  /** What is wrong with one that is to stand beside the host's and `others`, by paths within it; empty: nothing. */
  problems(input: unknown, others: readonly KindInput[]): readonly FieldError[] {
    const before = [...this.#hosts, ...others.filter(({ name }) => !this.isHosts(name))];
    const read = readKindInputs([...before, input]);
    if (read.kind === "ok") return [];
    const place = `kinds[${before.length}]`;
    return read.fields.flatMap(({ path, message }) => {
      if (path === "kinds") return [{ path: "", message: `there are too many kinds: the list ${message}` }];
      return path.startsWith(place) ? [{ path: path.slice(place.length).replace(/^\./, ""), message }] : [];
    });
  }

  /**
   * These, and no others, are declared from now on, beside the host's.
   *
   * @returns those that are not in effect: of a name that is the host's, or at odds with what the host has declared.
   */
  declare(kinds: readonly KindInput[]): readonly IdleKind[] {
    const idle: IdleKind[] = [];
    let left = kinds.filter(({ name }) => {
      if (this.isHosts(name)) idle.push({ name, message: "the program that runs Signalbox declares it itself" });
      return !this.isHosts(name);
    });
    for (;;) {
      const read = readKindInputs([...this.#hosts, ...left]);
      if (read.kind === "ok") break;
      const wrong = new Map(
        read.fields.map(({ path, message }) => [Number(/^kinds\[(\d+)\]/.exec(path)?.[1] ?? 0), message]),
      );
      const kept = left.filter((_, index) => !wrong.has(index + this.#hosts.length));
      // Nothing that can be named: too many, of which the last ones go.
      const next = kept.length < left.length ? kept : left.slice(0, -1);
      for (const { name } of left.filter((one) => !next.includes(one))) {
        idle.push({ name, message: wrong.get(left.findIndex((one) => one.name === name) + this.#hosts.length) ?? "" });
      }
      left = next;
    }
    this.#declared = left;
    this.#now = resourceKinds([...this.#hosts, ...left], this.#installation);
    return idle;
  }
}
