import { Choice, TextField } from "../../parts/field.tsx";
import type { AuthDraft } from "./auth-draft.ts";

interface AuthFieldsProps {
  readonly draft: AuthDraft;
  readonly set: (change: Partial<AuthDraft>) => void;
  /** What the server said of a field, by its path from the webhook. */
  readonly problem: (path: string) => string | undefined;
  /** Whether one was given before. */
  readonly hasAuth: boolean;
}

const types = [
  { value: "none", label: "None" },
  { value: "basic", label: "Basic" },
  { value: "bearer", label: "Token" },
  { value: "header", label: "Other", hint: "All of the header, such as ApiKey 0123abcd." },
] as const;

const credentials = {
  basic: { label: "Password", path: "auth.password" },
  bearer: { label: "Token", path: "auth.token" },
  header: { label: "Value of Authorization", path: "auth.value" },
} as const;

export function AuthFields({ draft: { auth, username, credential }, set, problem, hasAuth }: AuthFieldsProps) {
  const asked = auth === "none" || auth === "keep" ? undefined : credentials[auth];
  return (
    <>
      <Choice
        label="Authentication type"
        value={auth}
        options={hasAuth ? [{ value: "keep", label: "Keep the present one" }, ...types] : types}
        onValue={(next) => set({ auth: next, credential: "" })}
      />
      {auth === "basic" && (
        <TextField
          label="Username"
          value={username}
          onValue={(next) => set({ username: next })}
          error={problem("auth.username")}
        />
      )}
      {asked !== undefined && (
        <TextField
          label={asked.label}
          type="password"
          required
          value={credential}
          onValue={(next) => set({ credential: next })}
          error={problem(asked.path)}
          hint="It is sent with each event, and never shown again."
        />
      )}
    </>
  );
}
