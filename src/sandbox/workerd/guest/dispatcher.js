/**
 * The worker that a process begins with. It loads functions, each into an isolate of its own, hands
 * calls to them, and holds all that they are not given: the way to the server and the ways to the network.
 */

import { WorkerEntrypoint } from "cloudflare:workers";

const codes = new Map();

// What workerd would offer for import, and a function could use to outlive its call (waitUntil) or to learn about its process.
const nothing = { js: 'throw new Error("a function can import nothing");' };
const builtIn = [
  "cloudflare:ai",
  "cloudflare:br",
  "cloudflare:durable-objects",
  "cloudflare:email",
  "cloudflare:internal-class",
  "cloudflare:node",
  "cloudflare:pipelines",
  "cloudflare:sockets",
  "cloudflare:vectorize",
  "cloudflare:workers",
  "cloudflare:workflows",
  "workerd:cloneable",
  "workerd:rtti",
  "workerd:unsafe",
  "workerd:unsafe-eval",
];
const blocked = Object.fromEntries(builtIn.map((name) => [name, nothing]));

/** When a module is loaded, which its isolate cannot tell. */
const started = () => "export const startedMs = " + Date.now() + ";";

function worker({ js, vars, hosts, limits }, env, exports) {
  return {
    compatibilityDate: "2026-11-01",
    compatibilityFlags: ["no_nodejs_compat", "no_nodejs_compat_v2", "nodejs_als", "disallow_eval_during_startup"],
    mainModule: "shim.js",
    modules: { ...blocked, ...env.MODULES, "started.js": started(), "function.js": js },
    env: { vars, limits, API: exports.Api({ props: {} }) },
    globalOutbound: hosts.length === 0 ? null : exports.Egress({ props: { hosts } }),
  };
}

function entrypoint(id, env, exports) {
  return env.LOADER.get(id, () => worker(codes.get(id), env, exports)).getEntrypoint();
}

const message = (error) => String(error?.message ?? error);

export default {
  async fetch(request, env, { exports }) {
    const { pathname } = new URL(request.url);
    if (pathname === "/ping") return new Response("pong");
    const id = request.headers.get("x-code");
    try {
      if (pathname === "/run") return await entrypoint(id, env, exports).fetch(request);
      codes.set(id, await request.json());
      return await entrypoint(id, env, exports).fetch("http://function/ready");
    } catch (error) {
      return new Response("x" + JSON.stringify(message(error)) + "\n");
    }
  },
};

let asking = 0;

/**
 * What the function's "api" reaches. The token is the call's own, so that no other authority can be used. The server bounds what
 * comes of this process, too, and does not trust it; what is refused here does not cost the server anything.
 */
export class Api extends WorkerEntrypoint {
  async fetch(request) {
    const token = /^http:\/\/api\/([0-9a-f]{32})$/.exec(request.url)?.[1];
    if (token === undefined || request.method !== "POST")
      return new Response("it is not as api() asks", { status: 400 });
    const { MOST_ASKING: mostAsking } = this.env;
    if (asking >= mostAsking)
      return new Response("more than " + mostAsking + " requests of all calls at once", { status: 429 });
    asking += 1;
    try {
      return await this.env.HOST.fetch("http://host/" + token, { method: "POST", body: request.body });
    } finally {
      asking -= 1;
    }
  }
}

const nameOf = ({ hostname }) => hostname.replace(/\.$/, "");
const standardOf = ({ protocol }) => (protocol === "https:" ? 443 : 80);
const portOf = (url) => (url.port === "" ? standardOf(url) : Number(url.port));
const fits = (name, host, below) => (below ? name.endsWith("." + host) : name === host);

function listed(hosts, url) {
  return hosts.some(
    ({ host, below, port }) => fits(nameOf(url), host, below) && portOf(url) === (port || standardOf(url)),
  );
}

/** The way that leads there: what the operator opened by name may lie anywhere, at a port of its own if one is said. */
function wayTo(url, env) {
  const port = portOf(url);
  const opened = env.OPENED.some(
    (entry) => fits(nameOf(url), entry.name, entry.below) && (entry.port === undefined || entry.port === port),
  );
  return opened ? env.ANYWHERE : (env["PUBLIC_" + port] ?? env.PUBLIC);
}

/** The function's global fetch. Each hop of a redirect passes here again. Without connect(), raw sockets end here. */
export class Egress extends WorkerEntrypoint {
  async fetch(request) {
    const url = new URL(request.url);
    if (!listed(this.ctx.props.hosts, url))
      throw new Error(url.host + " is not among the hosts that this function may fetch from");
    if (request.headers.has("upgrade")) throw new Error("a function cannot open WebSockets");
    const way = wayTo(url, this.env);
    const { host } = url;
    url.hostname = nameOf(url);
    try {
      return await way.fetch(new Request(url, request), { redirect: "manual" });
    } catch (error) {
      // workerd tells its log what it has against an address or a certificate, but not its caller.
      const kept = message(error).startsWith("internal error");
      const why = kept ? "the name, the certificate, or an address that is not public" : message(error);
      // oxlint-disable-next-line preserve-caught-error -- the function is not to read what else the error holds.
      throw new Error("no connection to " + host + ": " + why);
    }
  }
}
