/** A browser without a window: follows redirects, and keeps what each host gives it. */
import assert from "node:assert/strict";

export interface Hop {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export class UserAgent {
  /** By host and port, then by name. */
  readonly cookies = new Map<string, Map<string, string>>();

  /** One request, no redirect followed. */
  async ask(url: URL | string, init: RequestInit = {}): Promise<Hop> {
    const at = new URL(url);
    const jar = this.cookies.get(at.host) ?? new Map<string, string>();
    this.cookies.set(at.host, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { accept: "text/html", ...(cookie === "" ? {} : { cookie }), ...(init.headers as object) };
    const response = await fetch(at, { ...init, headers, redirect: "manual" });
    for (const set of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      const isGone = /; *max-age=0\b/i.test(set) || /expires=Thu, 01 Jan 1970/i.test(set);
      if (isGone) jar.delete(name);
      else jar.set(name, value);
    }
    return { url: at, status: response.status, headers: response.headers, text: await response.text() };
  }

  /** Until no redirect comes, or one to a URL that `stops` takes: that one is the last, and was not asked for. */
  async follow(url: URL | string, stops: (url: URL) => boolean = () => false): Promise<Hop & { readonly next?: URL }> {
    let at = new URL(url);
    for (let hops = 0; hops < 20; hops += 1) {
      const hop = await this.ask(at);
      const location = hop.headers.get("location");
      if (hop.status < 300 || hop.status >= 400 || location === null) return hop;
      at = new URL(location, at);
      if (stops(at)) return { ...hop, next: at };
    }
    return assert.fail(`too many redirects, the last to ${at.href}`);
  }
}
