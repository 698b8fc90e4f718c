"""Turn a packed model into a sentence-transformers folder: weights, tokenizer, pooling, and the prefix of its texts.

Written without torch, since safetensors and the tokenizer's library are all it needs: a few seconds instead of twenty.
"""

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram

from enrich.packed import PackedModel, Pieces

Array = NDArray[np.float32]

# Raise it when what this module writes changes: folders of another recipe are made anew.
CONVERSION = 1
# Both sides of a symmetric comparison are queries to this family of models (arXiv 2402.05672, section 2).
PREFIX = "query: "
_MASK = "<mask>"

# Name in a Hugging Face BERT -> name in the packed file; `.w` is the weight, `.b` the bias.
_PARTS_OF_A_LAYER = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "attention.output.LayerNorm": "aln",
    "intermediate.dense": "fi",
    "output.dense": "fo",
    "output.LayerNorm": "oln",
}


def write_folder(model: PackedModel, folder: Path) -> None:
    """Write `model` into `folder`, which exists and is empty, so that sentence-transformers loads it offline.

    Raises:
        BadPackedFile: a tensor is missing or has another shape than the header says.
    """
    save_file(dict(_tensors(model)), folder / "model.safetensors", metadata={"format": "pt"})
    tokenizer(model).save(str(folder / "tokenizer.json"))
    for name, content in _descriptions(model).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def tokenizer(model: PackedModel) -> Tokenizer:
    """The file's tokenizer: same pieces, ids and normalisation, `<s> … </s>` around."""
    pieces = model.pieces
    made = Tokenizer(
        Unigram(list(zip(pieces.texts, pieces.scores, strict=True)), unk_id=pieces.unknown, byte_fallback=False)
    )
    made.normalizer = _normalizer(model)
    made.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    made.decoder = decoders.Metaspace(prepend_scheme="always")
    bos, eos = pieces.texts[pieces.bos], pieces.texts[pieces.eos]
    made.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, pieces.bos), (eos, pieces.eos)],
    )
    made.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in _special(pieces).values()])
    return made


def _special(pieces: Pieces) -> dict[str, str]:
    roles = {"bos": pieces.bos, "eos": pieces.eos, "pad": pieces.pad, "unk": pieces.unknown}
    named = {f"{role}_token": pieces.texts[place] for role, place in roles.items()}
    return named | ({"mask_token": _MASK} if _MASK in pieces.texts else {})


def _normalizer(model: PackedModel) -> normalizers.Normalizer:
    """NFKC behind the file's exceptions to it (marks that vanish, white space), then one space for many.

    NFKC itself instead of the file's table of single characters, because only it composes: и and its breve become й.
    """
    steps: list[normalizers.Normalizer] = []
    for replacement, characters in _exceptions(model).items():
        listed = "".join(f"\\x{{{ord(character):X}}}" for character in characters)
        steps.append(normalizers.Replace(Regex(f"[{listed}]"), replacement))
    steps += [normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    return normalizers.Sequence(steps)


def _exceptions(model: PackedModel) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for character, replacement in model.replacements.items():
        if unicodedata.normalize("NFKC", character) != replacement:
            found.setdefault(replacement, []).append(character)
    return found


def _tensors(model: PackedModel) -> Iterator[tuple[str, Array]]:
    shape = model.shape
    yield "embeddings.word_embeddings.weight", model.tensor("emb.word", shape.vocabulary, shape.hidden)
    yield "embeddings.position_embeddings.weight", model.tensor("emb.pos", shape.positions, shape.hidden)
    yield "embeddings.token_type_embeddings.weight", model.tensor("emb.type", shape.token_types, shape.hidden)
    yield "embeddings.LayerNorm.weight", model.tensor("emb.ln.w", shape.hidden)
    yield "embeddings.LayerNorm.bias", model.tensor("emb.ln.b", shape.hidden)
    for layer in range(shape.layers):
        for name, packed in _PARTS_OF_A_LAYER.items():
            outputs = shape.feed_forward if packed == "fi" else shape.hidden
            inputs = shape.feed_forward if packed == "fo" else shape.hidden
            sizes = (outputs,) if packed.endswith("ln") else (outputs, inputs)
            yield f"encoder.layer.{layer}.{name}.weight", model.tensor(f"l{layer}.{packed}.w", *sizes)
            yield f"encoder.layer.{layer}.{name}.bias", model.tensor(f"l{layer}.{packed}.b", outputs)
    # BERT's own pooler, which mean pooling never reads: left out, it would be drawn at random with a warning.
    yield "pooler.dense.weight", np.zeros((shape.hidden, shape.hidden), dtype=np.float32)
    yield "pooler.dense.bias", np.zeros(shape.hidden, dtype=np.float32)


def _descriptions(model: PackedModel) -> dict[str, object]:
    shape, pieces = model.shape, model.pieces
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_act": "gelu",
            "hidden_size": shape.hidden,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "intermediate_size": shape.feed_forward,
            "vocab_size": shape.vocabulary,
            "max_position_embeddings": shape.positions,
            "type_vocab_size": shape.token_types,
            "layer_norm_eps": shape.norm_epsilon,
            "pad_token_id": pieces.pad,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": shape.positions,
            **_special(pieces),
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        "sentence_bert_config.json": {"max_seq_length": shape.positions, "do_lower_case": False},
        "1_Pooling/config.json": {"word_embedding_dimension": shape.hidden, "pooling_mode_mean_tokens": True},
        "2_Normalize/config.json": {},
        "config_sentence_transformers.json": {
            "prompts": {"query": PREFIX},
            "default_prompt_name": None,  # said with every call; a default makes the library warn at each start
            "similarity_fn_name": "cosine",
        },
    }
