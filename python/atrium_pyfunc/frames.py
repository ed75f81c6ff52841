"""What server and worker say to each other; the TypeScript side is server/src/ports/engines/frames.ts.

A frame is `length u32 · kind u8 · body`, little-endian throughout.
"""

import json
import struct
from dataclasses import dataclass, field

START, BATCH, LOAD = 1, 5, 4
READY, REFUSED, ANSWER = 16, 17, 18

ITEMS = ("tensors", "json", "csv")
CODES = ("invalid", "exhausted", "internal")
DATATYPES = (
    *("BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64"),
    *("FP16", "BF16", "FP32", "FP64", "BYTES"),
)


@dataclass
class Tensor:
    """An array as it travels: the server has checked that its bytes are as many as its shape says."""

    name: str
    datatype: str
    shape: list
    data: bytes


@dataclass
class Item:
    """One request of a batch."""

    kind: str
    body: bytes = b""
    tensors: list = field(default_factory=list)


class Closed(Exception):
    """The server has gone."""


class Connection:
    """The worker's end of the socket pair."""

    def __init__(self, socket):
        self._socket = socket

    def read(self):
        """One frame: `(kind, body)`. Raises Closed at the end of the stream."""
        (length,) = struct.unpack("<I", self._exactly(4))
        frame = self._exactly(length)
        return frame[0], memoryview(frame)[1:]

    def write(self, kind, body):
        self._socket.sendall(struct.pack("<IB", len(body) + 1, kind) + body)

    def write_json(self, kind, value):
        self.write(kind, json.dumps(value).encode())

    def _exactly(self, length):
        held = bytearray(length)
        view, at = memoryview(held), 0
        while at < length:
            count = self._socket.recv_into(view[at:])
            if count == 0:
                raise Closed
            at += count
        return held


def read_batch(body):
    """A batch's number and its items."""
    reader = _Reader(body)
    number, count = reader.unpack("<IH")
    return number, [_read_item(reader) for _ in range(count)]


def answer_of_tensors(tensors):
    parts = [struct.pack("<BH", 0, len(tensors))]
    for tensor in tensors:
        name = tensor.name.encode()
        head = struct.pack("<H", len(name)) + name
        shape = struct.pack(f"<BB{len(tensor.shape)}I", DATATYPES.index(tensor.datatype), len(tensor.shape), *tensor.shape)
        parts += [head, shape, struct.pack("<I", len(tensor.data)), tensor.data]
    return b"".join(parts)


def answer_of_body(body):
    return struct.pack("<BI", 1, len(body)) + body


def answer_of_error(code, message):
    text = message.encode("utf-8", "replace")
    return struct.pack("<BBI", 2, CODES.index(code), len(text)) + text


def answers_body(number, answers):
    return b"".join([struct.pack("<IH", number, len(answers)), *answers])


def _read_item(reader):
    kind = ITEMS[reader.unpack("<B")[0]]
    if kind != "tensors":
        return Item(kind, body=reader.sized("<I"))
    return Item(kind, tensors=[_read_tensor(reader) for _ in range(reader.unpack("<H")[0])])


def _read_tensor(reader):
    name = reader.sized("<H").decode()
    datatype, rank = reader.unpack("<BB")
    shape = list(reader.unpack(f"<{rank}I"))
    return Tensor(name, DATATYPES[datatype], shape, reader.sized("<I"))


class _Reader:
    def __init__(self, body):
        self._body = body
        self._at = 0

    def unpack(self, form):
        values = struct.unpack_from(form, self._body, self._at)
        self._at += struct.calcsize(form)
        return values

    def sized(self, form):
        (length,) = self.unpack(form)
        start = self._at
        self._at += length
        return bytes(self._body[start : self._at])
