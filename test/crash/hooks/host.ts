/** The host that functions tell of users: a quarter of what it hears it answers badly. */
import { bodyOf, httpListener } from "../../support/listeners.ts";

/** What the function `welcome` told it. */
export interface Welcome {
  readonly event: string;
  readonly operation: string;
  readonly attempt: number;
  readonly user: string;
  readonly name: string;
  readonly checked?: string;
}

/** What it does with what it has heard; `hold`: nothing, until whoever asked has gone. */
export type Manners = "thanks" | "error" | "hang up" | "hold";

export interface Host extends AsyncDisposable {
  readonly url: string;
  /** In order of arrival, each with how it was answered. */
  readonly welcomes: readonly { readonly told: Welcome; readonly answer: Manners }[];
  /** Paths that hooks asked for. */
  readonly asked: readonly string[];
  /** Forgets what it has heard. */
  forget(): void;
}

/** `manners` is told the path of each arrival before it is answered. */
export async function host(manners: (path: string) => Manners): Promise<Host> {
  const welcomes: { told: Welcome; answer: Manners }[] = [];
  const asked: string[] = [];
  const listener = await httpListener((request, response) => {
    const path = request.url ?? "";
    bodyOf(request).then(
      (body) => {
        const answer = manners(path);
        if (path === "/welcome") welcomes.push({ told: JSON.parse(body) as Welcome, answer });
        else asked.push(path);
        if (answer === "thanks") response.end("thank you");
        else if (answer === "error") response.writeHead(500).end("not now");
        else if (answer === "hang up") request.socket.destroy();
      },
      // Cut off before it was whole: nothing has arrived.
      () => response.destroy(),
    );
  });
  return {
    url: `http://127.0.0.1:${listener.port}`,
    welcomes,
    asked,
    forget: () => {
      welcomes.length = 0;
      asked.length = 0;
    },
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}
