"""The enrich stage without its model: made once, in the process from which all lives are forked."""

from console.services.run_stage import Parts
from enrich.article_reader import article_reader
from enrich.encoder import RememberingEncoder
from enrich.stage import Enrich
from tests.small_encoder import SmallEncoder
from wire.catalogue import load_catalogue

READER = article_reader(load_catalogue(None))


def small_enrich(*_what: object) -> Parts:
    """In place of `console.services.run_stage`'s own: the same stage with a small encoder."""
    encoder = RememberingEncoder(SmallEncoder())
    return Parts(make_stage=lambda _spec: Enrich(encoder, READER))
