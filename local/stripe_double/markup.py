"""The HTML of the pages. No scripts: every page works with links and forms alone."""

from __future__ import annotations

import time
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from .cards import CARDS, by_number
from .ibans import ACCOUNTS
from .money import shown
from .store import Object
from .texts import TEXTS

UNFOLDED_LINES = 4
MINUTES_SHOWN = 90


@dataclass(frozen=True)
class Words:
    """The texts of one language, with the merchant's name at hand."""

    language: str
    merchant: str

    def __call__(self, key: str, **values: str) -> str:
        """The text with its values, safe for HTML."""
        return escape(TEXTS[self.language][key].format(merchant=self.merchant, **values))


@dataclass
class Typed:
    """What the customer has put into the form."""

    number: str = "4242 4242 4242 4242"
    expiry: str = "12/34"
    cvc: str = "123"
    name: str = ""
    email: str = ""
    iban: str = "DE89 3704 0044 0532 0130 00"


def grouped(number: str) -> str:
    """Write `4242424242424242` as `4242 4242 4242 4242`."""
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4))


def document(words: Words, title: str, body: str) -> str:
    """The page around `body`, with the notice that this is a model."""
    return f"""<!doctype html>
<html lang="{words.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/c/style.css">
</head>
<body>
<aside class="notice" aria-label="{words("model")}"><strong>{words("model")}</strong>
<span>{words("model_more")}</span></aside>
{body}
</body>
</html>
"""


def payment_page(
    words: Words, session: Object, lines: list[Object], typed: Typed, problem: str | None
) -> str:
    """The page with the order on one side and the card form on the other."""
    amount = shown(session["amount_total"], session["currency"], words.language)
    body = f"""<div class="pay">
<header class="order">
{_back(words, session)}
<p class="merchant">{words("pay_to")}</p>
<p class="total"><span>{words("total")}</span> <strong>{amount}</strong></p>
<details{" open" if len(lines) <= UNFOLDED_LINES else ""}>
<summary>{words("details")}</summary>
<ul class="lines">{"".join(_line(words, line) for line in lines)}</ul>
</details>
</header>
<main>
<h1>{words("card")}</h1>
{_problem(words, problem)}
{_form(words, session, typed, problem, amount)}
{_test_cards(words, session, typed)}
{_debit_form(words, session, typed, problem, amount)}
<p class="until">{_left(words, session["expires_at"])}</p>
</main>
</div>"""
    return document(words, f"{amount} · {words('pay_to')}", body)


def _left(words: Words, expires_at: int) -> str:
    """How long the page is valid; not a time of day, which a moved shop clock would belie."""
    minutes = max(1, round((expires_at - time.time()) / 60))
    if minutes <= MINUTES_SHOWN:
        return words("until_minutes", left=str(minutes))
    return words("until_hours", left=str(round(minutes / 60)))


def _back(words: Words, session: Object) -> str:
    if not session["cancel_url"]:
        return ""
    return (
        f'<a class="back" href="{escape(session["cancel_url"])}"><span aria-hidden="true">←</span>'
        f" {words('back')}</a>"
    )


def _line(words: Words, line: Object) -> str:
    total = shown(line["amount_total"], line["currency"], words.language)
    quantity = ""
    if line["quantity"] > 1:
        unit = shown(line["price"]["unit_amount"], line["currency"], words.language)
        quantity = f"<small>{line['quantity']} × {unit}</small>"
    note = f"<small>{escape(line['note'])}</small>" if line["note"] else ""
    return f"<li><span>{escape(line['description'])}{quantity}{note}</span> <b>{total}</b></li>"


def _problem(words: Words, problem: str | None) -> str:
    if not problem:
        return ""
    return (
        f'<p class="problem" id="problem" role="alert"><strong>{words("error")}.</strong>'
        f" {words(problem)}</p>"
    )


_FIELD_OF = {
    "incorrect_number": "number",
    "not_a_test_card": "number",
    "generic_decline": "number",
    "insufficient_funds": "number",
    "invalid_expiry_month": "expiry",
    "expired_card": "expiry",
    "invalid_cvc": "cvc",
    "invalid_email": "email",
    "not_a_test_account": "iban",
}


def _form(words: Words, session: Object, typed: Typed, problem: str | None, amount: str) -> str:
    wrong = _FIELD_OF.get(problem or "")

    def field(name: str, value: str, extra: str) -> str:
        marked = ' aria-invalid="true" aria-describedby="problem"' if name == wrong else ""
        return (
            f'<p class="field {name}"><label for="{name}">{words(name)}</label>'
            f'<input id="{name}" name="{name}" value="{escape(value)}" required'
            f" {extra}{marked}></p>"
        )

    numeric = 'inputmode="numeric" autocomplete="off" spellcheck="false"'
    email = ""
    if session["customer_email"]:
        email = (
            f'<p class="known"><span>{words("email")}</span>'
            f" <b>{escape(session['customer_email'])}</b></p>"
        )
    else:
        email = field("email", typed.email, 'type="email" autocomplete="off"')
    return f"""<form method="post" action="/c/pay/{session["id"]}">
{email}
<div class="card">
{field("number", typed.number, numeric + ' maxlength="23"')}
{field("expiry", typed.expiry, numeric + ' maxlength="7"')}
{field("cvc", typed.cvc, numeric + ' maxlength="4"')}
</div>
{field("name", typed.name or "Klaus Testmann", 'autocomplete="off" maxlength="100"')}
<button type="submit">{words("pay", amount=amount)}</button>
</form>"""


