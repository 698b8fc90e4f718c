"""The topics and messages as an AsyncAPI 3.0 document, made from the structs that the program itself decodes."""

from collections.abc import Iterable

import msgspec

from wire.topics import STAGES, Topic


def asyncapi(topics: Iterable[Topic], version: str) -> dict[str, object]:
    """The document: one channel per topic that carries messages, one operation per stage and topic."""
    spoken = [topic for topic in topics if topic.message is not None]
    kinds = [topic.message for topic in spoken if topic.message is not None]
    _, schemas = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Wirewatch", "version": version, "description": "Topics that the stages speak on."},
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in spoken},
        "operations": _operations({topic.name for topic in spoken}),
        "components": {
            "schemas": schemas,
            "messages": {kind.__name__: _message(kind) for kind in kinds},
        },
    }


def _channel(topic: Topic) -> dict[str, object]:
    assert topic.message is not None
    name = topic.message.__name__
    return {
        "address": topic.name,
        "description": f"Keyed by {topic.key}; {topic.partitions} partition(s); clean-up {topic.cleanup.value}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
    }


def _message(kind: type[msgspec.Struct]) -> dict[str, object]:
    name = kind.__name__
    summary = (kind.__doc__ or name).strip().splitlines()[0]
    return {"name": name, "summary": summary, "payload": {"$ref": f"#/components/schemas/{name}"}}


def _operations(spoken: set[str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for stage in STAGES.values():
        for action, topics in (("receive", stage.inputs), ("send", stage.outputs)):
            for topic in topics:
                if topic in spoken:
                    reference = {"$ref": f"#/channels/{topic}"}
                    found[f"{stage.name}-{action}-{topic}"] = {"action": action, "channel": reference}
    return found
