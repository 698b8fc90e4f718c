"""How many invented inputs a property is tried on, where the usual hundred would be too many or too few."""

from hypothesis import settings


def examples(count: int) -> settings:
    """`count` of them, with as much time as they take; thirty times as many in `make search`."""
    return settings(max_examples=count * (30 if settings.get_current_profile_name() == "search" else 1), deadline=None)
