"""A real broker that speaks TLS alone and asks for a user: PLAIN and SCRAM, keys made for the test."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from wire.broker import Broker

USERS = {"PLAIN": "anna", "SCRAM-SHA-256": "bohdan", "SCRAM-SHA-512": "celia"}
PASSWORD = "open sesame"

_SECURE = """
listeners=SASL_SSL://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=SASL_SSL://127.0.0.1:{port}
listener.security.protocol.map=SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
inter.broker.listener.name=SASL_SSL
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=PLAIN
ssl.keystore.type=PEM
ssl.keystore.location={folder}/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location={folder}/ca.pem
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
username="broker" password="{password}" user_broker="{password}" user_anna="{password}";
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
"""


class SecureBroker(Broker):
    """`ca` is what clients trust."""

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"

    def _write_settings(self) -> Path:
        path = super()._write_settings()
        make_keys(self.folder)
        said = dict(line.split("=", 1) for line in path.read_text(encoding="utf-8").splitlines() if "=" in line)
        controller = said["listeners"].rsplit(":", 1)[1]
        secure = _SECURE.format(port=self.port, controller=controller, folder=self.folder, password=PASSWORD)
        said |= dict(line.split("=", 1) for line in secure.strip().splitlines())
        path.write_text("".join(f"{key}={value}\n" for key, value in said.items()), encoding="utf-8")
        return path

    def _format(self, command: Sequence[str], properties: Path) -> None:
        scram = [(mechanism, user) for mechanism, user in USERS.items() if mechanism != "PLAIN"]
        users = [f"{mechanism}=[name={user},password={PASSWORD}]" for mechanism, user in scram]
        super()._format([*command, *(part for user in users for part in ("--add-scram", user))], properties)


def make_keys(folder: Path) -> None:
    """A certificate authority and a broker's key that it has signed, for 127.0.0.1."""
    (folder / "san").write_text("subjectAltName=IP:127.0.0.1\n")
    for command in (
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=test-ca -days 2",
        "req -newkey rsa:2048 -nodes -keyout broker.key -out broker.csr -subj /CN=127.0.0.1",
        "x509 -req -in broker.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out broker.crt -days 2 -extfile san",
    ):
        subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)
    (folder / "broker.pem").write_bytes((folder / "broker.key").read_bytes() + (folder / "broker.crt").read_bytes())
