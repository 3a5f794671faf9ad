"""Builds the encoder and head graphs from float tensors: fused operators, int8 weights, nothing to optimize later.

Writing the graph ourselves (instead of torch.onnx, a fusion pass and a quantizer) makes the result a function of the
weights alone. Operators: MultiHeadAttention, SkipLayerNormalization, BiasGelu (com.microsoft), MatMulInteger behind
DynamicQuantizeLinear in the pattern that onnxruntime fuses to one kernel. Weights are int8 per output channel,
activations uint8 per tensor, embeddings int8 per row. `smoothing` (quantize.py) may divide a product's input by a
vector, whose inverse is already in the weights. B sequences, T tokens, H hidden; weights are (inputs, outputs).
"""

from collections.abc import Mapping

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

Tensors = Mapping[str, np.ndarray]
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
EPSILON = 1e-12
HEADS_AT_ONCE = 3


def quantize_columns(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(inputs, outputs) float -> int8 of the same shape and one scale per output."""
    scale = np.maximum(np.abs(weight).max(0), 1e-12).astype(np.float32) / 127
    return np.clip(np.rint(weight / scale), -127, 127).astype(np.int8), scale


class Graph:
    """A list of nodes and initializers with short-hands; every method returns the name of its output."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, value: np.ndarray) -> str:
        self.weights[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def node(
        self, kind: str, inputs: list[str], output: str, name: str = "", domain: str = "", **attributes: object
    ) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], name=name or output, domain=domain, **attributes))
        return output

    def rows(self, table: str, name: str, values: np.ndarray, pick: str, picked_by: str) -> str:
        """Rows of an int8 table with one scale per row, back in float."""
        quantized, scale = quantize_columns(values.T)
        parts = {"quantized": quantized.T, "scale": scale[:, None]}
        found = {}
        for part, value in parts.items():
            constant = self.constant(f"{name}_{part}", value)
            inputs = [constant, picked_by] if pick == "Gather" else [constant, "start", picked_by, "axis"]
            found[part] = self.node(pick, inputs, f"{table}_{part}")
        as_float = self.node("Cast", [found["quantized"]], f"{table}_float", to=TensorProto.FLOAT)
        return self.node("Mul", [as_float, found["scale"]], f"{table}_rows")

    def quantized(self, source: str) -> str:
        """uint8 of an activation; its scale and zero point are `source`_scale and `source`_zero_point."""
        outputs = [f"{source}_{part}" for part in ("quantized", "scale", "zero_point")]
        self.nodes.append(helper.make_node("DynamicQuantizeLinear", [source], outputs, name=f"{source}_QuantizeLinear"))
        return source

    def split(self, source: str, groups: int) -> list[str]:
        """(B, T, H) -> `groups` times (B, T, H / groups)."""
        outputs = [f"{source}_{group}" for group in range(groups)]
        self.nodes.append(helper.make_node("Split", [source], outputs, name=f"{source}_split", axis=2))
        return outputs

    def product(self, path: str, source: str, weight: np.ndarray, name: str) -> str:
        """source (.., K) @ weight (K, N) in int8; `source` has gone through `quantized`."""
        values, scale = quantize_columns(weight)
        self.constant(f"{name}_quantized", values)
        self.constant(f"{name}_scale", scale)
        self.constant(f"{name}_zero_point", np.zeros(len(scale), np.int8))
        operands = [f"{source}_quantized", f"{name}_quantized", f"{source}_zero_point", f"{name}_zero_point"]
        raw = self.node("MatMulInteger", operands, f"{path}_raw", f"{path}/MatMul_quant")
        scales = self.node("Mul", [f"{source}_scale", f"{name}_scale"], f"{path}_scales")
        as_float = self.node("Cast", [raw], f"{path}_float", to=TensorProto.FLOAT)
        return self.node("Mul", [as_float, scales], f"{path}_product")

    def model(self, name: str, inputs: list[onnx.ValueInfoProto], output: onnx.ValueInfoProto) -> onnx.ModelProto:
        graph = helper.make_graph(self.nodes, name, inputs, [output], list(self.weights.values()))
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
        model = helper.make_model(graph, opset_imports=opsets, producer_name="edge-bert training", ir_version=8)
        onnx.checker.check_model(model)
        return model


