/**
 * What stands between the dispatcher and a function, in the function's own isolate. It trusts nothing there, and nothing that
 * it says is trusted. An answer is lines, each a letter and what follows:
 *
 *   l[<ms>,<level>,<message>]  it logged
 *   c                          it logged more than it may
 *   r<json>                    it returned
 *   b[<why>,<said>]            what it returned is no JSON, or too long; what it says of a refusal, or null
 *   t{"name","message","stack"} it threw
 *   x<json string>             it could not be loaded, or was ended from outside (from the dispatcher)
 *
 * A short call is answered in one piece. After a log line, what there is is sent a moment later and the rest as it comes: so
 * that lines are sent even if the call is never done.
 *
 * The function shares all global objects with this module, may change them, and may import it. So what is not to get out (the binding to
 * the server, the call's token, which call is the current one) is neither exported nor a property of anything, and is handed only to
 * built-in functions that were taken before the function was loaded, by `apply`: they look nothing up on a prototype. Objects handed to
 * those have no prototype either, as the runtime reads the options that are not there from `Object.prototype`.
 */

import { AsyncLocalStorage } from "node:async_hooks";
import { startedMs } from "started.js";
import { described, returned, shown } from "./answer-lines.js";
import { format } from "./format.js";
import { inspect } from "./inspect.js";

/** @type {(of: unknown, on: unknown, args: readonly unknown[]) => any} */
const apply = /** @type {any} */ (Reflect.apply);
const { defineProperty, freeze, fromEntries, getOwnPropertyDescriptor, getPrototypeOf } = Object;
const { parse, stringify } = JSON;
const { round } = Math;
const {
  Error,
  Headers,
  Number,
  Promise,
  ReadableStream,
  Request,
  Response,
  String,
  TextEncoder,
  TypeError,
  URL,
  performance,
  setTimeout,
} = globalThis;
const getter = ({ prototype }, name) => {
  let on = prototype;
  while (getOwnPropertyDescriptor(on, name) === undefined) on = getPrototypeOf(on);
  return getOwnPropertyDescriptor(on, name)?.get;
};

const { encode } = TextEncoder.prototype;
const { get: header } = Headers.prototype;
const { text: requestText } = Request.prototype;
const { text: responseText } = Response.prototype;
const { includes, join, map } = Array.prototype;
const { indexOf: indexIn, slice } = String.prototype;
const { test } = RegExp.prototype;
const { getStore, run } = AsyncLocalStorage.prototype;
const { now } = performance;
const headersOf = getter(Request, "headers");
const methodOf = getter(Request, "method");
const urlOf = getter(Request, "url");
const bodyOf = getter(Request, "body");
const statusOf = getter(Response, "status");
const pathOf = getter(URL, "pathname");
const searchOf = getter(URL, "search");

const utf8 = new TextEncoder();
const nowMs = () => apply(now, performance, []);
const head = (text, length) => apply(slice, text, [0, length]);

// Of the stream that a controller belongs to. Only an instance leads to the controller's prototype everywhere.
let enqueue;
let close;
void new ReadableStream({
  start(controller) {
    ({ enqueue, close } = controller);
    apply(close, controller, []);
  },
});

/** The call that runs, so that what "console" logs goes to the right one of several. */
const current = new AsyncLocalStorage();

/** Each is sent as one text. */
const say = (level, text) => apply(getStore, current, [])?.(level, text);
const levels = { debug: 0, log: 1, info: 1, dirxml: 1, table: 1, group: 1, groupCollapsed: 1, warn: 2, error: 3 };
for (const [name, level] of Object.entries(levels)) console[name] = (...parts) => say(level, () => format(parts));
const counts = new Map();
const timers = new Map();
const since = (label) => label + ": " + round((nowMs() - timers.get(label)) * 1000) / 1000 + "ms";
Object.assign(console, {
  trace: (...parts) => say(0, () => "Trace: " + format(parts)),
  dir: (value, options) => say(1, () => inspect(value, { customInspect: false, ...options })),
  assert(held, first, ...rest) {
    if (held) return;
    const isText = typeof first === "string";
    say(3, () =>
      format(
        isText
          ? ["Assertion failed: " + first, ...rest]
          : first === undefined
            ? ["Assertion failed"]
            : ["Assertion failed", first, ...rest],
      ),
    );
  },
  count(label = "default") {
    counts.set(String(label), (counts.get(String(label)) ?? 0) + 1);
    say(1, () => label + ": " + counts.get(String(label)));
  },
  countReset: (label = "default") => void counts.delete(String(label)),
  time: (label = "default") => void timers.set(String(label), nowMs()),
  timeLog: (label = "default", ...parts) =>
    timers.has(String(label)) && say(1, () => format([since(String(label)), ...parts])),
  timeEnd(label = "default") {
    if (timers.has(String(label))) say(1, () => since(String(label)));
    timers.delete(String(label));
  },
  groupEnd() {},
  clear() {},
});

/**
 * While a module is loaded the runtime's clock stands at 1970. What it asks then gets the time of loading; once it is loaded, and the
 * function itself runs, the clock goes, also for code that has kept this one.
 */
