"""Golden answers of the transformers 4.57 pipelines for question answering, token classification, zero-shot
classification and fill-mask, on the float weights of a packed model.

    python test/golden/tasks.py SOURCE [OUT]

SOURCE is a packed model as training makes it (encoder.onnx, encoder.bin, heads/, vocab.txt); its int8 weights are
turned back into floats. OUT (default: the folder tasks next to this script) gets one NAME.json.gz per task:

    {schema, reference, task, labels, passes, cases}
    passes: [{ids, first, logits, ...}]  one encoder pass of the reference; `first` tokens have type 0, the rest 1;
            logits is base64 of little-endian float32 [tokens, columns] (zero-shot: [1, labels]; fill-mask: see there)
    cases:  [{inputs, parameters, passes, answer, ...}]  `passes` are indices into the list above, in order

Needs torch, transformers 4.57.x and onnx; takes about five minutes on two cores. NPY_DISABLE_CPU_FEATURES is set
because numpy's AVX sorts order equal values differently from its portable ones.

The texts are in texts.py. xquad.json quotes paragraphs and questions of XQuAD (Artetxe, Ruder and Yogatama 2020,
https://github.com/google-deepmind/xquad), which took them from SQuAD 1.1 (Rajpurkar et al. 2016) and Wikipedia:
CC BY-SA 4.0.
"""
import base64
import gzip
import json
import os
import re
import sys
from pathlib import Path

os.environ["NPY_DISABLE_CPU_FEATURES"] = "AVX2 AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR"
os.environ["HF_HUB_OFFLINE"] = "1"
sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
import onnx
import torch
import transformers
from onnx import numpy_helper
from torch import nn
from transformers import (BertConfig, BertForMaskedLM, BertForQuestionAnswering, BertForSequenceClassification,
                          BertForTokenClassification, BertTokenizerFast, FillMaskPipeline, QuestionAnsweringPipeline,
                          TokenClassificationPipeline, ZeroShotClassificationPipeline)

import texts

NER = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC"]
NLI = ["contradiction", "entailment", "neutral"]
# Fill-mask logits are 30,522 wide: so many of the largest are kept (and all targets'), the others are set to LOW.
KEPT, LOW = 200, -20.0


def initializers(path: Path) -> tuple[dict[str, torch.Tensor], onnx.ModelProto]:
    model = onnx.load(str(path))
    return {i.name: torch.tensor(numpy_helper.to_array(i)) for i in model.graph.initializer}, model


def encoder_weights(source: Path) -> dict[str, torch.Tensor]:
    """State of a BertModel (no pooler) from the fused, quantized graph."""
    values, model = initializers(source / "encoder.onnx")
    state = {k[2:]: v.float() for k, v in values.items() if k.startswith("m.") and not re.search("_(scale|zero_point|quantized)$", k)}

    def dequantize(name: str) -> torch.Tensor:
        return (values[name + "_quantized"].float() - values[name + "_zero_point"].float()) * values[name + "_scale"]

    for kind in ("word", "token_type", "position"):
        name = f"m.embeddings.{kind}_embeddings.weight"
        state[name[2:]] = dequantize(name)
    for node in model.graph.node:
        if node.op_type == "MatMulInteger":
            target = node.name[3:].rsplit("/", 1)[0].replace("/", ".")
            state[target + ".weight"] = dequantize(node.input[1][: -len("_quantized")]).T.contiguous()
        if node.op_type == "MultiHeadAttention":
            layer = re.search(r"layer\.(\d+)", node.input[0])[1]
            for part, bias in zip(("query", "key", "value"), values[node.input[3]].float().chunk(3)):
                state[f"encoder.layer.{layer}.attention.self.{part}.bias"] = bias.clone()
    return state


