import { useQueryClient } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { StoredFile } from "../../../client/operations.ts";
import { call, linkTo } from "../../api/client.ts";
import { useList } from "../../api/list.ts";
import { useRequest } from "../../api/request.ts";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { List } from "../../parts/list.tsx";
import { Empty, Problem } from "../../parts/notice.tsx";
import { Page, Row, Stack } from "../../parts/page.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";
import { bytes, Time } from "../../parts/time.tsx";
import { BucketNav } from "./bucket-nav.tsx";
import { UploadButton, Uploads, useUploads } from "./uploads.tsx";

type Entry = { readonly folder: string } | { readonly file: StoredFile };

/** What lies in a bucket, as folders; `/` separates them. */
export function Objects() {
  const { tenant, bucket } = useParams({ from: "/t/$tenant/buckets/$bucket/objects" });
  const { prefix = "" } = useSearch({ from: "/t/$tenant/buckets/$bucket/objects" });
  const queries = useQueryClient();
  const [doomed, setDoomed] = useState<string>();
  const list = useList("listFiles", {
    query: { bucket, delimiter: "/", limit: 100, ...(prefix === "" ? {} : { prefix }) },
  });
  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: ["listFiles"] });
  const uploads = useUploads({ bucket, onStored: refresh });
  const remove = useRequest({
    mutationFn: (key: string) => call("deleteObject", { params: { bucket }, query: { key } }),
    onSettled: async () => {
      setDoomed(undefined);
      await refresh();
    },
  });
  return (
    <Page
      title={`${bucket} › Objects`}
      lead={<BucketNav tenant={tenant} bucket={bucket} />}
      actions={<UploadButton onFiles={(files) => uploads.add(prefix, files)} />}
    >
      <Stack>
        {prefix !== "" && (
          <Row>
            <Link to="/t/$tenant/buckets/$bucket/objects" params={{ tenant, bucket }} search={above(prefix)}>
              Up
            </Link>
            <Text mono>{prefix}</Text>
          </Row>
        )}
        <Uploads of={uploads} />
        {remove.isError && <Problem error={remove.error} />}
        <List
          state={list}
          itemsOf={(page): readonly Entry[] => [
            ...(page.folders ?? []).map((folder) => ({ folder })),
            ...page.files.map((file) => ({ file })),
          ]}
          empty={<Empty title="There is nothing here">Upload a file, or write one with any S3 client.</Empty>}
        >
          {(items) => (
            <Table
              label="Objects"
              items={items}
              keyOf={(entry) => ("folder" in entry ? entry.folder : entry.file.uuid)}
              columns={[
                {
                  name: "Name",
                  wide: true,
                  cell: (entry) =>
                    "folder" in entry ? (
                      <Link
                        to="/t/$tenant/buckets/$bucket/objects"
                        params={{ tenant, bucket }}
                        search={{ prefix: entry.folder }}
                      >
                        <Text mono>{entry.folder.slice(prefix.length)}</Text>
                      </Link>
                    ) : (
                      <Text mono max={120}>
                        {entry.file.path.slice(prefix.length)}
                      </Text>
                    ),
                },
                { name: "Size", isNumber: true, cell: (entry) => ("file" in entry ? bytes(entry.file.length) : "") },
                { name: "Changed", cell: (entry) => ("file" in entry ? <Time at={entry.file.lastModified} /> : "") },
                {
                  name: "Actions",
                  cell: (entry) =>
                    "file" in entry && (
                      <Row>
                        <a href={linkTo("getObject", { params: { bucket }, query: { key: entry.file.path } })} download>
                          Download
                        </a>
                        <Link
                          to="/t/$tenant/buckets/$bucket/explain"
                          params={{ tenant, bucket }}
                          search={{ key: entry.file.path }}
                        >
                          Explain
                        </Link>
                        <Button look="ghost" onClick={() => setDoomed(entry.file.path)}>
                          Delete
                        </Button>
                      </Row>
                    ),
                },
              ]}
            />
          )}
        </List>
      </Stack>
      <Confirm
        title="Delete this object?"
        action="Delete"
        open={doomed !== undefined}
        busy={remove.isPending}
        onConfirm={() => doomed !== undefined && remove.mutate(doomed)}
        onClose={() => setDoomed(undefined)}
      >
        <Text mono>{doomed ?? ""}</Text>
        <p>It cannot be brought back. Who is notified of deletions is notified of this one.</p>
      </Confirm>
    </Page>
  );
}

/** The folder above. */
function above(prefix: string): { readonly prefix?: string } {
  const end = prefix.slice(0, -1).lastIndexOf("/");
  return end < 0 ? {} : { prefix: prefix.slice(0, end + 1) };
}
