"""A BERT encoder as a graph for OpenVINO, made of the weights of a Hugging Face folder.  Neither torch nor a converter.

Post-norm BERT with GELU (arXiv 1810.04805), mean over the tokens that are no padding: what `sentence-transformers`
computes for the same folder, but for the last bits.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13 as op

Tensor = Callable[[str], NDArray[np.float32]]
_Node = Any  # the library's nodes have no types of their own

# Added to the score of a token that is padding: as good as minus infinity, and finite in bfloat16.
_NEVER = -1e30


def bert_graph(tensor: Tensor, config: Mapping[str, Any]) -> ov.Model:
    """The graph: `(texts, tokens)` ids and mask, int64, in; `(texts, hidden)` means of the tokens out, not normalised.

    Args:
        tensor: a weight by its name in the folder's file.
        config: the folder's `config.json`.
    """
    ids, mask = (op.parameter([-1, -1], np.int64, name=name) for name in ("ids", "mask"))
    seen = op.unsqueeze(op.convert(mask, np.float32), op.constant(-1))
    unseen = op.multiply(op.subtract(op.constant(np.float32(1)), seen), op.constant(np.float32(_NEVER)))
    hidden = _embedded(tensor, config, ids)
    allowed = op.reshape(unseen, op.constant([0, 1, 1, -1]), special_zero=True)
    for layer in range(config["num_hidden_layers"]):
        hidden = _layer(tensor, config, f"encoder.layer.{layer}.", hidden, allowed)
    total = op.reduce_sum(op.multiply(hidden, seen), op.constant([1]))
    return ov.Model([op.divide(total, op.reduce_sum(seen, op.constant([1])))], [ids, mask], "bert")


def _embedded(tensor: Tensor, config: Mapping[str, Any], ids: _Node) -> _Node:
    def table(name: str) -> _Node:
        return op.constant(tensor(f"embeddings.{name}_embeddings.weight"), shared_memory=True)

    tokens = op.gather(op.shape_of(ids), op.constant([1]), op.constant(0))
    places = op.slice(table("position"), op.constant([0]), tokens, op.constant([1]), op.constant([0]))
    kind = op.gather(table("token_type"), op.constant(0), op.constant(0))
    words = op.gather(table("word"), ids, op.constant(0))
    return _norm(tensor, config, "embeddings.LayerNorm", op.add(op.add(words, places), kind))


def _layer(tensor: Tensor, config: Mapping[str, Any], name: str, hidden: _Node, allowed: _Node) -> _Node:
    def split(part: str) -> _Node:
        """One of query, key and value: `(texts, heads, tokens, size)`."""
        rows = _linear(tensor, f"{name}attention.self.{part}", hidden)
        sizes = [0, 0, config["num_attention_heads"], config["hidden_size"] // config["num_attention_heads"]]
        return op.transpose(op.reshape(rows, op.constant(sizes), special_zero=True), op.constant([0, 2, 1, 3]))

    heads = op.scaled_dot_product_attention(split("query"), split("key"), split("value"), allowed)
    joined = op.reshape(
        op.transpose(heads, op.constant([0, 2, 1, 3])), op.constant([0, 0, config["hidden_size"]]), special_zero=True
    )
    attended = op.add(_linear(tensor, f"{name}attention.output.dense", joined), hidden)
    hidden = _norm(tensor, config, f"{name}attention.output.LayerNorm", attended)
    inner = op.gelu(_linear(tensor, f"{name}intermediate.dense", hidden), "erf")
    return _norm(
        tensor, config, f"{name}output.LayerNorm", op.add(_linear(tensor, f"{name}output.dense", inner), hidden)
    )


def _linear(tensor: Tensor, name: str, rows: _Node) -> _Node:
    weight = op.constant(tensor(f"{name}.weight"), shared_memory=True)
    return op.add(op.matmul(rows, weight, False, True), op.constant(tensor(f"{name}.bias")))


def _norm(tensor: Tensor, config: Mapping[str, Any], name: str, rows: _Node) -> _Node:
    plain = op.mvn(rows, op.constant([-1]), True, float(config["layer_norm_eps"]), "INSIDE_SQRT")
    return op.add(op.multiply(plain, op.constant(tensor(f"{name}.weight"))), op.constant(tensor(f"{name}.bias")))
