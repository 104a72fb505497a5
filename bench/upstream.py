"""An origin as a child process, with TLS where it is asked for, by a certificate authority that is made in the run."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import certifi
from origin import addresses

HERE = Path(__file__).parent
KEY = ('-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes')


@dataclass(frozen=True)
class Site:
    feeds: int
    port: int
    hosts: Sequence[str]
    authority: Path | None = None

    def urls(self) -> list[str]:
        scheme = 'https' if self.authority else 'http'
        return [f'{scheme}://{self.hosts[n % len(self.hosts)]}:{self.port}/f/{n}.xml' for n in range(self.feeds)]

    def tell(self, path: str) -> bytes:
        context = ssl.create_default_context(cafile=str(self.authority)) if self.authority else None
        base = f'{"https" if self.authority else "http"}://127.0.0.1:{self.port}'
        with urllib.request.urlopen(f'{base}{path}', context=context) as answer:
            body: bytes = answer.read()
        return body

    def counts(self) -> dict[int, int]:
        """Answers by status since this was last asked."""
        return {int(status): n for status, n in json.loads(self.tell('/counts')).items()}


@contextmanager
def site(
    folder: Path, feeds: int, *, hosts: int = 50, entries: int = 30, real: Path | None = None, tls: bool = False
) -> Iterator[Site]:
    """`hosts` loopback addresses share the feeds; `folder` takes the certificates."""
    command = [sys.executable, str(HERE / 'origin.py'), '--feeds', str(feeds), '--hosts', str(hosts)]
    command += ['--entries', str(entries), *(['--real', str(real)] if real else [])]
    if tls:
        make_certificates(folder, ['127.0.0.1', *addresses(hosts)])
        command += ['--tls', str(folder / 'pair.pem')]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            port = int(process.stdout.readline())
            yield Site(feeds, port, addresses(hosts), folder / 'authority.pem' if tls else None)
        finally:
            process.terminate()


def trusting(site_: Site) -> dict[str, str]:
    """The environment in which both sides trust it: ours as the system says, requests by a bundle of its own."""
    if site_.authority is None:
        return {}
    bundle = site_.authority.with_name('bundle.pem')
    bundle.write_text(Path(certifi.where()).read_text('utf-8') + site_.authority.read_text('utf-8'), 'utf-8')
    return {'SSL_CERT_FILE': str(site_.authority), 'REQUESTS_CA_BUNDLE': str(bundle)}


def make_certificates(folder: Path, names: Sequence[str]) -> None:
    """`authority.pem`, and in `pair.pem` a certificate for these addresses with its key. Needs `openssl`."""
    (folder / 'names').write_text(f'subjectAltName={",".join(f"IP:{name}" for name in names)}\n', 'ascii')
    authority, key, asked, leaf, leaf_key = (
        str(folder / name) for name in ('authority.pem', 'authority.key', 'asked', 'leaf.pem', 'leaf.key')
    )
    _openssl('req', '-x509', *KEY, '-days', '2', '-subj', '/CN=bench authority', '-keyout', key, '-out', authority)
    _openssl('req', '-new', *KEY, '-subj', '/CN=bench', '-keyout', leaf_key, '-out', asked)
    by = ('-CA', authority, '-CAkey', key, '-CAcreateserial', '-days', '2', '-extfile', str(folder / 'names'))
    _openssl('x509', '-req', '-in', asked, *by, '-out', leaf)
    (folder / 'pair.pem').write_bytes(b''.join(Path(part).read_bytes() for part in (leaf, leaf_key)))


def _openssl(*words: str) -> None:
    subprocess.run(['openssl', *words], check=True, capture_output=True)
