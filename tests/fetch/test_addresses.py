"""Which addresses are public."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.fetch import is_public

PUBLIC = [
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '169.253.255.255',
    '169.255.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.0.1.0',
    '192.167.255.255',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '2606:4700::1111',
    '2001:4860:4860::8888',
    '2a00:1450::1',
    '2001:200::1',
    '2400:3200::1',
    '3ffe::1',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
]

CLOSED = [
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.1',
    '10.255.255.255',
    '100.64.0.1',
    '100.100.100.200',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.255.255',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.8',
    '192.0.2.1',
    '192.88.99.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.7',
    '203.0.113.9',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '168.63.129.16',
    '::',
    '::1',
    '::127.0.0.1',
    '::8.8.8.8',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '::ffff:0:127.0.0.1',
    '::ffff:169.254.169.254',
    '64:ff9b::127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b::a00:1',
    '64:ff9b::e000:1',
    '64:ff9b:1::8.8.8.8',
    '100::1',
    '2001::1',
    '2001:0:7f00:1::',
    '2001:2::1',
    '2001:10::1',
    '2001:20::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '2002:808:808::',
    '3fff::1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fe80::1%eth0',
    '2606:4700::1111%eth0',
    'febf::1',
    'fec0::1',
    'ff02::1',
    'ff0e::1',
    '4000::1',
    '5f00::1',
]

NO_ADDRESS = [
    '',
    'localhost',
    '0x7f.1',
    '127.1',
    '2130706433',
    '127.0.0.1 ',
    '[::1]',
    '8.8.8.8/0',
    '８.8.8.8',
    '1' * 99,
]


@pytest.mark.parametrize('ip', PUBLIC)
def test_public(ip):
    assert is_public(ip)


@pytest.mark.parametrize('ip', CLOSED + NO_ADDRESS)
def test_not_public(ip):
    assert not is_public(ip)


@given(st.integers(0, 2**32 - 1))
def test_an_address_inside_another_is_judged_alike(number):
    alone = is_public(IPv4Address(number))
    assert is_public(IPv6Address((0xFFFF << 32) | number)) == alone
    assert is_public(IPv6Address((0x64FF9B << 96) | number)) == alone


@given(st.ip_addresses())
def test_what_is_public_is_global_for_the_standard_library_too(ip):
    """Ours is the narrower rule. NAT64 is apart: its addresses are judged by what they carry."""
    assert not is_public(ip) or ip.is_global


@given(st.text())
def test_any_text_has_an_answer(text):
    assert is_public(text) in (True, False)
