/**
 * What stands between the dispatcher and a function, in the function's own isolate. It trusts nothing there, and nothing that
 * it says is trusted. An answer is lines, each a letter and what follows:
 *
 *   l[<ms>,<level>,<message>]  it logged
 *   c                          it logged more than it may
 *   r<json>                    it returned
 *   b<json string>             what it returned is no JSON: why
 *   t{"name","message","stack"} it threw
 *   x<json string>             it could not be loaded, or was ended from outside (from the dispatcher)
 *
 * A short call is answered in one piece. After a log line, what there is is sent a moment later and the rest as it comes: so
 * that lines are told even if the call is never done.
 */
export const shim = /* js */ String.raw`
import { current, parse, performance, ReadableStream, Request, Response, setTimeout, stringify, TextEncoder } from "first.js";
import * as module from "function.js";

const utf8 = new TextEncoder();

function shown(part) {
  if (typeof part === "string") return part;
  if (part instanceof Error) return String(part.stack ?? part);
  try {
    return stringify(part) ?? String(part);
  } catch {
    return String(part);
  }
}

class Call {
  began = performance.now();
  // Not sent yet.
  text = "";
  timed = false;
  ended = false;

  constructor(limits, { token, logBytes }, send) {
    this.left = logBytes;
    this.lines = limits.logLines;
    this.outputBytes = limits.outputBytes;
    this.token = token;
    this.send = send;
  }

  log(level, parts) {
    if (this.ended || this.lines < 0) return;
    let message;
    try {
      message = parts.map(shown).join(" ");
    } catch {
      message = "(what was logged cannot be told)";
    }
    const kept = message.slice(0, this.left);
    if (this.lines > 0) this.write("l" + stringify([this.atMs(), level, kept]) + "\n");
    this.left -= kept.length;
    this.lines = this.lines > 0 && kept === message ? this.lines - 1 : -1;
    if (this.lines < 0) this.write("c\n");
  }

  atMs() {
    return Math.round((performance.now() - this.began) * 10) / 10;
  }

  write(text) {
    if (this.controller !== undefined) return this.controller.enqueue(utf8.encode(text));
    this.text += text;
    if (this.timed) return;
    this.timed = true;
    setTimeout(() => this.stream(), 1);
  }

  stream() {
    if (this.ended) return;
    const body = new ReadableStream({ start: (controller) => { this.controller = controller; } });
    this.write(this.text);
    this.send(new Response(body));
  }

  end(line) {
    this.ended = true;
    if (this.controller === undefined) return this.send(new Response(this.text + line + "\n"));
    this.write(line + "\n");
    this.controller.close();
  }

  async run(event, env) {
    const api = (path, init) => ask(path, init, this.token, env.API);
    const log = (message, ...data) => this.log(1, [message, ...data]);
    for (const [level, name] of ["debug", "info", "warn", "error"].entries()) log[name] = (...parts) => this.log(level, parts);
    const main = module.default;
    let value;
    try {
      value = await main(event, { env: Object.freeze(env.vars), log, api });
    } catch (thrown) {
      return this.end("t" + described(thrown));
    }
    this.end(returned(value, this.outputBytes));
  }
}

function returned(value, limit) {
  try {
    const text = value === undefined ? "null" : stringify(value);
    if (text === undefined) return "b" + stringify("the function returned a " + typeof value + ", which is not JSON");
    return text.length > limit ? "b" + stringify("the function returned more than " + limit + " bytes") : "r" + text;
  } catch (error) {
    return "b" + stringify("the function returned what is not JSON: " + error?.message);
  }
}

function described(thrown) {
  try {
    const cut = (text) => String(text).slice(0, 20_000);
    if (!(thrown instanceof Error)) return stringify({ name: "Error", message: cut(shown(thrown)) });
    return stringify({ name: cut(thrown.name), message: cut(thrown.message), stack: cut(thrown.stack) });
  } catch {
    return '{"name":"Error","message":"what the function threw cannot be told"}';
  }
}

async function ask(path, init, token, service) {
  if (token === null) throw new Error("this function was called without an api");
  if (typeof path !== "string" || !/^\/(?![\/\\])/.test(path)) throw new TypeError("api(path): the path begins with one slash");
  const request = new Request("http://api" + path, init);
  const { pathname, search } = new URL(request.url);
  const body = request.body === null ? undefined : await request.text();
  const told = stringify({ method: request.method, path: pathname + search, headers: Object.fromEntries(request.headers), body });
  if (told.length > 2 ** 20) throw new Error("api: the request is longer than 1 MiB");
  const answer = await service.fetch("http://api/", { method: "POST", headers: { "x-token": token }, body: told });
  if (answer.status !== 200) throw new Error("api: " + (await answer.text()));
  const { status, headers, body: text } = await answer.json();
  return new Response([101, 204, 205, 304].includes(status) ? null : text, { status, headers });
}

export default Object.freeze({
  fetch(request, env) {
    if (request.method === "GET") {
      const fit = typeof module.default === "function";
      return new Response(fit ? "" : "x" + stringify("Uncaught Error: it has no function as its default export") + "\n");
    }
    return new Promise((send, fail) => {
      const { headers } = request;
      const call = new Call(env.limits, { token: headers.get("x-token"), logBytes: Number(headers.get("x-log-bytes")) }, send);
      request.text().then((text) => current.run(call, () => call.run(parse(text), env))).catch(fail);
    });
  },
});
`;
