"""How fast texts become vectors, and whether the nearest vector in another language is the translation."""

import json
import resource
import time
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from enrich.encoder import Vectors, vector_text
from enrich.weights import model_folder

_DIRECTIONS = (("uk", "en"), ("ru", "en"), ("uk", "ru"))


def main(arguments: Sequence[str]) -> int:
    """Print R@1 per direction and texts per second, at one precision or the faster."""
    parser = ArgumentParser("bench embedding", description=__doc__)
    parser.add_argument("--articles", type=Path, required=True, help="JSON Lines with lang, cluster, title, text")
    parser.add_argument("--cache", type=Path, required=True, help="where the converted model is kept")
    parser.add_argument("--model", help="folder or hub name; default: the packaged weights")
    parser.add_argument("--precision", choices=["auto", "fp32", "bfloat16"], default="auto")
    parser.add_argument("--runtime", choices=["auto", "openvino", "torch"], default="auto")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--text", choices=["lead", "headline"], default="lead")
    options = parser.parse_args(arguments)
    rows = [json.loads(line) for line in options.articles.read_text(encoding="utf-8").splitlines()]
    texts = [vector_text(row["title"], row["text"] if options.text == "lead" else "") for row in rows]

    start = time.perf_counter()
    # Late: --help need not wait for torch.
    from enrich.runtime import open_embedding

    embedder = open_embedding(
        model_folder(options.model, options.cache),
        runtime=options.runtime,
        precision=options.precision,
        threads=options.threads,
    )
    loaded = time.perf_counter()
    vectors = embedder.encode(texts)
    seconds = time.perf_counter() - loaded
    print(f"space {embedder.space}, {embedder.runtime}, {embedder.way}, ready after {loaded - start:.1f} s")
    print(
        f"{len(texts)} texts, median {np.median(embedder.token_counts(texts)):.0f} tokens: {len(texts) / seconds:.0f}/s"
    )
    clusters: dict[str, dict[str, Vectors]] = {}
    for row, vector in zip(rows, vectors, strict=True):
        clusters.setdefault(row["lang"], {})[row["cluster"]] = vector
    for source, target in _DIRECTIONS:
        if source in clusters and target in clusters:
            print(f"{source} to {target}: R@1 {recall_at_1(clusters[source], clusters[target]):.4f}")
    print(f"largest resident memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")
    return 0


def recall_at_1(queries: Mapping[str, Vectors], targets: Mapping[str, Vectors]) -> float:
    """Share of the queries, among those with a counterpart, whose nearest target is it."""
    names = list(targets)
    asked = [name for name in queries if name in targets]
    scores = np.stack([queries[name] for name in asked]) @ np.stack([targets[name] for name in names]).T
    return float(np.mean([names[best] == name for name, best in zip(asked, scores.argmax(axis=1), strict=True)]))
