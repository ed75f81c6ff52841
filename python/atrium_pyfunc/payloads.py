"""Requests in all their forms, made into what a model's `predict` takes, by MLflow's own rules."""

import json
from dataclasses import dataclass
from io import StringIO
from typing import Any

import numpy as np
import pandas as pd
from mlflow.pyfunc import scoring_server as mlflow_server

from atrium_pyfunc.tensors import array_of, data_of_tensors

_DATAFRAMES = ("dataframe_split", "dataframe_records")
_EARLY_ROWS_MAX = 64  # Rows whose types are compared one by one; a larger table gains nothing by company.
_UNIFIED = ("messages", "prompt", "input")


@dataclass
class Request:
    """One request, parsed. Requests of one key may be put under one another."""

    data: Any
    params: dict | None = None
    rows: int = 1
    key: Any = None
    """None: it stays alone."""
    form: str = "predictions"
    """How it is answered: `predictions` or `unwrapped` as JSON, or `tensors`."""


@dataclass
class Raw:
    """A small table still as JSON says it: many of them become one DataFrame, which costs as much as one alone."""

    columns: list
    rows: list


def parse(item, metadata):
    """A request from what was sent. Raises MLflow's own errors."""
    schema = metadata.get_input_schema()
    if item.kind == "tensors":
        return _keyed(Request(data_of_tensors(item.tensors, schema), form="tensors"))
    if item.kind == "csv":
        return _keyed(Request(mlflow_server.parse_csv_input(StringIO(item.body.decode("utf-8")), schema)))
    content = mlflow_server._decode_json_input(item.body)
    early = _early(content, metadata)
    if early is not None:
        return early
    parsed = mlflow_server._parse_json_data(item.body, metadata, schema)
    unified = any(word in content for word in _UNIFIED)
    return _keyed(Request(parsed.data, parsed.params, form="unwrapped" if unified else "predictions"))


def frame_of(raw, metadata):
    """The DataFrame that MLflow makes of such a table."""
    split = {"columns": raw.columns, "data": raw.rows}
    return mlflow_server.infer_and_parse_data({"dataframe_split": split}, metadata.get_input_schema())


def merge(requests, metadata):
    """The data of requests of one key, row under row."""
    first = requests[0].data
    if isinstance(first, Raw):
        rows = first.rows if len(requests) == 1 else [row for request in requests for row in request.data.rows]
        return frame_of(Raw(first.columns, rows), metadata)
    if len(requests) == 1:
        return first
    every = [request.data for request in requests]
    if isinstance(first, pd.DataFrame):
        return pd.concat(every, ignore_index=True)
    if isinstance(first, dict):
        return {name: np.concatenate([data[name] for data in every]) for name in first}
    return np.concatenate(every)


def split(result, counts):
    """What `predict` gave for merged requests, for each its own; None when it does not have a row for each row."""
    total = sum(counts)
    if isinstance(result, dict):
        parts = {name: split(value, counts) for name, value in result.items()}
        if not parts or any(part is None for part in parts.values()):
            return None
        return [{name: part[at] for name, part in parts.items()} for at in range(len(counts))]
    if not isinstance(result, (pd.DataFrame, pd.Series, np.ndarray, list)):
        return None
    if isinstance(result, np.ndarray) and result.ndim == 0 or len(result) != total:
        return None
    pieces, at = [], 0
    for count in counts:
        rows = slice(at, at + count)
        at += count
        if isinstance(result, (pd.DataFrame, pd.Series)):
            pieces.append(result.iloc[rows].reset_index(drop=True))
        else:
            pieces.append(result[rows])
    return pieces


def json_of(result, form):
    output = StringIO()
    if form == "unwrapped":
        mlflow_server.unwrapped_predictions_to_json(result, output)
    else:
        mlflow_server.predictions_to_json(result, output)
    return output.getvalue().encode()


def _early(content, metadata):
    """Small tables in MLflow's two DataFrame forms; anything unusual about one leaves it to MLflow's parser.

    Rows are put together only when their values have the same Python types, so that none is read, converted or
    refused otherwise than it would be alone.
    """
    form = next((name for name in _DATAFRAMES if name in content), None)
    if form is None or not set(content) <= {form, "params"} or _is_from_type_hint(metadata):
        return None
    table = _split_table(content[form]) if form == "dataframe_split" else _records_table(content[form])
    if table is None:
        return None
    types = {tuple(map(type, row)) for row in table.rows}
    if len(types) != 1 or not types.pop() or not all(len(row) == len(table.columns) for row in table.rows):
        return None
    params = content.get("params")
    types = tuple(map(type, table.rows[0]))
    key = ("table", tuple(table.columns), types, json.dumps(params, sort_keys=True))
    return Request(table, params, rows=len(table.rows), key=key)


def _is_from_type_hint(metadata):
    """Older releases of MLflow know no signatures from type hints."""
    ask = getattr(metadata, "_is_signature_from_type_hint", None)
    return ask is not None and ask()


def _split_table(content):
    if not isinstance(content, dict) or set(content) != {"columns", "data"}:
        return None
    columns, rows = content["columns"], content["data"]
    good = isinstance(columns, list) and isinstance(rows, list) and 0 < len(rows) <= _EARLY_ROWS_MAX
    if not good or not all(isinstance(name, str) for name in columns) or len(set(columns)) < len(columns):
        return None
    return Raw(columns, rows) if all(isinstance(row, list) and _is_flat(row) for row in rows) else None


def _records_table(content):
    if not isinstance(content, list) or not 0 < len(content) <= _EARLY_ROWS_MAX:
        return None
    if not all(isinstance(record, dict) for record in content):
        return None
    columns = list(content[0])
    if any(list(record) != columns for record in content):
        return None
    rows = [list(record.values()) for record in content]
    return Raw(columns, rows) if all(_is_flat(row) for row in rows) else None


def _is_flat(row):
    return not any(isinstance(value, (list, dict)) for value in row)


def _keyed(request):
    """Says what a request may stand under: the same kind of data with the same columns and types, the same params."""
    data, shape = request.data, None
    if isinstance(data, pd.DataFrame):
        if isinstance(data.index, pd.RangeIndex) and len(data) > 0:
            shape = ("frame", tuple(data.columns), tuple(map(str, data.dtypes)))
            request.rows = len(data)
    elif isinstance(data, np.ndarray) and data.ndim > 0:
        shape = ("array", str(data.dtype), data.shape[1:])
        request.rows = len(data)
    elif isinstance(data, dict) and data and all(isinstance(value, (np.ndarray, list)) for value in data.values()):
        arrays = {name: array_of(value) for name, value in data.items()}
        lengths = {len(array) if array.ndim > 0 else None for array in arrays.values()}
        if len(lengths) == 1 and None not in lengths and all(isinstance(value, np.ndarray) for value in data.values()):
            shape = ("arrays", tuple((name, str(array.dtype), array.shape[1:]) for name, array in arrays.items()))
            request.rows = lengths.pop()
    if shape is not None:
        request.key = (*shape, json.dumps(request.params, sort_keys=True))
    return request
