import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { call } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import { TextField } from "../../parts/field.tsx";
import { Problem } from "../../parts/notice.tsx";
import styles from "./login.module.css";

/** By a token, or by a login link, whose code stands in the fragment and so in no log. */
export function Login() {
  const queries = useQueryClient();
  const [token, setToken] = useState("");
  const entering = useMutation({
    mutationFn: (credential: { readonly token: string } | { readonly code: string }) =>
      call("logIn", { body: credential }),
    onSuccess: (self) => {
      setToken("");
      // What another principal saw before is forgotten.
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session" });
      queries.setQueryData(["session"], self);
    },
  });
  const { mutate: enter } = entering;

  useEffect(() => {
    const code = new URLSearchParams(window.location.hash.slice(1)).get("code");
    if (code === null) return;
    window.history.replaceState(window.history.state, "", window.location.pathname);
    enter({ code });
  }, [enter]);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (token.trim() !== "") enter({ token: token.trim() });
  };

  return (
    <main className={styles["login"]}>
      <form onSubmit={submit}>
        <h1>Log in to Signalbox</h1>
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
    </main>
  );
}
