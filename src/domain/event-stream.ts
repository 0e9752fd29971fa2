/** One server-sent event. */
interface StreamEvent {
  /** Of the last event that had one, this one included. */
  readonly id: string;
  /** `message` unless it says otherwise. */
  readonly event: string;
  readonly data: string;
}

/** Reads a stream of server-sent events, whose text comes in pieces of any size. */
export class EventStreamReader {
  #rest = "";
  #id: string;
  #event = "";
  #data: string[] = [];
  #retryMs: number | undefined;

  /** @param id of the last event that was read before. */
  constructor(id = "") {
    this.#id = id;
  }

  /** After how long to come back, if the stream said so. */
  get retryMs(): number | undefined {
    return this.#retryMs;
  }

  /** The events that are whole with this piece. */
  read(piece: string): readonly StreamEvent[] {
    const text = this.#rest + piece;
    // The pair of a carriage return may be on its way.
    const end = text.endsWith("\r") ? text.length - 1 : text.length;
    const lines = text.slice(0, end).split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? "") + text.slice(end);
    return lines.flatMap((line) => this.#line(line) ?? []);
  }

  #line(line: string): StreamEvent | undefined {
    if (line === "") return this.#whole();
    const [, name = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === "id" && !value.includes("\0")) this.#id = value;
    else if (name === "event") this.#event = value;
    else if (name === "data") this.#data.push(value);
    else if (name === "retry" && /^\d{1,9}$/.test(value)) this.#retryMs = Number(value);
    return undefined;
  }

  #whole(): StreamEvent | undefined {
    const [event, data] = [this.#event || "message", this.#data];
    this.#event = "";
    this.#data = [];
    return data.length === 0 ? undefined : { id: this.#id, event, data: data.join("\n") };
  }
}
