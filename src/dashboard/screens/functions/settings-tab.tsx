import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { AppFunction, UpdateFunctionRequest } from "../../../client/operations.ts";
import { call, see } from "../../api/client.ts";
import { useRequest } from "../../api/request.ts";
import { Button } from "../../parts/button.tsx";
import { Id } from "../../parts/copy.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { keepDraft } from "../../parts/drafts.ts";
import { Problem } from "../../parts/notice.tsx";
import { Card, Fact, Facts, Row, Stack } from "../../parts/page.tsx";
import { Text } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { useDraftName } from "./draft-name.ts";
import { functionKey, type SeenFunction, useFunctionChange } from "./known-function.ts";
import { Limits } from "./limits.tsx";
import { NamedValues } from "./named-values.tsx";

function useSave(fn: AppFunction, onSaved: () => void = () => undefined) {
  const queries = useQueryClient();
  return useFunctionChange<UpdateFunctionRequest>(fn, {
    change: (body, at) => see("updateFunction", { params: { app: fn.app_slug, fn: fn.slug }, body }, at),
    onDone: async () => {
      onSaved();
      await queries.invalidateQueries({ queryKey: ["listFunctions"] });
    },
  });
}

/** What it sees, what it may reach, and its limits. */
export function SettingsTab({ fn }: { readonly fn: AppFunction }) {
  return (
    <Stack>
      <Limits fn={fn} />
      <Env fn={fn} />
      <Secrets fn={fn} />
      <Card title="About">
        <Facts>
          <Fact name="Owner">
            <Text>{fn.owner}</Text>
          </Fact>
          <Fact name="Code by">
            <Text>{fn.author}</Text> {fn.role !== null && `(${fn.role})`}
          </Fact>
          <Fact name="Created">
            <Time at={fn.created_at} exact />
          </Fact>
          <Fact name="Changed">
            <Time at={fn.updated_at} exact />
          </Fact>
          <Fact name="Id">
            <Id id={fn.uuid} of="function" />
          </Fact>
        </Facts>
        <Remove fn={fn} />
      </Card>
    </Stack>
  );
}

function Env({ fn }: { readonly fn: AppFunction }) {
  const save = useSave(fn);
  return (
    <Card title="Environment">
      <NamedValues
        what="value"
        names={Object.keys(fn.env)}
        shownOf={(name) => fn.env[name]}
        busy={save.isPending}
        error={save.error}
        onSet={(name, value) => save.mutateAsync({ env: { [name]: value } })}
        onRemove={(name) => save.mutateAsync({ env: { [name]: null } })}
      />
    </Card>
  );
}

function Secrets({ fn }: { readonly fn: AppFunction }) {
  const save = useSave(fn);
  return (
    <Card title="Secrets">
      <NamedValues
        what="secret"
        names={fn.secrets}
        busy={save.isPending}
        error={save.error}
        onSet={(name, value) => save.mutateAsync({ secrets: { [name]: value } })}
        onRemove={(name) => save.mutateAsync({ secrets: { [name]: null } })}
      />
    </Card>
  );
}

function Remove({ fn }: { readonly fn: AppFunction }) {
  const { tenant } = useParams({ from: "/t/$tenant" });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const draft = useDraftName(fn.app_slug, fn.slug);
  const [isOpen, setOpen] = useState(false);
  const remove = useRequest({
    mutationFn: () => {
      const ifMatch = queries.getQueryData<SeenFunction>(functionKey(fn.app_slug, fn.slug))?.etag;
      return call("deleteFunction", { params: { app: fn.app_slug, fn: fn.slug } }, { ifMatch });
    },
    onError: () => void queries.invalidateQueries({ queryKey: functionKey(fn.app_slug, fn.slug) }),
    onSuccess: async () => {
      keepDraft(draft, undefined);
      await navigate({ to: "/t/$tenant/functions", params: { tenant } });
      queries.removeQueries({ queryKey: ["getFunction", fn.app_slug, fn.slug] });
      await queries.invalidateQueries({ queryKey: ["listFunctions"] });
    },
  });
  return (
    <Row>
      <Button look="danger" onClick={() => setOpen(true)}>
        Delete this function…
      </Button>
      <Confirm
        title={`Delete ${fn.name}?`}
        action="Delete"
        typed={fn.slug}
        open={isOpen}
        busy={remove.isPending}
        onConfirm={() => remove.mutate()}
        onClose={() => setOpen(false)}
      >
        <p>Its versions, secrets and triggers go with it. There is no way back.</p>
        {remove.isError && <Problem error={remove.error} />}
      </Confirm>
    </Row>
  );
}
