import { type Query, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { call } from "../../api/client.ts";
import { useRequest } from "../../api/request.ts";
import type { Self } from "../../api/session.ts";
import { Button } from "../../parts/button.tsx";
import { TextField } from "../../parts/field.tsx";
import { Problem } from "../../parts/notice.tsx";
import { IssuerLogins } from "./issuer-logins.tsx";
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

/**
 * Over a screen whose session has ended: what was typed there stays, for the principal that typed it. The browser's own dialog: it stands
 * above whatever other dialog is open, and the focus goes back to where it was.
 */
export function LoginAgain({ before }: { readonly before: Self }) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Only once it is open, lest the field take the focus before the dialog knows where that was.
  const [isShown, setShown] = useState(false);
  useLayoutEffect(() => {
    const opened = dialog.current;
    opened?.showModal();
    setShown(true);
    return () => opened?.close();
  }, []);
  return createPortal(
    <dialog
      ref={dialog}
      className={styles["again"]}
      aria-labelledby="login-again"
      onKeyDown={(event) => {
        // It stays, and other dialogs below must not take the key for theirs.
        if (event.key === "Escape") event.preventDefault();
        event.stopPropagation();
      }}
    >
      {isShown && (
        <LoginForm before={before}>
          <h2 id="login-again">Your session has ended</h2>
          <p>Log in again to go on; what you typed stays. Something that was just sent has to be sent again.</p>
        </LoginForm>
      )}
    </dialog>,
    document.body,
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
  const entering = useRequest({
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
      <IssuerLogins isAgain={before !== undefined} />
    </form>
  );
}

/** The code of the login link that was opened, if one was. */
function codeOfLink(): string | undefined {
  return new URLSearchParams(window.location.hash.slice(1)).get("code") ?? undefined;
}
