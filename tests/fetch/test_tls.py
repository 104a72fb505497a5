"""Certificates are checked. The one below is synthetic: self-signed, for localhost and 127.0.0.1, valid for 100 years."""

import ssl

import pytest

from aggregator.model import Fetched, FetchFailed, Request

CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBmjCCAUGgAwIBAgIUGGzU5Ve5WwBWCfOYd7y/XKrVFvYwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNTAzMjY0MVoYDzIxMjYxMTAx
MDMyNjQxWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASZJkgx300ESPWoKJzx7hVMsUAS34OCq1fqgcYpZc0xEqz/TvmG/Ri4
3lxXb7ZV6P1IUPxteVHPGgYXah2v7a7jo28wbTAdBgNVHQ4EFgQUieopxCayF7uV
XT4dBSOpyKcmQHIwHwYDVR0jBBgwFoAUieopxCayF7uVXT4dBSOpyKcmQHIwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDRwAwRAIgEWDDaUjSv/Wz3uYYP8aYgND0tTzNT2k4xLpNGmoZB5MCIEeS
G+bbRSKAXh9i3msrrrCFY4gIGYdcSzJtQ0wPo5HX
-----END CERTIFICATE-----
"""
KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg8ZddxlncyqCAbKW/
St6+WH9BGPfG0it7WKZNGSS3eaShRANCAASZJkgx300ESPWoKJzx7hVMsUAS34OC
q1fqgcYpZc0xEqz/TvmG/Ri43lxXb7ZV6P1IUPxteVHPGgYXah2v7a7j
-----END PRIVATE KEY-----
"""


@pytest.fixture
def server_side(tmp_path):
    file = tmp_path / 'pair.pem'
    file.write_text(CERTIFICATE + KEY)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.fixture
def trusting():
    return ssl.create_default_context(cadata=CERTIFICATE)


def test_a_trusted_certificate(serve, make, server_side, trusting):
    server = serve(lambda visitor: visitor.answer(200, b'secret'), server_side)
    assert make(tls=trusting).fetch(Request(url=server.url, private=True)).received.body == b'secret'


def test_a_certificate_that_nobody_vouches_for(serve, make, server_side):
    """With the certificates that are trusted by default."""
    server = serve(lambda visitor: visitor.answer(200), server_side)
    result = make().fetch(Request(url=server.url, private=True))
    assert isinstance(result, FetchFailed)
    assert result.reason == 'tls'
    assert 'certificate' in result.message
    assert not any(visitor.head for visitor in server.visitors)  # curl judges after the handshake, and says no word


def test_a_certificate_for_another_name(serve, make, server_side, trusting):
    server = serve(lambda visitor: visitor.answer(200), server_side)
    transport = make(tls=trusting, resolve=lambda *_: ('127.0.0.1',))
    result = transport.fetch(Request(url=f'https://other.example:{server.port}/', private=True))
    assert (result.reason, 'other.example' in result.message) == ('tls', True)


def test_the_name_is_checked_and_not_the_address(serve, make, server_side, trusting):
    server = serve(lambda visitor: visitor.answer(200), server_side)
    transport = make(tls=trusting, resolve=lambda *_: ('127.0.0.1',))
    assert isinstance(transport.fetch(Request(url=f'https://localhost:{server.port}/', private=True)), Fetched)


def test_a_server_without_tls(serve, make):
    server = serve(lambda visitor: visitor.answer(200))
    result = make().fetch(Request(url=server.url.replace('http:', 'https:'), private=True))
    assert result.reason == 'tls'


def test_a_handshake_that_never_ends(serve, make):
    """A record that is announced as 16 KiB and comes byte by byte."""

    def script(visitor):
        visitor.send(b'\x16\x03\x03\x40\x00')
        visitor.drip(b'\x02')

    url = serve(script).url.replace('http:', 'https:')
    assert make(total_s=0.15).fetch(Request(url=url, private=True)).reason == 'timeout'


def test_a_body_that_drips_over_tls(serve, make, server_side, trusting):
    def script(visitor):
        visitor.send(b'HTTP/1.1 200 OK\r\n\r\n')
        visitor.drip(b'a')

    result = make(total_s=0.15, tls=trusting).fetch(Request(url=serve(script, server_side).url, private=True))
    assert result.reason == 'timeout'
