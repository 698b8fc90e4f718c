"""What can be wrong with the model, each with the way out.

NeedsSomebody
└── ModelFault          no vectors can be made until somebody acts
    ├── ModelMissing    there are no weights where the settings, or the default, say
    ├── ModelDiffers    the packaged weights are not the file that this program was made for
    ├── BadPackedFile   the packed file breaks its own format
    ├── ModelBusy       another process holds the conversion for too long
    └── ModelUnfit      the runtime that the settings name cannot run this model
"""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from wire.errors import NeedsSomebody

_WAYS_OUT = (
    "install the extra again (pip install --force-reinstall 'wirewatch[enrich]'), "
    "or set [enrich] model to a local sentence-transformers folder or a hub name"
)


class ModelFault(NeedsSomebody):
    """No vectors can be made as things stand."""

    code: ClassVar[str] = "model-fault"


@dataclass(eq=False)
class ModelMissing(ModelFault):
    """There are no weights at the place where they were looked for."""

    code: ClassVar[str] = "model-missing"
    what: str
    reason: str

    def __str__(self) -> str:
        return f"no embedding model: {self.what}: {self.reason}; {_WAYS_OUT}"


@dataclass(eq=False)
class ModelDiffers(ModelFault):
    """The packaged weights have another size or digest: a broken or a foreign file, not used."""

    code: ClassVar[str] = "model-differs"
    path: Path
    expected: str
    found: str

    def __str__(self) -> str:
        difference = f"{self.found}, expected {self.expected}"
        return f"{self.path} is not the expected file ({difference}) and was not read; {_WAYS_OUT}"


@dataclass(eq=False)
class BadPackedFile(ModelFault):
    """The packed weights end early or contradict themselves."""

    code: ClassVar[str] = "bad-packed-file"
    reason: str

    def __str__(self) -> str:
        return f"the packed weights cannot be read: {self.reason}; {_WAYS_OUT}"


@dataclass(eq=False)
class ModelBusy(ModelFault):
    """The lock on the conversion was not given up in time."""

    code: ClassVar[str] = "model-busy"
    lock: Path
    waited_seconds: float

    def __str__(self) -> str:
        return (
            f"another process has been converting the model for over {self.waited_seconds:.0f} s "
            f"and holds {self.lock}: end it if it hangs, then start again"
        )


@dataclass(eq=False)
class ModelUnfit(ModelFault):
    """The settings name a runtime that is not installed or does not know the model's architecture."""

    code: ClassVar[str] = "model-unfit"
    folder: Path
    runtime: str

    def __str__(self) -> str:
        return (
            f"{self.runtime} cannot run the model in {self.folder}: it is not installed, or the model is no BERT with "
            'mean pooling; set [enrich] runtime = "auto"'
        )
