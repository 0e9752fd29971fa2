import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { Rule } from "../../../client/operations.ts";
import { call, see } from "../../api/client.ts";
import { useEdit } from "../../api/edit.ts";
import { useList } from "../../api/list.ts";
import { useRequest } from "../../api/request.ts";
import { Button } from "../../parts/button.tsx";
import { ConflictDialog } from "../../parts/conflict.tsx";
import { List } from "../../parts/list.tsx";
import { Empty, Problem } from "../../parts/notice.tsx";
import { Page, Stack } from "../../parts/page.tsx";
import { SigningSecret } from "../subscriptions/actions.tsx";
import { BucketNav } from "./bucket-nav.tsx";
import { RuleCard } from "./rule-card.tsx";
import { changesOf, draftOf, emptyDraft, newBody, partsOf, type RuleDraft } from "./rule-draft.ts";
import { RuleForm } from "./rule-form.tsx";
import { TestResult, type Tried } from "./test-result.tsx";

/** With its signing secret where it was just made. */
type SavedRule = Rule & { readonly signing_secret?: string | undefined };

function create(bucket: string, draft: RuleDraft): Promise<SavedRule> {
  return call("createRule", { params: { bucket }, body: newBody(draft) });
}

async function change(draft: RuleDraft, opened: Rule, ifMatch: string | undefined): Promise<SavedRule> {
  const body = changesOf(draft, draftOf(opened));
  if (Object.keys(body).length === 0) return opened;
  return call("updateRule", { params: { bucket: opened.bucket, id: opened.id }, body }, { ifMatch });
}

/** What was typed, and whether a test event is to follow. */
interface Saving {
  readonly draft: RuleDraft;
  readonly test: boolean;
}

/** A bucket's Settings → Object notifications. */
export function BucketSettings() {
  const { tenant, bucket } = useParams({ from: "/t/$tenant/buckets/$bucket/settings" });
  const { edit, filter = "" } = useSearch({ from: "/t/$tenant/buckets/$bucket/settings" });
  const navigate = useNavigate({ from: "/t/$tenant/buckets/$bucket/settings" });
  const queries = useQueryClient();
  const rules = useList("listRules", { params: { bucket }, query: { limit: 100, include: "health" } });
  const [secret, setSecret] = useState<string>();
  const [tried, setTried] = useState<Tried>();
  const testing = useRequest({
    mutationFn: (id: string) => call("testRule", { params: { bucket, id } }),
    onMutate: (id) => setTried({ id, state: "sending" }),
    onSuccess: (result, id) => setTried({ id, state: "sent", result }),
    onError: (error, id) => setTried({ id, state: "failed", error }),
    alongside: true,
  });
  const open = (what: string | undefined): void => void navigate({ search: what === undefined ? {} : { edit: what } });
  const onSaved = async (saved: SavedRule, { test }: Saving): Promise<void> => {
    setSecret(saved.signing_secret);
    open(undefined);
    await queries.invalidateQueries({ queryKey: ["listRules"] });
    if (test) testing.mutate(saved.id);
  };
  const making = useRequest({
    mutationFn: ({ draft }: Saving) => create(bucket, draft),
    onSuccess: onSaved,
  });
  const editing = useEdit<Rule, Saving, SavedRule>({
    queryKey: ["getRule", bucket, edit],
    look: (signal) => see("getRule", { params: { bucket, id: edit ?? "" } }, { signal }),
    save: ({ draft }, { opened, ifMatch }) => change(draft, opened, ifMatch),
    onSaved,
    enabled: edit !== undefined && edit !== "new",
  });
  const edited = edit === "new" ? undefined : editing.opened.data?.data;

  const isFormOpen = edit === "new" || edited !== undefined;
  return (
    <Page
      title={`${bucket} › Object notifications`}
      lead={<BucketNav tenant={tenant} bucket={bucket} />}
      actions={
        !isFormOpen && (
          <Button look="primary" onClick={() => open("new")}>
            New notification
          </Button>
        )
      }
    >
      <Stack>
        {editing.opened.isError && (
          <Problem error={editing.opened.error} onRetry={() => void editing.opened.refetch()} />
        )}
        {isFormOpen && (
          <RuleForm
            key={`${edit} ${editing.round}`}
            bucket={bucket}
            start={edited === undefined ? { ...emptyDraft, filter } : draftOf(edited)}
            isEdited={edited !== undefined}
            hasAuth={edited !== undefined && edited.auth !== null}
            busy={making.isPending || editing.isSaving}
            error={edit === "new" ? making.error : editing.error}
            onSave={(draft, { test }) => (edit === "new" ? making.mutate : editing.save)({ draft, test })}
            onCancel={() => {
              making.reset();
              editing.forget();
              open(undefined);
            }}
          />
        )}
        <List
          state={rules}
          itemsOf={(page) => page.rules}
          empty={
            isFormOpen ? null : (
              <Empty
                title="This bucket has no notification yet"
                action={
                  <Button look="primary" onClick={() => open("new")}>
                    Enable object notifications
                  </Button>
                }
              >
                <p>
                  A webhook receives each object that is created, overwritten or deleted, and that a filter lets
                  through.
                </p>
              </Empty>
            )
          }
        >
          {(items) =>
            items.map((rule) => (
              <RuleCard
                key={rule.id}
                rule={rule}
                tenant={tenant}
                onEdit={() => open(rule.id)}
                isTesting={testing.isPending && testing.variables === rule.id}
                onTest={() => testing.mutate(rule.id)}
              >
                {tried?.id === rule.id && <TestResult tried={tried} />}
              </RuleCard>
            ))
          }
        </List>
      </Stack>
      <ConflictDialog
        edit={editing}
        partsOf={({ draft }) => partsOf(draft)}
        draftOf={(rule) => ({ draft: draftOf(rule), test: false })}
      />
      {secret !== undefined && <SigningSecret secret={secret} onClose={() => setSecret(undefined)} />}
    </Page>
  );
}
