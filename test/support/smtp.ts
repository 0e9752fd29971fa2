/** An SMTP server for tests: keeps all mails, answers as it is told, gone with its scope. */
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

/** One mail whose DATA came whole, whatever was answered then. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: string;
  /** As it came over the wire. */
  readonly raw: string;
  readonly parsed: ParsedMail;
}

/** What it does in the place of taking everything. Each may be changed while it runs. */
export interface SmtpConduct {
  /** To a connection. 554: goes away. */
  greeting?: () => number | Promise<number>;
  /** To MAIL FROM; 250 takes it. */
  sender?: (address: string) => number;
  /** To RCPT TO; 250 takes it. */
  recipient?: (address: string) => number;
  /** When DATA is whole; 250 takes it. `break`: ends the connection without an answer. */
  data?: (mail: ReceivedMail) => number | "break" | Promise<number | "break">;
  /** To a login. Without it, none is offered. */
  login?: (user: string, password: string) => boolean;
}

export interface SmtpReceiver extends AsyncDisposable {
  /** `smtp://127.0.0.1:12345` */
  readonly url: string;
  readonly port: number;
  readonly received: readonly ReceivedMail[];
  readonly conduct: SmtpConduct;
  /** Connections that were ever opened, and those that are open now. */
  readonly connections: { readonly ever: number; readonly now: number };
  /** Ends all that are open, in the middle of whatever goes on. */
  hangUp(): void;
}

class Refusal extends Error {
  readonly responseCode: number;

  constructor(code: number) {
    super(`said to answer ${code}`);
    this.responseCode = code;
  }
}

function verdict(code: number): Error | null {
  return code < 400 ? null : new Refusal(code);
}

/** Without TLS unless `options` bring a certificate. `port`: 0 for a free one. */
export async function smtpReceiver(
  conduct: SmtpConduct = {},
  options: SMTPServerOptions & { readonly port?: number } = {},
): Promise<SmtpReceiver> {
  const received: ReceivedMail[] = [];
  const sockets = new Set<Socket>();
  let ever = 0;
  const { port: wanted = 0, ...given } = options;
  const server = new SMTPServer({
    authOptional: conduct.login === undefined,
    disabledCommands: [
      ...(given.cert === undefined ? ["STARTTLS"] : []),
      ...(conduct.login === undefined ? ["AUTH"] : []),
    ],
    allowInsecureAuth: true,
    logger: false,
    ...given,
    onConnect: (_session, done) => {
      const greet = async (): Promise<void> => done(verdict((await conduct.greeting?.()) ?? 220));
      void greet();
    },
    onAuth: ({ username = "", password }, _session, done) => {
      if (conduct.login?.(username, password ?? "") === true) done(null, { user: username });
      else done(new Refusal(535));
    },
    onMailFrom: ({ address }, _session, done) => done(verdict(conduct.sender?.(address) ?? 250)),
    onRcptTo: ({ address }, _session, done) => done(verdict(conduct.recipient?.(address) ?? 250)),
    onData: (stream, session, done) => {
      const take = async (): Promise<void> => {
        const raw = Buffer.concat(await stream.toArray());
        const { mailFrom, rcptTo } = session.envelope;
        const mail = {
          from: mailFrom === false ? "" : mailFrom.address,
          to: rcptTo.map(({ address }) => address).join(", "),
          raw: raw.toString("utf8"),
          parsed: await simpleParser(raw),
        };
        received.push(mail);
        const answer = (await conduct.data?.(mail)) ?? 250;
        if (answer !== "break") return done(verdict(answer), "taken");
        for (const socket of sockets) if (socket.remotePort === session.remotePort) socket.destroy();
      };
      void take();
    },
  });
  // Of clients that break off.
  server.on("error", () => {});
  server.server.on("connection", (socket: Socket) => {
    ever += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const hangUp = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  server.listen(wanted, "127.0.0.1");
  await once(server.server, "listening");
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    port,
    received,
    conduct,
    get connections() {
      return { ever, now: sockets.size };
    },
    hangUp,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(resolve));
      hangUp();
      await closed;
    },
  };
}
