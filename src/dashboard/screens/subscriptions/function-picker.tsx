import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/client.ts";
import { SelectField } from "../../parts/field.tsx";
import { Problem } from "../../parts/notice.tsx";

interface PickerProps {
  /** The function's number; empty before one is chosen. */
  readonly value: string;
  readonly isFixed: boolean;
  readonly onValue: (functionId: string) => void;
  readonly error: string | undefined;
}

/** So many of each are offered; who has more gives the number. */
const most = 100;

/** A function by its app. */
export function FunctionPicker({ value, isFixed, onValue, error }: PickerProps) {
  const [app, setApp] = useState("");
  const apps = useQuery({
    queryKey: ["listApps", "picker"],
    queryFn: ({ signal }) => call("listApps", { query: { limit: most } }, { signal }),
    enabled: !isFixed,
  });
  const functions = useQuery({
    queryKey: ["listFunctions", app, "picker"],
    queryFn: ({ signal }) => call("listFunctions", { params: { app }, query: { limit: most } }, { signal }),
    enabled: app !== "",
  });
  if (isFixed) return <p>It runs function {value}. To run another, make another subscription.</p>;
  if (apps.isError) return <Problem error={apps.error} onRetry={() => void apps.refetch()} />;
  return (
    <>
      <SelectField
        label="App"
        value={app}
        options={[
          { value: "", label: "Choose an app" },
          ...(apps.data?.apps ?? []).map(({ slug, name }) => ({ value: slug, label: name })),
        ]}
        onValue={(next) => {
          setApp(next);
          onValue("");
        }}
      />
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
    </>
  );
}
