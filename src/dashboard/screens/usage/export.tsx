import { call } from "../../api/client.ts";
import { useRequest } from "../../api/request.ts";
import { Button } from "../../parts/button.tsx";
import { Problem } from "../../parts/notice.tsx";

/** More lines are for the API. */
const mostLines = 100_000;

interface ExportProps {
  readonly from: string;
  readonly to: string;
}

/** All rows of a time as a file: a JSON object in each line. */
export function Export({ from, to }: ExportProps) {
  const exporting = useRequest({ mutationFn: () => download(from, to) });
  return (
    <>
      <Button busy={exporting.isPending} onClick={() => exporting.mutate()}>
        Export (NDJSON)
      </Button>
      {exporting.isError && <Problem error={exporting.error} />}
    </>
  );
}

async function download(from: string, to: string): Promise<void> {
  const lines: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const query = { from, to, limit: 100, ...(cursor === undefined ? {} : { cursor }) };
    const page = await call("getUsage", { query });
    lines.push(...page.usage.map((row) => `${JSON.stringify(row)}\n`));
    cursor = page.next_cursor;
    if (cursor === undefined) break;
    if (lines.length >= mostLines) {
      throw new Error(`there are more than ${mostLines.toLocaleString("en")} rows: take a shorter time, or the API`);
    }
  }
  const url = URL.createObjectURL(new Blob(lines, { type: "application/x-ndjson" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `usage-${from}-${to}.ndjson`;
  link.click();
  URL.revokeObjectURL(url);
}
