"""The trusted certificates as a file."""

import ssl
from pathlib import Path

from aggregator.fetch.trust import Trust


def test_the_file_holds_what_the_context_trusts_and_goes_with_its_owner():
    trust = Trust(None)
    path = Path(trust.path())
    read = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    read.load_verify_locations(path)
    assert {c['serialNumber'] for c in read.get_ca_certs()} == {
        c['serialNumber'] for c in trust.context().get_ca_certs()
    }
    assert len(read.get_ca_certs()) > 50
    assert trust.path() == str(path)
    del trust
    assert not path.exists()


def test_given_certificates_are_alone(tmp_path):
    given = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust = Trust(given)
    assert trust.context() is given
    assert Path(trust.path()).read_text() == ''
