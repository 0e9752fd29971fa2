import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { call } from "../../api/client.ts";
import { TextField } from "../../parts/field.tsx";
import { Text } from "../../parts/text.tsx";

interface DestinationFieldProps {
  readonly value: string;
  readonly onValue: (name: string) => void;
  readonly error: string | undefined;
  readonly autoFocus?: boolean;
}

/** So many are offered; the name of one beyond is typed. */
const most = 100;

/** A destination, by its name. */
export function DestinationField(props: DestinationFieldProps) {
  const { value } = props;
  const list = useId();
  const known = useQuery({
    queryKey: ["listDestinations", "picker"],
    queryFn: ({ signal }) => call("listDestinations", { query: { limit: most } }, { signal }),
  });
  const found = known.data?.destinations ?? [];
  const chosen = found.find(({ name }) => name === value.trim());
  return (
    <>
      <TextField
        {...props}
        label="Destination"
        required
        list={list}
        hint={
          chosen === undefined ? (
            "The name of a destination of the tenant: where it goes, and with what, is changed there for all that go there."
          ) : (
            <>
              It goes to{" "}
              <Text mono max={120}>
                {chosen.target.url}
              </Text>
            </>
          )
        }
      />
      <datalist id={list}>
        {found.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </datalist>
    </>
  );
}
