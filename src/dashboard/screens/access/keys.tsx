import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Answer, call } from "../../api/client.ts";
import { useList } from "../../api/list.ts";
import { useRequest } from "../../api/request.ts";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { List } from "../../parts/list.tsx";
import { Empty, Problem } from "../../parts/notice.tsx";
import { Card } from "../../parts/page.tsx";
import { SecretOnce } from "../../parts/secret-once.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";

/** Key pairs by which S3 clients come in. */
export function Keys() {
  const queries = useQueryClient();
  const list = useList("listAccessKeys", { query: { limit: 50 } });
  const [made, setMade] = useState<Answer<"createAccessKey">>();
  const [ended, setEnded] = useState<string>();
  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: ["listAccessKeys"] });
  const make = useRequest({
    mutationFn: () => call("createAccessKey", { body: {} }),
    onSuccess: async (key) => {
      setMade(key);
      await refresh();
    },
  });
  const end = useRequest({
    mutationFn: (id: string) => call("deleteAccessKey", { params: { id } }),
    onSuccess: refresh,
    onSettled: () => setEnded(undefined),
  });
  return (
    <Card
      title="S3 keys"
      actions={
        <Button busy={make.isPending} onClick={() => make.mutate()}>
          Make a key pair
        </Button>
      }
    >
      {make.isError && <Problem error={make.error} />}
      {end.isError && <Problem error={end.error} />}
      <List
        state={list}
        itemsOf={(page) => page.access_keys}
        empty={<Empty title="There is no S3 key yet">An S3 client needs a key pair to reach the buckets.</Empty>}
      >
        {(items) => (
          <Table
            label="S3 keys"
            items={items}
            keyOf={({ access_key_id }) => access_key_id}
            columns={[
              { name: "Key id", wide: true, cell: ({ access_key_id }) => <Text mono>{access_key_id}</Text> },
              { name: "Principal", cell: ({ principal }) => <Text>{principal}</Text> },
              { name: "Label", cell: ({ label }) => <Text max={60}>{label}</Text> },
              { name: "Created", cell: ({ created_at }) => <Time at={created_at} /> },
              {
                name: "Actions",
                cell: ({ access_key_id }) => (
                  <Button look="ghost" onClick={() => setEnded(access_key_id)}>
                    Delete
                  </Button>
                ),
              },
            ]}
          />
        )}
      </List>
      <Confirm
        title="Delete this key pair?"
        action="Delete"
        open={ended !== undefined}
        busy={end.isPending}
        onConfirm={() => ended !== undefined && end.mutate(ended)}
        onClose={() => setEnded(undefined)}
      >
        S3 clients that use it are refused from now on.
      </Confirm>
      {made !== undefined && (
        <SecretOnce
          title="The new S3 key pair"
          secrets={[
            { name: "Access key id", value: made.access_key_id },
            { name: "Secret access key", value: made.secret_access_key },
          ]}
          onClose={() => setMade(undefined)}
        />
      )}
    </Card>
  );
}
