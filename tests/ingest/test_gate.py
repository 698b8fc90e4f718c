"""One host gets few requests at a time, with a gap; others do not wait for it."""

import asyncio
from datetime import timedelta
from itertools import pairwise

from ingest.gate import HostGate

GAP = timedelta(seconds=0.05)


def test_beginnings_are_a_gap_apart_and_few_are_under_way() -> None:
    async def run() -> None:
        gate, begun, under_way, most = HostGate(2, GAP), list[float](), 0, 0

        async def request() -> None:
            nonlocal under_way, most
            async with gate.passing("one"):
                begun.append(asyncio.get_running_loop().time())
                under_way, most = under_way + 1, max(most, under_way + 1)
                await asyncio.sleep(0.12)
                under_way -= 1

        await asyncio.gather(*(request() for _ in range(5)))
        gaps = [later - earlier for earlier, later in pairwise(begun)]
        assert all(gap >= GAP.total_seconds() - 0.001 for gap in gaps)
        assert most == 2

    asyncio.run(run())


def test_another_host_does_not_wait_and_hosts_are_forgotten() -> None:
    async def run() -> None:
        gate = HostGate(1, GAP)
        async with gate.passing("slow"):
            async with asyncio.timeout(1):
                for number in range(100):
                    async with gate.passing(f"redirected-{number}"):
                        pass
            assert len(gate._lines) == 101
            await asyncio.sleep(0.1)
            assert list(gate._lines) == ["slow"]

    asyncio.run(run())
