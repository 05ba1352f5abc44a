"""The sink's HTML and its style: the product's tokens, plain and readable on a phone."""

from datetime import datetime
from html import escape
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

from local.mail_sink.store import Mail

BERLIN = ZoneInfo("Europe/Berlin")
HERE = Path(__file__).resolve().parent


def style() -> str:
    """Return the sink's style sheet."""
    return (HERE / "style.css").read_text()


def watcher() -> str:
    """Return the script that shows new mails by itself."""
    return (HERE / "watch.js").read_text()


def _when(at: datetime) -> str:
    local = at.astimezone(BERLIN)
    return f'<time datetime="{at.isoformat()}">{local:%d.%m.%Y, %H:%M:%S}</time>'


def _document(title: str, body: str) -> str:
    return (
        '<!doctype html>\n<html lang="de"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · Postausgang</title>"
        '<link rel="icon" href="data:,">'
        '<link rel="stylesheet" href="/static/css/tokens.css">'
        '<link rel="stylesheet" href="/style.css"></head>'
        '<body><header><a class="brand" href="/">Postausgang</a>'
        "<p>Was der Shop verschickt hat. Nichts davon verlässt diesen Rechner.</p></header>"
        f"<main>{body}</main></body></html>\n"
    )


def index(mails: list[Mail], wanted: str) -> str:
    """Return the list of mails, the newest first."""
    search = (
        '<form method="get" role="search"><label for="to">Empfänger</label>'
        f'<input id="to" name="to" type="search" value="{escape(wanted)}" autocomplete="off">'
        "<button>Filtern</button></form>"
    )
    count = "1 Nachricht" if len(mails) == 1 else f"{len(mails)} Nachrichten"
    rows = "".join(
        f'<li><a href="/messages/{mail.id}"><span class="to">{escape(mail.to)}</span>'
        f"{_when(mail.at)}<strong>{escape(mail.subject) or '(ohne Betreff)'}</strong></a></li>"
        for mail in mails
    )
    listed = f'<ol class="mails">{rows}</ol>' if rows else '<p class="none">Noch keine Post.</p>'
    watch = f'<script src="/watch.js" data-count="{len(mails)}" defer></script>'
    return _document("Alle", f'{search}<h1>{count}</h1><div id="list">{listed}</div>{watch}')


def mail(mail: Mail) -> str:
    """Return one mail: head, HTML part in a frame, text part, files."""
    facts = (
        f"<dl><dt>An</dt><dd>{escape(mail.to)}</dd><dt>Von</dt><dd>{escape(mail.sender)}</dd>"
        f"<dt>Zeit</dt><dd>{_when(mail.at)}</dd></dl>"
    )
    files = "".join(
        f'<li><a href="/messages/{mail.id}/files/{quote(each.name)}">{escape(each.name)}</a>'
        f" <small>{escape(each.content_type)}, {len(each.content)} Byte</small></li>"
        for each in mail.attachments
    )
    parts = [f"<h1>{escape(mail.subject) or '(ohne Betreff)'}</h1>", facts]
    if mail.html:
        parts.append(
            f'<section><h2>Ansicht</h2><iframe title="Ansicht der Nachricht" '
            f'src="/messages/{mail.id}/html" sandbox="allow-popups '
            'allow-popups-to-escape-sandbox"></iframe></section>'
        )
    if mail.text:
        parts.append(f"<section><h2>Nur Text</h2><pre>{escape(mail.text)}</pre></section>")
    if files:
        parts.append(f"<section><h2>Anhänge</h2><ul>{files}</ul></section>")
    return _document(mail.subject, "".join(parts) + '<p><a href="/">Alle Nachrichten</a></p>')


def outward(html: str) -> str:
    """Return a mail's HTML with links that leave its frame."""
    return f'<base target="_blank">{html}'


def missing() -> str:
    """Return the page for an address without a mail."""
    return _document("Nicht gefunden", '<h1>Diese Nachricht gibt es nicht</h1><a href="/">Alle</a>')