def build(source: Path):
    """The four models (one encoder) and their tokenizer."""
    encoder = encoder_weights(source)
    heads = {name: initializers(source / "heads" / f"{name}.onnx")[0] for name in ("nli", "question-answering", "token-classification", "fill-mask")}
    mask = heads["fill-mask"]
    encoder["embeddings.word_embeddings.weight"] = (mask["o.weight_Transposed_quantized"].float() * mask["o.weight_Transposed_scale"]).T.contiguous()

    def config(labels: list[str] | None = None) -> BertConfig:
        extra = {} if labels is None else {"id2label": dict(enumerate(labels)), "label2id": {v: i for i, v in enumerate(labels)}}
        return BertConfig(hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536, **extra)

    def load(model: nn.Module, head: dict[str, torch.Tensor]) -> nn.Module:
        missing, unexpected = model.load_state_dict({**{"bert." + k: v for k, v in encoder.items()}, **head}, strict=False)
        assert not unexpected and all("position_ids" in k for k in missing), (missing, unexpected)
        return model.eval()

    nli, qa, ner = heads["nli"], heads["question-answering"], heads["token-classification"]
    # The pooler (dense, tanh on [CLS]) and classifier of the library are our dense → tanh → linear.
    sequence = load(BertForSequenceClassification(config(NLI)), {
        "bert.pooler.dense.weight": nli["d.weight"], "bert.pooler.dense.bias": nli["d.bias"],
        "classifier.weight": nli["o.weight"], "classifier.bias": nli["o.bias"]})
    weight = next(v for v in ner.values() if v.ndim == 2).float()
    tokens = load(BertForTokenClassification(config(NER)), {
        "classifier.weight": weight if weight.shape[0] == len(NER) else weight.T, "classifier.bias": next(v for v in ner.values() if v.ndim == 1).float()})
    # Ours differs from the library's single linear layer: dense → GELU → linear.
    spans = BertForQuestionAnswering(config())
    spans.qa_outputs = nn.Sequential(nn.Linear(384, 384), nn.GELU(), nn.Linear(384, 2))
    load(spans, {"qa_outputs.0.weight": qa["d.weight"], "qa_outputs.0.bias": qa["d.bias"], "qa_outputs.2.weight": qa["o.weight"], "qa_outputs.2.bias": qa["o.bias"]})
    words = encoder["embeddings.word_embeddings.weight"]
    masked = load(BertForMaskedLM(config()), {
        "cls.predictions.transform.dense.weight": (mask["d.weight_Transposed_quantized"].float() * mask["d.weight_Transposed_scale"]).T.contiguous(),
        "cls.predictions.transform.dense.bias": mask["d.bias"], "cls.predictions.transform.LayerNorm.weight": mask["ln.weight"],
        "cls.predictions.transform.LayerNorm.bias": mask["ln.bias"], "cls.predictions.bias": mask["o.bias"],
        "cls.predictions.decoder.weight": words, "cls.predictions.decoder.bias": mask["o.bias"]})
    tokenizer = BertTokenizerFast(vocab_file=str(source / "vocab.txt"), do_lower_case=True, model_max_length=512)
    tokenizer.clean_up_tokenization_spaces = False  # as from_pretrained leaves it for BERT's packages on the hub
    return {"tokens": tokens, "spans": spans, "sequence": sequence, "masked": masked}, tokenizer


def floats(values) -> str:
    return base64.b64encode(np.ascontiguousarray(values, dtype="<f4").tobytes()).decode()


class Recorder:
    """The passes of one task without repeats, and which of them the case at hand has asked for."""

    def __init__(self):
        self.passes, self.index, self.asked = [], {}, []

    def add(self, inputs, logits, key=None, **extra):
        ids, types = inputs["input_ids"][0].tolist(), inputs["token_type_ids"][0].tolist()
        assert inputs["attention_mask"][0].all() and types == sorted(types)
        key = (tuple(ids), tuple(types), key)
        if key not in self.index:
            self.index[key] = len(self.passes)
            self.passes.append({"ids": ids, "first": types.count(0), **extra, "logits": floats(logits)})
        self.asked.append(self.index[key])

    def take(self) -> list[int]:
        asked, self.asked = self.asked, []
        return asked


def unpadded(inputs):
    """The reference pads windows to the longest. Ours are never padded, so each is run and decoded without its padding."""
    length = int(inputs["attention_mask"][0].sum())
    return {k: v[:, :length] if isinstance(v, torch.Tensor) else v for k, v in inputs.items()}


