import type { DescribedTypes } from "./described-types.ts";
import { PythonShapes, pythonText } from "./python-shapes.ts";

const imports = `import sys
from enum import Enum
from typing import Any, Literal, Union

if sys.version_info >= (3, 12):
    from typing import NotRequired, TypedDict
else:
    from typing_extensions import NotRequired, TypedDict
`;

/** A module of TypedDicts, that needs `typing_extensions` before Python 3.12 and nothing else. Each piece is a part of its text. */
export function* pythonPieces({ schemas, events }: DescribedTypes): Generator<string, void, void> {
  yield imports;
  const shapes = new PythonShapes(schemas);
  yield "";
  for (const schema of schemas) {
    yield* shapes.define(schema).map((text) => `\n${text}`);
  }
  const members = events.map(({ event }) => `    ${event} = ${pythonText(event)}\n`);
  yield `\n\nclass EventName(str, Enum):\n    """The name of an event type."""\n\n${members.join("") || "    pass\n"}`;
  const params = events.map(({ event, params: name }) => `    ${pythonText(event)}: ${name},\n`);
  yield `\n\n# The type of the params of each event type, for pydantic.TypeAdapter.\nPARAMS: dict[str, Any] = {\n${params.join("")}}\n`;
}
