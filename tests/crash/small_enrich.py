"""The enrich stage without its model: made once, in the process from which all lives are forked."""

from console.run_stage import Parts
from enrich.article_reader import article_reader
from enrich.encoder import RememberingEncoder
from enrich.language import Language
from enrich.stage import Enrich
from tests.small_encoder import SmallEncoder
from wire.catalogue import Catalogue, load_catalogue
from wire.clock import Clock
from wire.settings import Settings

_ENGLISH = Language(code="en", confidence=1.0)
_READER = article_reader(load_catalogue(None), lambda _text, _hint: _ENGLISH)


def small_enrich(_settings: Settings, _catalogue: Catalogue, _clock: Clock) -> Parts:
    """In place of `console.run_stage`'s own: the same stage with a small encoder, and English as the one language."""
    encoder = RememberingEncoder(SmallEncoder())
    return Parts(make_stage=lambda _spec: Enrich(encoder, _READER))