def token_classification(models, tokenizer):
    recorder = Recorder()

    class Pipeline(TokenClassificationPipeline):
        def _forward(self, inputs):
            inputs = unpadded(inputs)
            out = super()._forward(dict(inputs))
            recorder.add(inputs, out["logits"][0])
            return out

    pipe, cases = Pipeline(model=models["tokens"], tokenizer=tokenizer, framework="pt"), []
    for i, (text, maximum, stride) in enumerate(texts.token_classification()):
        tokenizer.model_max_length = maximum
        for strategy in ("none", "simple", "first", "average", "max"):
            if stride is not None and strategy == "none":
                continue
            parameters = {"aggregation_strategy": strategy, **({} if stride is None else {"stride": stride})}
            if i % 5 == 4:
                parameters["ignore_labels"] = [[], ["O", "PER"], ["O", "B-PER", "LOC"], ["MISC"]][i // 5 % 4]
            answer = pipe(text, **parameters)
            cases.append({"inputs": text, "parameters": parameters, "max_length": maximum, "passes": recorder.take(), "answer": answer})
    tokenizer.model_max_length = 512
    return {"labels": NER, "passes": recorder.passes, "cases": cases}


def question_answering(models, tokenizer):
    recorder = Recorder()

    class Pipeline(QuestionAnsweringPipeline):
        def _forward(self, inputs):
            out = super()._forward(inputs)
            recorder.add(inputs, torch.stack((out["start"][0], out["end"][0]), -1))
            return out

    pipe, cases = Pipeline(model=models["spans"], tokenizer=tokenizer, framework="pt"), []
    for question, context, parameters in texts.question_answering():
        longest = parameters.get("max_seq_len", 384)
        room = longest - 3 - len(tokenizer(question, add_special_tokens=False)["input_ids"])
        if parameters.get("doc_stride", min(longest // 2, 128)) >= room:
            parameters = {}  # the reference panics when the overlap leaves no room
        answer = pipe(question=question, context=context, **parameters)
        # When there are fewer spans than it looks for, the reference fills up with impossible ones (end before start,
        # too long) of score 0 in the arbitrary order of argpartition. They are no answers.
        answers = [a for a in (answer if isinstance(answer, list) else [answer]) if a["score"] > 0]
        cases.append({"inputs": {"question": question, "context": context}, "parameters": parameters, "passes": recorder.take(),
                      "answer": answers[0] if len(answers) == 1 else answers})
    return {"labels": ["start", "end"], "passes": recorder.passes, "cases": cases}


def zero_shot_classification(models, tokenizer):
    recorder = Recorder()

    class Pipeline(ZeroShotClassificationPipeline):
        def _parse_and_tokenize(self, pairs, **kwargs):
            self.inputs = super()._parse_and_tokenize(pairs, **kwargs)
            return self.inputs

        def _forward(self, inputs):
            out = super()._forward(inputs)
            recorder.add(inputs, out["logits"])
            return out

    pipe, cases = Pipeline(model=models["sequence"], tokenizer=tokenizer, framework="pt"), []
    for text, parameters in texts.zero_shot():
        out = pipe(text, **parameters)
        answer = [{"label": label, "score": score} for label, score in zip(out["labels"], out["scores"])]
        cases.append({"inputs": text, "parameters": parameters, "passes": recorder.take(), "answer": answer})
    return {"labels": NLI, "passes": recorder.passes, "cases": cases}


def fill_mask(models, tokenizer):
    """Passes have `rows` (positions of [MASK]), `kept` (for each, base64 int32 ids) and logits (theirs, concatenated);
    every other logit is `low`."""
    recorder, wanted = Recorder(), []

    class Pipeline(FillMaskPipeline):
        def _forward(self, inputs):
            out = super()._forward(inputs)
            rows = (inputs["input_ids"][0] == tokenizer.mask_token_id).nonzero()[:, 0].tolist()
            kept, logits = [], []
            for row in rows:
                full = out["logits"][0, row]
                ids = sorted(set(full.topk(KEPT).indices.tolist()) | set(wanted))
                values = full[ids].clone()
                full.fill_(LOW)
                full[ids] = values
                kept.append(base64.b64encode(np.array(ids, dtype="<i4").tobytes()).decode())
                logits.append(values.numpy())
            recorder.add(inputs, np.concatenate(logits), tuple(wanted), rows=rows, kept=kept)
            return out

    pipe, cases = Pipeline(model=models["masked"], tokenizer=tokenizer, framework="pt"), []
    for text, parameters in texts.fill_mask():
        wanted[:] = pipe.get_target_ids(parameters["targets"]).tolist() if "targets" in parameters else []
        answer = pipe(text, **parameters)
        cases.append({"inputs": text, "parameters": parameters, "passes": recorder.take(), "answer": answer})
    return {"low": LOW, "passes": recorder.passes, "cases": cases}


def plain(value):
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(type(value))


@torch.no_grad()
def main(source: Path, out: Path):
    assert transformers.__version__.startswith("4.57."), transformers.__version__
    torch.manual_seed(0)
    models, tokenizer = build(source)
    out.mkdir(parents=True, exist_ok=True)
    for make in (token_classification, question_answering, zero_shot_classification, fill_mask):
        name = make.__name__.replace("_", "-")
        golden = {"schema": 1, "reference": f"transformers {transformers.__version__}", "task": name, **make(models, tokenizer)}
        body = json.dumps(golden, ensure_ascii=False, separators=(",", ":"), default=plain).encode()
        path = out / f"{name}.json.gz"
        path.write_bytes(gzip.compress(body, 9, mtime=0))
        print(f"{name}: {len(golden['cases'])} cases, {len({json.dumps(c['inputs']) for c in golden['cases']})} inputs, "
              f"{len(golden['passes'])} passes, {len(body):,} bytes, {path.stat().st_size:,} compressed")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) == 3 else Path(__file__).parent / "tasks")
