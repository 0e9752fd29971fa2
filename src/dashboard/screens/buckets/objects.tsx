import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { type ChangeEvent, useRef, useState } from "react";
import { addressOf, base, call, fetchBytes, sendBytes } from "../../api/client.ts";
import { useList } from "../../api/list.ts";
import type { StoredFile } from "../../api/operations.ts";
import { useSelf } from "../../api/session.ts";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { List } from "../../parts/list.tsx";
import { Empty, Problem } from "../../parts/notice.tsx";
import { Page, Row, Stack } from "../../parts/page.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";
import { bytes, Time } from "../../parts/time.tsx";
import { BucketNav } from "./bucket-nav.tsx";

type Entry = { readonly folder: string } | { readonly file: StoredFile };

/** What lies in a bucket, as folders; `/` separates them. */
export function Objects() {
  const { tenant, bucket } = useParams({ from: "/t/$tenant/buckets/$bucket/objects" });
  const { prefix = "" } = useSearch({ from: "/t/$tenant/buckets/$bucket/objects" });
  const queries = useQueryClient();
  const self = useSelf();
  const [doomed, setDoomed] = useState<string>();
  const list = useList("listFiles", {
    query: { bucket, delimiter: "/", limit: 100, ...(prefix === "" ? {} : { prefix }) },
  });
  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: ["listFiles"] });
  const upload = useMutation({
    mutationFn: (file: File) =>
      sendBytes("putObject", { params: { bucket }, query: { key: `${prefix}${file.name}` } }, file),
    onSettled: refresh,
  });
  const remove = useMutation({
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
      actions={<Upload busy={upload.isPending} onFile={(file) => upload.mutate(file)} />}
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
        {upload.isError && <Problem error={upload.error} />}
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
                  name: "Do",
                  cell: (entry) =>
                    "file" in entry && (
                      <Row>
                        <Download bucket={bucket} name={entry.file.path} isElsewhere={tenant !== self.tenant} />
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

interface DownloadProps {
  readonly bucket: string;
  /** The object's key. */
  readonly name: string;
  /** In another tenant than the reader's: a link cannot say which. */
  readonly isElsewhere: boolean;
}

function Download({ bucket, name, isElsewhere }: DownloadProps) {
  const given = { params: { bucket }, query: { key: name } };
  const fetched = useMutation({
    mutationFn: () => fetchBytes("getObject", given),
    onSuccess: (content) => saveAs(content, fileName(name)),
  });
  if (!isElsewhere) {
    return (
      <a href={`${base}${addressOf("getObject", given)}`} download>
        Download
      </a>
    );
  }
  return (
    <>
      <Button look="ghost" busy={fetched.isPending} onClick={() => fetched.mutate()}>
        Download
      </Button>
      {fetched.isError && <Problem error={fetched.error} />}
    </>
  );
}

/** Without what hides, turns or means something in a name, as the server names attachments. */
function fileName(key: string): string {
  const name = key.split("/").findLast((part) => part !== "") ?? "object";
  return name.replace(/[\p{C}\p{Zl}\p{Zp}"*:<>?\\|]/gu, "_").replace(/^\.+/, "_");
}

/** As a download of the browser's. */
function saveAs(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function Upload({ busy, onFile }: { readonly busy: boolean; readonly onFile: (file: File) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const chosen = (event: ChangeEvent<HTMLInputElement>): void => {
    for (const file of event.target.files ?? []) onFile(file);
    event.target.value = "";
  };
  return (
    <>
      <input ref={input} type="file" hidden aria-label="A file to upload" onChange={chosen} />
      <Button look="primary" busy={busy} onClick={() => input.current?.click()}>
        Upload a file
      </Button>
    </>
  );
}