def smoothed(graph: Graph, path: str, source: str, smoothing: Tensors) -> tuple[str, np.ndarray | float]:
    """The quantized input of the product(s) at `path`, and the factor its weights' rows take."""
    if path not in smoothing:
        return graph.quantized(source), 1.0
    factor = smoothing[path].astype(np.float32)
    divided = graph.node("Mul", [source, graph.constant(f"{path}/divisor", 1 / factor)], f"{path}/divided")
    return graph.quantized(divided), factor[:, None]


def embedding_nodes(graph: Graph, tensors: Tensors) -> str:
    prefix = "m.embeddings"
    graph.constant("start", np.zeros(1, np.int64))
    graph.constant("axis", np.zeros(1, np.int64))
    length = graph.node("Shape", ["input_ids"], "length", start=1, end=2)
    word, position, kind = (f"{prefix}.{table}_embeddings.weight" for table in ("word", "position", "token_type"))
    words = graph.rows("words", word, tensors[word], "Gather", "input_ids")
    positions = graph.rows("positions", position, tensors[position], "Slice", length)
    types = graph.node("Gather", [graph.constant(kind, tensors[kind]), "token_type_ids"], "types")
    total = graph.node("Add", [graph.node("Add", [words, types], "words_and_types"), positions], "embedded")
    norm = [
        graph.constant(f"{prefix}.LayerNorm.{part}", tensors[f"{prefix}.LayerNorm.{part}"])
        for part in ("weight", "bias")
    ]
    name = "/m/embeddings/LayerNorm/LayerNormalization"
    return graph.node("LayerNormalization", [total, *norm], f"{name}_output_0", name, axis=-1, epsilon=EPSILON)


def attention(graph: Graph, path: str, parts: list[str], biases: list[np.ndarray], heads: int) -> str:
    """query, key, value (B, T, H) -> (B, T, H), a few heads at a time: the scores of all heads (T * T * heads floats)
    are the largest tensor of a run, and heads know nothing of each other. 512 tokens: 17 MB instead of 28 MB."""
    groups = heads // HEADS_AT_ONCE if heads % HEADS_AT_ONCE == 0 else 1
    columns = [graph.split(part, groups) for part in parts]
    attended = []
    for group in range(groups):
        bias = np.concatenate([np.split(part, groups)[group] for part in biases])
        inputs = [*(split[group] for split in columns), graph.constant(f"{path}/bias_{group}", bias), "key_lengths"]
        output = f"{path}_{group}"
        attended.append(
            graph.node("MultiHeadAttention", inputs, output, domain="com.microsoft", num_heads=heads // groups)
        )
    return graph.node("Concat", attended, path, axis=2)


def layer_nodes(graph: Graph, tensors: Tensors, smoothing: Tensors, layer: int, source: str, heads: int) -> str:
    """One transformer layer: source (B, T, H) -> (B, T, H)."""
    path, prefix = f"/m/encoder/layer.{layer}", f"m.encoder.layer.{layer}"

    def weight(module: str) -> np.ndarray:
        return tensors[f"{prefix}.{module}.weight"].T

    def constant(name: str) -> str:
        return graph.constant(f"{prefix}.{name}", tensors[f"{prefix}.{name}"])

    def skip(product: str, residual: str, module: str) -> str:
        inputs = [
            product,
            residual,
            constant(f"{module}.LayerNorm.weight"),
            constant(f"{module}.LayerNorm.bias"),
            constant(f"{module}.dense.bias"),
        ]
        out = f"{path}/{module.replace('.', '/')}/normed"
        return graph.node("SkipLayerNormalization", inputs, out, domain="com.microsoft", epsilon=EPSILON)

    def dense(module: str, value: str) -> str:
        spot = f"{path}/{module.replace('.', '/')}"
        ready, factor = smoothed(graph, spot, value, smoothing)
        return graph.product(spot, ready, weight(module) * factor, f"{prefix}.{module}")

    shared, factor = smoothed(graph, f"{path}/attention/self", source, smoothing)
    parts, biases = [], []
    for part in ("query", "key", "value"):
        module = f"attention.self.{part}"
        parts.append(
            graph.product(f"{path}/attention/self/{part}", shared, weight(module) * factor, f"{prefix}.{module}")
        )
        biases.append(tensors[f"{prefix}.{module}.bias"])
    attended = attention(graph, f"{path}/attended", parts, biases, heads)
    middle = skip(dense("attention.output.dense", attended), source, "attention.output")
    wide = graph.node(
        "BiasGelu",
        [dense("intermediate.dense", middle), constant("intermediate.dense.bias")],
        f"{path}/wide",
        domain="com.microsoft",
    )
    return skip(dense("output.dense", wide), middle, "output")


def build_encoder(tensors: Tensors, heads: int, smoothing: Tensors | None = None) -> onnx.ModelProto:
    """Hugging Face BertModel tensors, names prefixed `m.`, to one graph: three int64 (B, T) -> last_hidden_state."""
    graph = Graph()
    layers = 1 + max(int(name.split(".")[3]) for name in tensors if name.startswith("m.encoder.layer."))
    current = embedding_nodes(graph, tensors)
    as_int = graph.node("Cast", ["attention_mask"], "attention_mask_int32", to=TensorProto.INT32)
    graph.constant("last_axis", np.array([1], np.int64))
    graph.node("ReduceSum", [as_int, "last_axis"], "key_lengths", keepdims=0)
    for layer in range(layers):
        current = layer_nodes(graph, tensors, smoothing or {}, layer, current, heads)
    graph.nodes[-1].output[0] = "last_hidden_state"
    hidden = len(tensors["m.embeddings.LayerNorm.weight"])
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "sequence"]) for name in INPUTS]
    return graph.model(
        "encoder",
        inputs,
        helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "sequence", hidden]),
    )


