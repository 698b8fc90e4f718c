"""Topics on Kafka: created from the catalogue, and compared with it."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from datetime import timedelta

from kafka.admin import ConfigResource

from wire.log.kafka_client import Admin, Clients, milliseconds
from wire.topics import Cleanup, Topic

_POLICY = "cleanup.policy"
_LIMITS = ("retention.ms", "retention.bytes")
# Kafka drops whole segments, and never the one being written: a tenth of what is kept, within what it allows.
_LARGEST_SEGMENT, _SMALLEST_SEGMENT = 1024**3, 1024**2
# Compaction never touches the segment being written: small and short segments bound what a restore has to read.
_COMPACTED = {
    _POLICY: "compact",
    "segment.ms": str(milliseconds(timedelta(hours=1))),
    "segment.bytes": str(16 * 1024 * 1024),
    "min.cleanable.dirty.ratio": "0.2",
}


class KafkaTopics:
    """The catalogue's topics on one cluster."""

    def __init__(self, clients: Clients, topics: Mapping[str, Topic], prefix: str, replication: int) -> None:
        self._clients = clients
        self._topics = topics
        self._prefix = prefix
        self._replication = replication

    def create(self) -> Sequence[str]:
        """Create the missing topics and wait until each has a leader; return their names."""
        with closing(self._clients.admin()) as admin, self._clients.unreachable():
            present = set(admin.list_topics())
            missing = [topic for topic in self._topics.values() if self._prefix + topic.name not in present]
            if missing:
                admin.create_topics(
                    {self._prefix + topic.name: self._description(topic) for topic in missing}, wait_for_metadata=True
                )
        return [topic.name for topic in missing]

    def _description(self, topic: Topic) -> Mapping[str, object]:
        return {
            "num_partitions": topic.partitions,
            "replication_factor": self._replication,
            "configs": {
                # Two of three replicas; with fewer the loss of one broker would stop every commit.
                "min.insync.replicas": str(max(1, min(2, self._replication - 1))),
                "unclean.leader.election.enable": "false",
                "message.timestamp.type": "LogAppendTime",
                **_cleanup(topic),
            },
        }

    def differences(self, names: Iterable[str] | None = None) -> Sequence[str]:
        """Where topics (all, or those named) are not as the catalogue says, one sentence each."""
        wanted = set(self._topics if names is None else names)
        topics = [topic for name, topic in self._topics.items() if name in wanted]
        with closing(self._clients.admin()) as admin, self._clients.unreachable():
            partitions = _partition_counts(admin, [self._prefix + topic.name for topic in topics])
            configs = _configs(admin, partitions, [_POLICY])
        return [
            said
            for topic in topics
            for said in _difference(
                topic,
                partitions.get(self._prefix + topic.name),
                configs.get(self._prefix + topic.name, {}).get(_POLICY),
            )
        ]

    def limit_differences(self) -> Sequence[str]:
        """Where existing topics keep more or less than the catalogue says, one sentence each."""
        return [said for said, _ in self._off_limits()]

    def adjust_limits(self) -> None:
        """Set age and size of those topics; their other settings stay as they are."""
        changed = [
            ConfigResource("topic", self._prefix + topic.name, _limits(topic)) for _, topic in self._off_limits()
        ]
        if changed:
            with closing(self._clients.admin()) as admin, self._clients.unreachable():
                admin.alter_configs(changed)

    def _off_limits(self) -> Sequence[tuple[str, Topic]]:
        named = {self._prefix + t.name: t for t in self._topics.values() if t.cleanup is Cleanup.DELETE}
        with closing(self._clients.admin()) as admin, self._clients.unreachable():
            configs = _configs(admin, set(admin.list_topics()).intersection(named), _LIMITS)
        found = ((named[name], config) for name, config in sorted(configs.items()))
        return [(said, topic) for topic, config in found if (said := _off_limit(topic, config))]


def _cleanup(topic: Topic) -> Mapping[str, str]:
    if topic.cleanup is Cleanup.COMPACT:
        return _COMPACTED
    return {_POLICY: "delete", **_limits(topic)}


def _limits(topic: Topic) -> Mapping[str, str]:
    kept = -1 if topic.retention is None else milliseconds(topic.retention)
    size = topic.partition_bytes
    segment = _LARGEST_SEGMENT if size is None else min(_LARGEST_SEGMENT, max(_SMALLEST_SEGMENT, size // 10))
    return {
        "retention.ms": str(kept),
        "retention.bytes": str(-1 if size is None else size),
        "segment.bytes": str(segment),
    }


def _off_limit(topic: Topic, config: Mapping[str, str]) -> str:
    """What is different, in a sentence; nothing where all is as it should be."""
    wanted = _limits(topic)
    different = [
        f"{name} is {config.get(name)}, should be {wanted[name]}"
        for name in _LIMITS
        if config.get(name) != wanted[name]
    ]
    return f"{topic.name}: {', '.join(different)}" if different else ""


def _partition_counts(admin: Admin, wanted: Sequence[str]) -> dict[str, int]:
    present = set(admin.list_topics()).intersection(wanted)
    counts = {}
    for described in admin.describe_topics(sorted(present)) if present else ():
        partitions = described["partitions"]
        assert isinstance(partitions, list)
        counts[str(described["name"])] = len(partitions)
    return counts


def _configs(admin: Admin, topics: Iterable[str], names: Sequence[str]) -> dict[str, dict[str, str]]:
    """What the cluster says of each topic under these names."""
    asked = [ConfigResource("topic", topic, list(names)) for topic in sorted(topics)]
    if not asked:
        return {}
    described = admin.describe_configs(asked, config_filter="all")
    return {
        topic: {name: str(configs[name]["value"]) for name in names if name in configs}
        for topic, configs in described["topic"].items()
    }


def _difference(topic: Topic, partitions: int | None, policy: str | None) -> list[str]:
    if partitions is None:
        return [f"{topic.name}: is missing (create it with: wirewatch topics)"]
    said = []
    if partitions != topic.partitions:
        said.append(f"{topic.name}: has {partitions} partitions, the settings say {topic.partitions}")
    if policy != topic.cleanup.value:
        said.append(f"{topic.name}: has clean-up '{policy}', the catalogue says '{topic.cleanup.value}'")
    return said
