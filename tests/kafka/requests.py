"""Kafka's requests one by one, in the older protocol that our client speaks, for what no client would do by itself."""

import socket
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager

from kafka.protocol.producer import InitProducerIdRequest, ProduceRequest, TxnOffsetCommitRequest
from kafka.record.default_records import DefaultRecordBatchBuilder

_VERSION = {InitProducerIdRequest: 4, TxnOffsetCommitRequest: 3, ProduceRequest: 8}


class Connection:
    """One connection to a broker."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._answers = sock.makefile("rb")

    def _ask(self, request):  # type: ignore[no-untyped-def]
        version = _VERSION[type(request)]
        request.API_VERSION = version
        request.with_header(correlation_id=1, client_id="tests")
        self._socket.sendall(request.encode(version=version, header=True, framed=True))
        (size,) = struct.unpack(">i", self._answers.read(4))
        kind = request.header.get_response_class()
        return kind.decode(self._answers.read(size), version=version, header=True)

    def init_producer(self, transactional_id: str) -> tuple[int, int]:
        """Id and epoch of a new owner of the transactional id."""
        request = InitProducerIdRequest(
            transactional_id=transactional_id, transaction_timeout_ms=60_000, producer_id=-1, producer_epoch=-1
        )
        while (answer := self._ask(request)).error_code:
            pass  # the coordinator is being made, or loads
        return answer.producer_id, answer.producer_epoch

    def commit_offset(
        self, transactional_id: str, producer: tuple[int, int], group: str, topic: str, offset: int
    ) -> int:
        """Add an offset to the producer's transaction, whether there is one or not; the broker's error code."""
        topics = TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic
        partitions = topics.TxnOffsetCommitRequestPartition
        moved = partitions(partition_index=0, committed_offset=offset, committed_leader_epoch=-1, committed_metadata="")
        request = TxnOffsetCommitRequest(
            transactional_id=transactional_id,
            group_id=group,
            producer_id=producer[0],
            producer_epoch=producer[1],
            generation_id=-1,
            member_id="",
            group_instance_id=None,
            topics=[topics(name=topic, partitions=[moved])],
        )
        return int(self._ask(request).topics[0].partitions[0].error_code)

    def produce(
        self,
        transactional_id: str,
        producer: tuple[int, int],
        topic: str,
        value: bytes,
        headers: list[tuple[str, bytes]],
    ) -> int:
        """Write a record of the producer's transaction, whether there is one or not; the broker's error code."""
        batch = DefaultRecordBatchBuilder(
            magic=2,
            compression_type=0,
            is_transactional=True,
            producer_id=producer[0],
            producer_epoch=producer[1],
            base_sequence=0,
            batch_size=16_384,
        )
        batch.append(0, None, b"k", value, headers)
        topics = ProduceRequest.TopicProduceData
        partitions = topics.PartitionProduceData
        request = ProduceRequest(
            transactional_id=transactional_id,
            acks=-1,
            timeout_ms=30_000,
            topic_data=[topics(name=topic, partition_data=[partitions(index=0, records=bytes(batch.build()))])],
        )
        return int(self._ask(request).responses[0].partition_responses[0].error_code)


@contextmanager
def connected(bootstrap: str) -> Iterator[Connection]:
    host, _, port = bootstrap.rpartition(":")
    with closing(socket.create_connection((host, int(port)), timeout=60)) as sock:
        yield Connection(sock)
