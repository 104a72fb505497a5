"""The worst of feed readers, in a real Chromium: it shows what it gets, and touches everything that it shows.

What ran is judged twice: by what the vectors call, and by Chromium's own list of the scripts that it compiled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

HOOK = """
for (const name of ['alert', 'confirm', 'prompt', 'print', 'open'])
  window[name] = (...said) => ran(`${name} ${said.join(' ')}`);
"""
# Links may lead to the web and to mailboxes: those are not followed. All others are, so that what runs in them runs.
TOUCH = """
async () => {
  const web = (url) => /^(https?|mailto):/i.test(url);
  addEventListener('click', (event) => {
    const link = event.target.closest('a, area');
    const url = link && (link.href.baseVal ?? link.href);
    if (url && web(url)) event.preventDefault();
  }, true);
  addEventListener('submit', (event) => {
    const aim = event.submitter?.getAttribute('formaction') ?? event.target.getAttribute('action') ?? '';
    if (URL.canParse(aim, document.baseURI) && web(new URL(aim, document.baseURI).href)) event.preventDefault();
  }, true);
  const touch = (element) => {
    for (const { name } of [...element.attributes])
      if (name.startsWith('on')) element.dispatchEvent(new Event(name.slice(2), { cancelable: true }));
    for (const type of ['mouseover', 'pointerover', 'mouseenter', 'keydown'])
      element.dispatchEvent(new Event(type, { bubbles: true, cancelable: true }));
    if (element.matches('[autofocus], [tabindex], [contenteditable], [onfocus], [onblur]')) element.focus();
    element.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, view: window }));
    if (element instanceof HTMLFormElement) HTMLFormElement.prototype.requestSubmit.call(element);
  };
  const all = [...document.querySelectorAll('*')];
  all.forEach(touch);
  for (let turn = 0; turn < 3; turn++)
    await new Promise((next) => requestAnimationFrame(() => setTimeout(next)));
  await ran('touched');
  return all.length;
}
"""
INSERT = """
(texts) => {
  for (const text of texts) {
    const place = document.body.appendChild(document.createElement('div'));
    place.innerHTML = text;
  }
}
"""
# Something that must run, unless a policy forbids it: so no page is found quiet because nobody listens.
CANARY = """
() => new Promise((told, failed) => {
  setTimeout(() => failed(new Error('the canary is silent')), 30000);
  addEventListener('securitypolicyviolation', () => told('blocked'));
  const canary = document.createElement('img');
  canary.setAttribute('onerror', 'ran("canary")');
  canary.addEventListener('error', () => setTimeout(() => told('ran')));
  canary.src = 'data:,';
})
"""
# As if they had been loaded, for an eighth of the time: the parser is the same, scripts and all.
TURN = """
async (paths) => {
  const pages = await Promise.all(paths.map(async (path) => (await fetch(path)).text()));
  document.open();
  document.write(pages.join(''));
  document.close();
  if (document.readyState !== 'complete') await new Promise((done) => addEventListener('load', done));
}
"""

_SMALL: Any = {'width': 400, 'height': 300}  # nobody looks, and painting is most of the work


@dataclass(frozen=True)
class Seen:
    """What was done since a page was opened. `canary`: 'ran', or 'blocked' by the policy of the page."""

    ran: Sequence[str]  # what the vectors call: its name, and what it was called with
    compiled: Sequence[str]  # addresses of the documents and files that scripts came from
    asked: Sequence[tuple[str, str]]  # type and address of what was asked of another host
    went: Sequence[str]  # where this or another window, or a frame, went
    said: Sequence[str]  # in the console
    canary: str


class Reader:
    """Reads pages of one host; of no other is anything really asked."""

    def __init__(self, browser: Any, home: str, **view: Any) -> None:
        self._home = home
        self._ran: list[str] = []
        self._compiled: list[str] = []
        self._asked: list[tuple[str, str]] = []
        self._went: list[str] = []
        self._said: list[str] = []
        self.context = browser.new_context(viewport=_SMALL, **view)
        self.context.expose_binding('ran', lambda _from, what: self._ran.append(what))
        self.context.add_init_script(HOOK)
        self.context.route(lambda url: not url.startswith(home), self._ask)
        self._page = self.context.new_page()
        self.context.on('page', lambda page: self._went.append(f'a window: {page.url}'))
        self._page.on('framenavigated', lambda frame: self._went.append(frame.url))
        self._page.on('console', lambda message: self._said.append(message.text))
        self._page.on('dialog', self._dialog)
        session = self.context.new_cdp_session(self._page)
        session.on('Debugger.scriptParsed', lambda event: self._compile(event['url']))
        session.send('Debugger.enable')

    def open(self, path: str = '') -> None:
        for known in (self._ran, self._compiled, self._asked, self._went, self._said):
            known.clear()
        self._page.goto(self._home + path)

    def turn_to(self, paths: Sequence[str]) -> None:
        """Put other pages of the host in place of the open one, one below the other, under the policy of that."""
        self._page.evaluate(TURN, [f'/{path}' for path in paths])

    def insert(self, texts: Sequence[str]) -> None:
        """Add the texts to the page as scripts of readers do, each in a place of its own."""
        self._page.evaluate(INSERT, [text.encode('utf-8', 'replace').decode() for text in texts])

    def touch(self) -> int:
        """Click on all that there is, and what else hands and keys can do; how many elements there are."""
        elements: int = self._page.evaluate(TOUCH)
        self._ran.remove('touched')
        return elements

    def seen(self) -> Seen:
        """All that happened; at last the canary is let out."""
        ran, compiled, said = [*self._ran], [*self._compiled], [*self._said]
        canary = self._page.evaluate(CANARY)
        assert ('canary' in self._ran) is (canary == 'ran')
        return Seen(ran, compiled, [*self._asked], [*self._went], said, canary)

    def _compile(self, url: str) -> None:
        if url:  # those of the driver have none
            self._compiled.append(url.removeprefix(self._home))

    def _ask(self, route: Any) -> None:
        self._asked.append((route.request.resource_type, route.request.url))
        route.fulfill(status=204)

    def _dialog(self, dialog: Any) -> None:
        self._ran.append(f'dialog {dialog.message}')
        dialog.dismiss()


def bare(texts: Sequence[str] = ()) -> bytes:
    """The page of a reader that knows no harm: the texts as they came, and no policy."""
    shown = ''.join(f'<div class="entry">{text}</div>\n' for text in texts)
    page = f'<!doctype html><meta charset="utf-8"><title>t</title><body>{shown}'
    return page.encode('utf-8', 'replace')
