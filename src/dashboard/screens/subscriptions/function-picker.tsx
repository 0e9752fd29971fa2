import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/client.ts";
import { SelectField, TextField } from "../../parts/field.tsx";
import { FunctionLink } from "../../parts/function-name.tsx";
import { Problem } from "../../parts/notice.tsx";

interface PickerProps {
  /** The function's number; empty before one is chosen. */
  readonly value: string;
  readonly isFixed: boolean;
  readonly onValue: (functionId: string) => void;
  readonly error: string | undefined;
}

/** So many of each are offered; whatever is beyond is named by its number. */
const most = 100;
/** In place of an app: no slug has this sign. */
const byNumber = "#";

/** A function by its app, or by its number. */
export function FunctionPicker({ value, isFixed, onValue, error }: PickerProps) {
  const [app, setApp] = useState("");
  const apps = useQuery({
    queryKey: ["listApps", "picker"],
    queryFn: ({ signal }) => call("listApps", { query: { limit: most } }, { signal }),
    enabled: !isFixed,
  });
  if (isFixed) {
    return (
      <p>
        It runs <FunctionLink id={Number(value)} />. To run another, make another subscription.
      </p>
    );
  }
  if (apps.isError) return <Problem error={apps.error} onRetry={() => void apps.refetch()} />;
  return (
    <>
      <SelectField
        label="App"
        value={app}
        options={[
          { value: "", label: "Choose an app" },
          ...(apps.data?.apps ?? []).map(({ slug, name }) => ({ value: slug, label: name })),
          { value: byNumber, label: "Any: by the function's id" },
        ]}
        onValue={(next) => {
          setApp(next);
          onValue("");
        }}
      />
      {app === byNumber ? (
        <TextField
          label="Function's id"
          inputMode="numeric"
          pattern="[1-9]\d{0,14}"
          required
          value={value}
          onValue={onValue}
          error={error}
          hint={/^[1-9]\d{0,14}$/.test(value) ? <FunctionLink id={Number(value)} /> : "A number, as its page has it."}
        />
      ) : (
        <OfApp app={app} value={value} onValue={onValue} error={error} />
      )}
    </>
  );
}

interface OfAppProps extends Omit<PickerProps, "isFixed"> {
  /** Its slug; empty before one is chosen. */
  readonly app: string;
}

function OfApp({ app, value, onValue, error }: OfAppProps) {
  const functions = useQuery({
    queryKey: ["listFunctions", app, "picker"],
    queryFn: ({ signal }) => call("listFunctions", { params: { app }, query: { limit: most } }, { signal }),
    enabled: app !== "",
  });
  return (
    <SelectField
      label="Function"
      value={value}
      options={[
        { value: "", label: app === "" ? "Choose an app first" : "Choose a function" },
        ...(functions.data?.functions ?? []).map(({ id, name }) => ({ value: String(id), label: name })),
      ]}
      onValue={onValue}
      error={error}
    />
  );
}
