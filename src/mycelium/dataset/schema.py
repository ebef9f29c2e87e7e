"""Schema: names, types and shapes of columns."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mycelium.core import dtype as mstype
from mycelium.core.errors import describe

_NAMED = {t.name.lower(): t for t in (*mstype.all_types, mstype.string)}


class Schema:
    """Names, types and shapes of columns.

    Args:
        schema_file: Path of a JSON file with "columns" (and "datasetType", "numRows"), or None.

    Raises:
        RuntimeError: The file cannot be read or has no columns.

    Examples:
        >>> schema = ms.dataset.Schema()
        >>> schema.add_column("image", ms.uint8, [28, 28])
        >>> schema.columns
        [{'name': 'image', 'type': 'uint8', 'shape': [28, 28]}]

    MindSpore r1.8 `dataset.Schema`.
    """

    def __init__(self, schema_file: str | None = None) -> None:
        self.columns: list[dict[str, Any]] = []
        self.dataset_type = ""
        self.num_rows = 0
        if schema_file is not None:
            try:
                self.from_json(json.loads(Path(schema_file).read_text()))
            except (OSError, ValueError) as error:
                raise RuntimeError(f"For 'Schema', the file {schema_file!r} cannot be used: {error}.") from error

    def add_column(self, name: str, de_type: Any, shape: list[int] | None = None) -> None:
        """Adds a column.

        Args:
            name: Its name.
            de_type: Its type: `mindspore.int8` or "int8" and the like.
            shape: Its shape; None when not known.

        Raises:
            TypeError: An argument has the wrong type, or the type does not exist.

        MindSpore r1.8 `dataset.Schema.add_column`.
        """
        if not isinstance(name, str):
            raise TypeError(f"For 'Schema', 'name' should be str, but got {describe(name)}.")
        type_ = _NAMED.get(de_type.lower()) if isinstance(de_type, str) else de_type
        if not isinstance(type_, mstype.Type):
            raise TypeError(f"For 'Schema', 'de_type' should be a type such as mindspore.int8 or \"int8\", but got "
                            f"{describe(de_type)}.")
        if shape is not None and not (isinstance(shape, (list, tuple)) and all(isinstance(n, int) for n in shape)):
            raise TypeError(f"For 'Schema', 'shape' should be a list of int, but got {describe(shape)}.")
        column: dict[str, Any] = {"name": name, "type": type_.name.lower()}
        if shape is not None:
            column["shape"] = list(shape)
        self.columns.append(column)

    def parse_columns(self, columns: Any) -> None:
        """Adds columns from a list of dicts with "name", "type" and perhaps "shape", or a dict of such dicts by name.

        Raises:
            RuntimeError: `columns` is something else, or an entry lacks its name or type.

        Examples:
            >>> schema = ms.dataset.Schema()
            >>> schema.parse_columns([{"name": "image", "type": "int8", "shape": [3, 3]}])
            >>> schema.parse_columns({"label": {"type": "int8", "shape": [1]}})
            >>> [column["name"] for column in schema.columns]
            ['image', 'label']

        MindSpore r1.8 `dataset.Schema.parse_columns`.
        """
        if isinstance(columns, dict):
            columns = [{"name": name, **(content if isinstance(content, dict) else {})}
                       for name, content in columns.items()]
        if not isinstance(columns, list):
            raise RuntimeError(f"For 'Schema', 'columns' should be a list or a dict, but got {describe(columns)}.")
        for column in columns:
            if not isinstance(column, dict) or "name" not in column or "type" not in column:
                raise RuntimeError(f"For 'Schema', a column should have a \"name\" and a \"type\", but got {column!r}.")
            self.add_column(column["name"], column["type"], column.get("shape"))

    def from_json(self, json_obj: dict[str, Any]) -> None:
        """Adds the columns of a JSON object with "columns", and takes its "datasetType" and "numRows".

        Raises:
            RuntimeError: There are no columns.

        MindSpore r1.8 `dataset.Schema.from_json`.
        """
        if not isinstance(json_obj, dict) or not json_obj.get("columns"):
            raise RuntimeError(f"For 'Schema', a JSON object with \"columns\" is expected, but got {json_obj!r}.")
        self.dataset_type = json_obj.get("datasetType", self.dataset_type)
        self.num_rows = json_obj.get("numRows", self.num_rows)
        self.parse_columns(json_obj["columns"])

    def to_json(self) -> str:
        """The schema as JSON text.

        MindSpore r1.8 `dataset.Schema.to_json`.
        """
        content: dict[str, Any] = {"columns": {c["name"]: {k: v for k, v in c.items() if k != "name"}
                                               for c in self.columns}}
        if self.dataset_type:
            content["datasetType"] = self.dataset_type
        if self.num_rows:
            content["numRows"] = self.num_rows
        return json.dumps(content, indent=2)

    def get_num_rows(self) -> int:
        """The number of rows that the file gives, or 0."""
        return self.num_rows

    def __str__(self) -> str:
        return self.to_json()

    def types(self) -> list[mstype.Type]:
        """The type of each column."""
        return [_NAMED[column["type"]] for column in self.columns]
