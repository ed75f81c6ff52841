"""Between the typed arrays of inference protocols and what models take and give."""

import json
import struct

import numpy as np
import pandas as pd

from atrium_pyfunc.frames import Tensor

_NUMPY = {
    "BOOL": "?",
    **{"UINT8": "u1", "UINT16": "<u2", "UINT32": "<u4", "UINT64": "<u8"},
    **{"INT8": "i1", "INT16": "<i2", "INT32": "<i4", "INT64": "<i8"},
    **{"FP16": "<f2", "FP32": "<f4", "FP64": "<f8"},
}
_DATATYPES = {np.dtype(code).newbyteorder("="): name for name, code in _NUMPY.items()}
_COLUMNS = {
    **{"boolean": "BOOL", "integer": "INT32", "long": "INT64", "float": "FP32", "double": "FP64"},
    **{"string": "BYTES", "binary": "BYTES", "datetime": "BYTES"},
}


def data_of_tensors(tensors, schema):
    """A DataFrame for a model of columns, an array or a dict of them for a model of tensors.

    A model without a signature gets its only tensor as an array, and several as columns where they are columns.
    """
    arrays = {tensor.name: _decode(tensor) for tensor in tensors}
    if schema is not None and not schema.is_tensor_spec():
        texts = {spec.name for spec in schema.inputs if _type_name(spec) != "binary"}
        return _frame({name: _texts(array) if name in texts else array for name, array in arrays.items()})
    if len(arrays) == 1 and (schema is None or not schema.has_input_names()):
        return _texts(next(iter(arrays.values())))
    arrays = {name: _texts(array) for name, array in arrays.items()}
    if schema is None and all(_is_column(array) for array in arrays.values()):
        return _frame(arrays)
    return arrays


def tensors_of(result):
    """What a model gave, as tensors: a DataFrame's columns, a dict's arrays, or one named `predictions`."""
    if isinstance(result, pd.DataFrame):
        return [_encode(str(name), result[name].to_numpy()) for name in result.columns]
    if isinstance(result, dict):
        return [_encode(str(name), array_of(value)) for name, value in result.items()]
    if isinstance(result, pd.Series):
        result = result.to_numpy()
    return [_encode("predictions", array_of(result))]


def signature_of(metadata):
    """The model's inputs and outputs in the words of the Open Inference Protocol."""
    inputs, outputs = metadata.get_input_schema(), metadata.get_output_schema()
    return {"inputs": _specs(inputs, "input"), "outputs": _specs(outputs, "predictions")}


def array_of(value):
    return value if isinstance(value, np.ndarray) else np.asarray(value)


def _specs(schema, unnamed):
    if schema is None:
        return []
    return [_spec(spec, unnamed if len(schema.inputs) == 1 else f"{unnamed}-{at}") for at, spec in enumerate(schema.inputs)]


def _spec(spec, unnamed):
    name = str(spec.name) if spec.name is not None else unnamed
    optional = {} if getattr(spec, "required", True) else {"optional": True}
    if hasattr(spec, "shape"):
        datatype = _DATATYPES.get(np.dtype(spec.type).newbyteorder("="), "BYTES")
        return {"name": name, "datatype": datatype, "shape": list(spec.shape), **optional}
    return {"name": name, "datatype": _COLUMNS.get(_type_name(spec), "BYTES"), "shape": [-1, 1], **optional}


def _type_name(spec):
    return getattr(spec.type, "name", "")


def _decode(tensor):
    if tensor.datatype == "BYTES":
        array = np.empty(_count(tensor.shape), dtype=object)
        array[:] = list(_elements(tensor.data))
        return array.reshape(tensor.shape)
    if tensor.datatype == "BF16":
        # Numpy has no such type; its bits are the upper half of a float's.
        wide = np.frombuffer(tensor.data, "<u2").astype("<u4") << 16
        return wide.view("<f4").reshape(tensor.shape)
    return np.frombuffer(tensor.data, _NUMPY[tensor.datatype]).reshape(tensor.shape)


def _encode(name, array):
    datatype = _DATATYPES.get(array.dtype.newbyteorder("="))
    shape = list(array.shape)
    if datatype is None:
        data = b"".join(struct.pack("<I", len(text)) + text for text in map(_bytes_of, array.ravel().tolist()))
        return Tensor(name, "BYTES", shape, data)
    plain = np.ascontiguousarray(array, dtype=_NUMPY[datatype])
    return Tensor(name, datatype, shape, plain.tobytes())


def _bytes_of(value):
    if isinstance(value, bytes):
        return value
    if hasattr(value, "isoformat"):
        return value.isoformat().encode()
    return (value if isinstance(value, str) else json.dumps(value, default=str)).encode()


def _elements(data):
    at = 0
    while at < len(data):
        (length,) = struct.unpack_from("<I", data, at)
        yield data[at + 4 : at + 4 + length]
        at += 4 + length


def _texts(array):
    """Byte strings as text; a model that wants bytes says so in its signature."""
    if array.dtype != object:
        return array
    texts = np.empty(array.shape, dtype=object)
    texts.ravel()[:] = [value.decode("utf-8") for value in array.ravel()]
    return texts


def _frame(arrays):
    return pd.DataFrame({name: _column(array) for name, array in arrays.items()})


def _column(array):
    if array.ndim == 2 and array.shape[1] == 1:
        return array[:, 0]
    return array if array.ndim == 1 else list(array)


def _is_column(array):
    return array.ndim == 1 or (array.ndim == 2 and array.shape[1] == 1)


def _count(shape):
    count = 1
    for length in shape:
        count *= length
    return count
