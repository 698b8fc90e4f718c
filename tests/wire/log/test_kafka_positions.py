"""Which of two transactions of a lane is the later one."""

import pytest

from wire.log.kafka_positions import is_later

CASES = {  # name: (transaction, than) -> later
    "next of a process": (("adder.0:5:2/1", "adder.0:5:1/9"), True),
    "tenth after ninth": (("adder.0:5:10/1", "adder.0:5:9/1"), True),
    "the same": (("adder.0:5:2/1", "adder.0:5:2/1"), False),
    "first of a later process": (("adder.0:6:1/1", "adder.0:5:7/1"), True),
    "of an earlier process": (("adder.0:4:9/1", "adder.0:5:1/1"), False),
    "nothing known of the other": (("adder.0:4:9/1", ""), False),
    "a stranger's header": (("x:y:z", "adder.0:5:1/1"), False),
}


@pytest.mark.parametrize(("transactions", "later"), CASES.values(), ids=CASES.keys())
def test_is_later(transactions: tuple[str, str], later: bool) -> None:
    assert is_later(*transactions) is later