def gelu(graph: Graph, source: str) -> str:
    """x / 2 * (1 + erf(x / sqrt 2)), in plain operators."""
    graph.constant("root", np.float32(2**-0.5))
    graph.constant("one", np.float32(1))
    graph.constant("half", np.float32(0.5))
    erf = graph.node("Erf", [graph.node("Mul", [source, "root"], "scaled")], "erf")
    weighted = graph.node("Mul", [source, graph.node("Add", [erf, "one"], "erf_and_one")], "weighted")
    return graph.node("Mul", [weighted, "half"], "activated")


def build_head(name: str, tensors: Tensors) -> onnx.ModelProto:
    """Head tensors by their names in model.py -> rows (n, H) to logits (n, labels). fill-mask in int8, the others float."""
    graph = Graph()
    if name == "fill-mask":
        dense = graph.product("d", graph.quantized("rows"), tensors["dense.weight"].T, "d.weight_Transposed")
        biased = graph.node("Add", [dense, graph.constant("d.bias", tensors["dense.bias"])], "d")
        norm = [graph.constant(f"ln.{part}", tensors[f"norm.{part}"]) for part in ("weight", "bias")]
        normed = graph.node("LayerNormalization", [gelu(graph, biased), *norm], "ln", axis=-1, epsilon=EPSILON)
        scores = graph.product("o", graph.quantized(normed), tensors["weight"].T, "o.weight_Transposed")
        graph.node("Add", [scores, graph.constant("o.bias", tensors["bias"])], "logits")
        labels = len(tensors["bias"])
    else:
        current = "rows"
        if "dense.weight" in tensors:
            layer = [graph.constant(f"d.{part}", tensors[f"dense.{part}"]) for part in ("weight", "bias")]
            current = graph.node("Gemm", [current, *layer], "d", transB=1)
            current = (
                gelu(graph, current) if name == "question-answering" else graph.node("Tanh", [current], "activated")
            )
        layer = [graph.constant(f"o.{part}", tensors[f"out.{part}"]) for part in ("weight", "bias")]
        graph.node("Gemm", [current, *layer], "logits", transB=1)
        labels = len(tensors["out.bias"])
    hidden = tensors["dense.weight" if "dense.weight" in tensors else "out.weight"].shape[1]
    rows = helper.make_tensor_value_info("rows", TensorProto.FLOAT, ["n", hidden])
    return graph.model(name, [rows], helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", labels]))
