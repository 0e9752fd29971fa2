import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError, call } from "../../api/client.ts";
import { useRequest } from "../../api/request.ts";
import { Button } from "../../parts/button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { TextField } from "../../parts/field.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Row, Stack } from "../../parts/page.tsx";

export function NewBucket() {
  const queries = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [name, setName] = useState("");
  const make = useRequest({
    mutationFn: () => call("createBucket", { body: { name } }),
    onSuccess: async () => {
      setOpen(false);
      setName("");
      await queries.invalidateQueries({ queryKey: ["listBuckets"] });
    },
  });
  const problem = make.error instanceof ApiError ? make.error.field("name") : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <>
      <Button look="primary" onClick={() => setOpen(true)}>
        New bucket
      </Button>
      <Dialog title="New bucket" open={isOpen} onClose={() => setOpen(false)}>
        <form onSubmit={submit}>
          <Stack>
            <TextField
              label="Name"
              required
              mono
              value={name}
              onValue={setName}
              error={problem}
              hint="3 to 63 lower-case letters, digits, dots and hyphens; S3 clients know it by this name."
            />
            {make.isError && problem === undefined && <Problem error={make.error} />}
            <Row>
              <Button look="primary" type="submit" busy={make.isPending}>
                Make it
              </Button>
              <Button onClick={() => setOpen(false)}>Cancel</Button>
            </Row>
          </Stack>
        </form>
      </Dialog>
    </>
  );
}
