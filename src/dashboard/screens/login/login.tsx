import { type Query, useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import { call } from "../../api/client.ts";
import type { Self } from "../../api/session.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { TextField } from "../../parts/field.tsx";
import { Problem } from "../../parts/notice.tsx";
import styles from "./login.module.css";

/** By a token, or by a login link, whose code stands in the fragment and so in no log. */
export function Login() {
  return (
    <main className={styles["login"]}>
      <LoginForm>
        <h1>Log in to Signalbox</h1>
      </LoginForm>
    </main>
  );
}

/** Over a screen whose session has ended: what was typed there stays, for the principal that typed it. */
export function LoginAgain({ before }: { readonly before: Self }) {
  return (
    <Dialog title="Your session has ended" open onClose={() => undefined}>
      <LoginForm before={before}>
        <p>Log in again to go on; what you typed stays. Something that was just sent has to be sent again.</p>
      </LoginForm>
    </Dialog>
  );
}

interface LoginFormProps {
  /** Who was logged in until now. */
  readonly before?: Self;
  readonly children: ReactNode;
}

function LoginForm({ before, children }: LoginFormProps) {
  const queries = useQueryClient();
  const [token, setToken] = useState("");
  const entering = useMutation({
    mutationFn: (credential: { readonly token: string } | { readonly code: string }) =>
      call("logIn", { body: credential }),
    onSuccess: (self) => {
      setToken("");
      const shown = { predicate: ({ queryKey }: Query) => queryKey[0] !== "session" };
      const isSame = before?.tenant === self.tenant && before.principal === self.principal;
      // What another principal saw before is forgotten.
      if (!isSame) queries.removeQueries(shown);
      queries.setQueryData(["session"], self);
      if (isSame) void queries.invalidateQueries(shown);
    },
  });
  const { mutate: enter } = entering;
  const [code, setCode] = useState(codeOfLink);

  useEffect(() => {
    // It stays in no history, and is not copied with the address.
    if (code !== undefined) window.history.replaceState(window.history.state, "", window.location.pathname);
  }, [code]);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (token.trim() !== "") enter({ token: token.trim() });
  };

  if (code !== undefined) {
    // Asked first: the link may come from another principal, whose account it would open.
    return (
      <form onSubmit={(event) => event.preventDefault()}>
        {children}
        <p>You opened a login link. Go on if you made it yourself, or trust who sent it to you.</p>
        {entering.isError && <Problem error={entering.error} />}
        <Button look="primary" busy={entering.isPending} autoFocus onClick={() => enter({ code })}>
          Log in with the link
        </Button>
        <Button look="ghost" onClick={() => setCode(undefined)}>
          Use a token instead
        </Button>
      </form>
    );
  }

  return (
    <form onSubmit={submit}>
      {children}
      <input type="text" name="username" autoComplete="username" defaultValue="token" hidden />
      <TextField
        label="Token"
        type="password"
        value={token}
        onValue={setToken}
        autoComplete="current-password"
        mono
        autoFocus
        hint={
          <>
            The first start prints one. <code>signalbox login-link</code> makes a link that needs none.
          </>
        }
      />
      {entering.isError && <Problem error={entering.error} />}
      <Button look="primary" type="submit" busy={entering.isPending} disabled={token.trim() === ""}>
        Log in
      </Button>
    </form>
  );
}

/** The code of the login link that was opened, if one was. */
function codeOfLink(): string | undefined {
  return new URLSearchParams(window.location.hash.slice(1)).get("code") ?? undefined;
}
