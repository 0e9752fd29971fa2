import { type FormEvent, useState } from "react";
import { ApiError } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import { TextField, unlessTyped } from "../../parts/field.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Row, Stack } from "../../parts/page.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";
import styles from "./functions.module.css";

interface NamedValuesProps {
  readonly what: "value" | "secret";
  readonly names: readonly string[];
  /** Of secrets it is never known. */
  readonly shownOf?: (name: string) => string | undefined;
  readonly busy: boolean;
  readonly error: unknown;
  readonly onSet: (name: string, value: string) => Promise<unknown>;
  readonly onRemove: (name: string) => Promise<unknown>;
}

/** Names with values, one set or removed at a time. What was typed of a secret is gone once it is set. */
export function NamedValues({ what, names, shownOf, busy, error, onSet, onRemove }: NamedValuesProps) {
  const [name, setName] = useState("");
  const [value, setValue] = useState("");
  const isSecret = what === "secret";
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onSet(name.trim(), value).then(
      () => {
        setName(unlessTyped(name));
        setValue(unlessTyped(value));
      },
      // It stands below.
      () => undefined,
    );
  };
  const [field] = error instanceof ApiError ? error.fields : [];
  return (
    <Stack>
      {names.length === 0 ? (
        <p className={styles["quiet"]}>{isSecret ? "It has no secrets." : "It has no values."}</p>
      ) : (
        <Table
          label={isSecret ? "Secrets" : "Values"}
          items={names}
          keyOf={(one) => one}
          columns={[
            {
              name: "Name",
              cell: (one) => (
                <Text mono max={80}>
                  {one}
                </Text>
              ),
            },
            {
              name: "Value",
              wide: true,
              cell: (one) =>
                isSecret ? (
                  "•••••• never shown"
                ) : (
                  <Text mono max={200}>
                    {shownOf?.(one) ?? ""}
                  </Text>
                ),
            },
            {
              name: "Actions",
              cell: (one) => (
                <Button
                  aria-label={`Remove ${one}`}
                  busy={busy}
                  onClick={() => void onRemove(one).catch(() => undefined)}
                >
                  Remove
                </Button>
              ),
            },
          ]}
        />
      )}
      <form onSubmit={submit}>
        <Stack>
          <div className={styles["fields"]}>
            <TextField
              label={isSecret ? "Name of the secret" : "Name of the value"}
              required
              mono
              value={name}
              onValue={setName}
            />
            <TextField
              label={isSecret ? "The secret" : "The value"}
              mono
              type={isSecret ? "password" : "text"}
              value={value}
              onValue={setValue}
              error={field?.message}
            />
          </div>
          {error !== null && field === undefined && <Problem error={error} />}
          <Row>
            <Button type="submit" busy={busy}>
              {isSecret ? "Set the secret" : "Set the value"}
            </Button>
            <span className={styles["quiet"]}>
              {isSecret
                ? "Seen by the function in env, and taken out of what it logs."
                : "Seen by the function in env."}
            </span>
          </Row>
        </Stack>
      </form>
    </Stack>
  );
}
