"""The stage `echo` as a service of its own: `python -m tests.kafka.small_service PREFIX BROKER...`."""

import sys
from contextlib import closing

from prometheus_client import CollectorRegistry

from console.services.service import Service
from tests.echo_stage import ECHO, Echo
from wire.clock import SystemClock
from wire.errors import WireError
from wire.log.kafka import KafkaLog
from wire.log.port import lane_specs
from wire.logs import log_to
from wire.loop import Loop, LoopLimits
from wire.metrics import LaneMetrics
from wire.outgoing import Outgoing
from wire.settings import LogSettings
from wire.topics import topic_catalogue
from wire.watchdog import Watchdog

TOPICS = topic_catalogue()
(SPEC,) = lane_specs(ECHO, TOPICS)


def main(prefix: str, bootstrap: tuple[str, ...]) -> None:
    """Run until a signal, or until the supervisor is gone."""
    log_to()
    watchdog, clock = Watchdog(), SystemClock()
    service = Service(mind_stdin=True)
    settings = LogSettings(kind="kafka", bootstrap=bootstrap, prefix=prefix)
    with closing(KafkaLog(settings, TOPICS, environment={}, guard=watchdog.guard)) as log:

        def open_loop() -> Loop:
            return Loop(
                Echo(),
                log.lane(SPEC),
                Outgoing(SPEC, TOPICS, "0"),
                clock=clock,
                guard=watchdog.guard,
                metrics=LaneMetrics(CollectorRegistry()),
                limits=LoopLimits(),
            )

        service.run([open_loop], lambda _loop: None)


if __name__ == "__main__":
    try:
        main(sys.argv[1], tuple(sys.argv[2:]))
    except WireError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit)