const RuntimeDate = Date;
const { construct } = Reflect;
const runtimeNow = Date.now;
let loading = true;
globalThis.Date = new Proxy(RuntimeDate, {
  apply: () => String(loading ? new RuntimeDate(startedMs) : new RuntimeDate()),
  construct: (target, args, made) =>
    construct(target, loading && args.length === 0 ? [startedMs] : args, made === globalThis.Date ? target : made),
});
RuntimeDate.now = () => (loading ? startedMs : runtimeNow());
const loaded = () => {
  loading = false;
  globalThis.Date = RuntimeDate;
  RuntimeDate.now = runtimeNow;
};

/** What is said of one call. "send" takes the answer, as a Response. */
function telling({ logBytes, logLines }, send) {
  const began = nowMs();
  // Not sent yet.
  let text = "";
  let timed = false;
  let ended = false;
  let controller;
  let left = logBytes;
  let lines = logLines;

  function stream() {
    if (ended) return;
    const body = new ReadableStream(
      /** @type {any} */ ({
        __proto__: null,
        start: (its) => {
          controller = its;
        },
      }),
    );
    write(text);
    send(new Response(body));
  }

  function write(more) {
    if (controller !== undefined) return apply(enqueue, controller, [apply(encode, utf8, [more])]);
    text += more;
    if (timed) return;
    timed = true;
    setTimeout(stream, 1);
  }

  return {
    __proto__: null,
    log(level, parts) {
      if (ended || lines < 0) return;
      let message;
      try {
        message =
          typeof parts === "function" ? String(parts()) : String(apply(join, apply(map, parts, [shown]), [" "]));
      } catch {
        message = "(what was logged cannot be told)";
      }
      const kept = head(message, left);
      if (lines > 0) write("l" + stringify([round((nowMs() - began) * 10) / 10, level, kept]) + "\n");
      left -= kept.length;
      lines = lines > 0 && kept === message ? lines - 1 : -1;
      if (lines < 0) write("c\n");
    },
    end(line) {
      if (ended) return;
      ended = true;
      if (controller === undefined) return send(new Response(text + line + "\n"));
      write(line + "\n");
      apply(close, controller, []);
    },
  };
}

const onePath = /^\/(?![/\\])/;
const bodiless = [101, 204, 205, 304];

/** Both ways a line of JSON, and after it the body as it is: so that who reads it never has to parse much. */
async function ask(path, init, token, service) {
  if (token === null) throw new Error("this function was called without an api");
  if (typeof path !== "string" || !apply(test, onePath, [path]))
    throw new TypeError("api(path): the path begins with one slash");
  const request = new Request("http://api" + path, init);
  const url = new URL(apply(urlOf, request, []));
  const has = apply(bodyOf, request, []) !== null;
  const body = has ? await apply(requestText, request, []) : "";
  const asked = stringify({
    method: apply(methodOf, request, []),
    path: apply(pathOf, url, []) + apply(searchOf, url, []),
    headers: fromEntries(apply(headersOf, request, [])),
    has,
  });
  if (asked.length > 65_536) throw new Error("api: path and headers are longer than 64 KiB");
  if (body.length > 2 ** 20) throw new Error("api: the request is longer than 1 MiB");
  const answer = await apply(service.fetch, service, [
    "http://api/" + token,
    { __proto__: null, method: "POST", body: asked + "\n" + body },
  ]);
  const text = await apply(responseText, answer, []);
  if (apply(statusOf, answer, []) !== 200) throw new Error("api: " + text);
  const end = apply(indexIn, text, ["\n"]);
  const { status, headers } = parse(head(text, end));
  const content = apply(includes, bodiless, [status]) ? null : apply(slice, text, [end + 1]);
  return new Response(content, /** @type {any} */ ({ __proto__: null, status, headers }));
}

async function call(main, event, { tell, token, env }) {
  const api = (path, init) => ask(path, init, token, env.API);
  const log = (message, ...data) => tell.log(1, [message, ...data]);
  for (const level of [0, 1, 2, 3]) {
    const name = level === 0 ? "debug" : level === 1 ? "info" : level === 2 ? "warn" : "error";
    const value = (...parts) => tell.log(level, parts);
    const descriptor = { __proto__: null, value, writable: true, enumerable: true, configurable: true };
    defineProperty(log, name, /** @type {PropertyDescriptor} */ (descriptor));
  }
  let value;
  try {
    value = await main(event, { env: freeze(env.vars), log, api });
  } catch (thrown) {
    return tell.end("t" + described(thrown));
  }
  tell.end(returned(value, env.limits.outputBytes));
}

async function begin(main, request, env, send) {
  const headers = apply(headersOf, request, []);
  const token = apply(header, headers, ["x-token"]);
  const logBytes = Number(apply(header, headers, ["x-log-bytes"]));
  const tell = telling({ logBytes, logLines: env.limits.logLines }, send);
  const event = parse(await apply(requestText, request, []));
  await apply(run, current, [tell.log, () => call(main, event, { tell, token, env })]);
}

/**
 * The module's own entry point. What it is given from the outside alone has a binding and a token.
 * @param {{ readonly default?: unknown }} module
 */
export function entry(module) {
  loaded();
  return freeze({
    fetch(request, env) {
      if (apply(methodOf, request, []) === "GET") {
        const fit = typeof module.default === "function";
        return new Response(
          fit ? "" : "x" + stringify("Uncaught Error: it has no function as its default export") + "\n",
        );
      }
      // oxlint-disable-next-line no-async-promise-executor -- `catch` could be the function's.
      return new Promise(async (send, fail) => {
        try {
          await begin(module.default, request, env, send);
        } catch (error) {
          fail(error);
        }
      });
    },
  });
}