def _test_cards(words: Words, session: Object, typed: Typed) -> str:
    chosen = by_number(typed.number)
    items = []
    for card in CARDS:
        current = ' aria-current="true"' if card == chosen else ""
        items.append(
            f'<li><a href="/c/pay/{session["id"]}?card={quote(card.number)}"{current}>'
            f"<b>{words(card.label)}</b>"
            f" <code><span>{grouped(card.number[:-4])} </span>{card.last4}</code></a></li>"
        )
    return f"""<section class="test-cards" aria-labelledby="test-cards">
<h2 id="test-cards">{words("test_cards")}</h2>
<p>{words("test_cards_more")}</p>
<ul>{"".join(items)}</ul>
</section>"""


def _debit_form(
    words: Words, session: Object, typed: Typed, problem: str | None, amount: str
) -> str:
    if "sepa_debit" not in session["payment_method_types"]:
        return ""
    wrong = ' aria-invalid="true" aria-describedby="problem"'
    marked = wrong if problem == "not_a_test_account" else ""
    email = ""
    if not session["customer_email"]:
        email = (
            f'<p class="field"><label for="debit-email">{words("email")}</label><input'
            f' id="debit-email" name="email" value="{escape(typed.email)}" type="email" required'
            ' autocomplete="off"></p>'
        )
    accounts = "".join(
        f"<li><b>{words(one.label)}</b> <code>{grouped(one.iban)}</code></li>" for one in ACCOUNTS
    )
    return f"""<details class="debit"{" open" if marked else ""}>
<summary>{words("debit")}</summary>
<form method="post" action="/c/pay/{session["id"]}">
{email}
<p class="field"><label for="iban">IBAN</label><input id="iban" name="iban"
 value="{escape(typed.iban)}" required autocomplete="off" spellcheck="false"
 maxlength="42"{marked}></p>
<p class="field"><label for="holder">{words("holder")}</label><input id="holder" name="name"
 value="{escape(typed.name or "Klaus Testmann")}" required autocomplete="off" maxlength="100"></p>
<p class="until">{words("mandate")}</p>
<button type="submit">{words("debit_submit", amount=amount)}</button>
</form>
<h2>{words("test_accounts")}</h2>
<ul class="accounts">{accounts}</ul>
<p class="until">{words("debit_more")}</p>
</details>"""


def message_page(words: Words, key: str, link: tuple[str, str] | None, mark: str) -> str:
    """A short page: a title, a sentence, and where to go from here."""
    onward = ""
    if link:
        onward = f'<p><a class="button" href="{escape(link[0])}">{words(link[1])}</a></p>'
    title = words(f"{key}_title")
    body = f"""<main class="message {mark}">
<p class="mark" aria-hidden="true">{"✓" if mark == "good" else "!"}</p>
<h1>{title}</h1>
<p>{words(key)}</p>
{onward}
</main>"""
    return document(words, title, body)


def challenge_page(words: Words, intent: Object, last4: str, action: str) -> str:
    """The bank's question, with approve and decline."""
    amount = shown(intent["amount"], intent["currency"], words.language)
    body = f"""<main class="bank">
<p class="bank-name"><span aria-hidden="true">M</span>{words("bank")}<small>3-D Secure</small></p>
<h1>{words("bank_title")}</h1>
<dl>
<div><dt>{words("merchant")}</dt><dd>{words("pay_to")}</dd></div>
<div><dt>{words("amount")}</dt><dd>{amount}</dd></div>
<div><dt>{words("number")}</dt><dd>•••• {last4}</dd></div>
</dl>
<p>{words("bank_more")}</p>
<form method="post" action="{action}">
<button name="decision" value="approve">{words("approve")}</button>
<button name="decision" value="fail" class="quiet">{words("fail")}</button>
</form>
</main>"""
    return document(words, words("bank_title"), body)


def index_page(words: Words, sessions: list[Object]) -> str:
    """The model's front page: what it is and the last payments."""
    rows = "".join(
        f"<tr><td>{escape(item['metadata'].get('order_ref') or item['id'][:14] + '…')}</td>"
        f"<td>{shown(item['amount_total'], item['currency'], words.language)}</td>"
        f"<td>{escape(item['status'])} · {escape(item['payment_status'])}</td></tr>"
        for item in sessions
    )
    body = f"""<main class="index">
<h1>{words("model")}</h1>
<p>{words("model_more")}</p>
<table>
<thead><tr><th>{words("order")}</th><th>{words("amount")}</th><th>{words("state")}</th></tr></thead>
<tbody>{rows or "<tr><td colspan=3>–</td></tr>"}</tbody>
</table>
<p><a href="/debits">{words("debits")}</a> · <a href="/readers">{words("readers")}</a>
 · <a href="/_double/">/_double/</a> · <a href="/_double/webhooks">/_double/webhooks</a></p>
</main>"""
    return document(words, words("model"), body)
