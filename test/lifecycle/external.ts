/** Systems outside the platform, for functions to reach. */
import { bodyOf, httpListener, type Listener } from "../support/listeners.ts";

export interface External extends Listener {
  readonly host: string;
  /** `POST /mail {"to":"…"}`: what was asked of it, in order. */
  readonly heard: readonly string[];
}

/** A system outside the platform, which answers each path once it is ready with what it is given, in turn; the last for ever. */
export async function external(
  answers: Readonly<Record<string, readonly (readonly [number, unknown])[]>>,
  ready: Promise<void> = Promise.resolve(),
): Promise<External> {
  const heard: string[] = [];
  const asks = new Map<string, number>();
  const listener = await httpListener((request, response) => {
    void bodyOf(request).then(async (body) => {
      const { pathname } = new URL(request.url ?? "/", "http://external");
      heard.push(`${request.method} ${request.url}${body === "" ? "" : ` ${body}`}`);
      const nth = asks.get(pathname) ?? 0;
      asks.set(pathname, nth + 1);
      await ready;
      const [status, said] = answers[pathname]?.[nth] ?? answers[pathname]?.at(-1) ?? [404, null];
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(said));
    });
  });
  return Object.assign(listener, { host: `127.0.0.1:${listener.port}`, heard });
}
