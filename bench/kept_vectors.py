"""Vectors kept between runs: one file per space, a line per text, so that a set is embedded once."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

import numpy as np

from enrich.encoder import Encoder, Vectors
from enrich.ways import Way
from enrich.weights import model_folder
from wire.vectors import decode_vector, encode_vector


class KeptVectors:
    """An encoder that finds a text's vector in `folder` where an earlier run left it.

    What it returns is rounded to the form of the messages, whether found or fresh: the runs do not differ.
    """

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._encoder = encoder
        self._path = folder / f"{encoder.space.replace('/', '-')}.tsv"
        self._kept: dict[str, str] = dict(_read(self._path))

    @property
    def space(self) -> str:
        """The space of the encoder behind."""
        return self._encoder.space

    @property
    def way(self) -> Way:
        """The way of the encoder behind."""
        return self._encoder.way

    def encode(self, texts: Sequence[str]) -> Vectors:
        """As `Encoder.encode`, rounded to float16."""
        missing = list(dict.fromkeys(text for text in texts if _key(text) not in self._kept))
        if missing:
            self._keep(
                {
                    _key(text): encode_vector(row)
                    for text, row in zip(missing, self._encoder.encode(missing), strict=True)
                }
            )
        if not texts:
            return self._encoder.encode(texts)
        return np.stack([decode_vector(self._kept[_key(text)]) for text in texts])

    def _keep(self, fresh: dict[str, str]) -> None:
        self._kept |= fresh
        with self._path.open("a", encoding="ascii") as file:
            file.writelines(f"{key}\t{vector}\n" for key, vector in fresh.items())


def _read(path: Path) -> list[tuple[str, str]]:
    if not path.exists():
        return []
    # A run that was killed may have left half a line at the end.
    whole = path.read_text(encoding="ascii").rpartition("\n")[0]
    pairs = [line.split("\t") for line in whole.splitlines()]
    return [(pair[0], pair[1]) for pair in pairs if len(pair) == 2]


def _key(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def add_encoder_options(parser: ArgumentParser) -> None:
    """The options that `chosen_encoder` reads."""
    parser.add_argument("--vectors", type=Path, help="folder where vectors are kept between runs")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "wirewatch", help="of converted weights")
    parser.add_argument("--model", help="folder or hub name; default: the packaged weights")


def chosen_encoder(options: Namespace) -> Encoder:
    """The encoder of the enrich stage, behind the vectors that earlier runs kept where a folder for them is named."""
    # Late: --help need not wait for a runtime.
    from enrich.runtime import open_embedding

    embedder = open_embedding(model_folder(options.model, options.cache))
    return KeptVectors(embedder, options.vectors) if options.vectors else embedder
