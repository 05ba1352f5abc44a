"""A shop with several web processes, and buyers who come by HTTP as a browser without script."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import requests

from local import ports, shop, supervisor
from local.processes import Household, wait_until
from tests.conftest import WEBHOOK_SECRET
from tests.web.storefront import FORM

PROCESSES, THREADS = 3, 4
START_SECONDS = 60
ANSWER_SECONDS = 120
CARD = {"number": "4242 4242 4242 4242", "expiry": "12/34", "cvc": "123", "name": "K. Müller"}


@contextmanager
def doors(database_url: str, redis_url: str, stripe: str) -> Iterator[str]:
    """Run the shop's web server with several processes; yield its address."""
    folder = Path(tempfile.mkdtemp(prefix="kontor-doors-"))
    household = Household(folder)
    household.scratch(folder)
    port = ports.any_free()
    address = f"http://{ports.HOST}:{port}"
    environment = shop.environment(
        DATABASE_URL=database_url,
        REDIS_URL=redis_url,
        KONTOR_DATA=str(folder),
        KONTOR_PUBLIC_URL=address,
        KONTOR_SECRET_KEY="known to every process of the rush",
        STRIPE_API_KEY="sk_test_double",
        STRIPE_WEBHOOK_SECRET=WEBHOOK_SECRET,
        STRIPE_API_BASE=stripe,
    )
    web = household.start(shop.web(environment, ports.HOST, port, PROCESSES, THREADS))
    try:
        wait_until(lambda: supervisor.answers(f"{address}/healthz"), web, START_SECONDS)
        yield address
    except BaseException:
        print((folder / "web.log").read_text()[-6_000:])
        raise
    finally:
        household.close()
        shutil.rmtree(folder, ignore_errors=True)


class WebBuyer:
    """One buyer: a session cookie, a basket, and what the last page said."""

    def __init__(self, address: str, number: int) -> None:
        self.number = number
        self._address = address
        self._http = requests.Session()
        # A server may close an idle connection in the moment in which it is used again; a browser
        # would try once more.
        self._http.headers["Connection"] = "close"
        # As browsers say it of a form of the page itself.
        self._http.headers["Sec-Fetch-Site"] = "same-origin"
        self._token = ""
        self._total = ""
        self.order_ref = ""
        self.said = ""

    def fill(self, sku: str) -> None:
        """Put one unit into the basket."""
        self._get(f"/artikel/{sku.lower()}")
        self._post("/warenkorb/artikel", sku=sku, quantity="1")

    def review(self) -> bool:
        """Fill in the form and see the review; False where the shop has nothing to sell."""
        self._post("/bestellen", **{**FORM, "email": f"buyer-{self.number}@example.org"})
        total = re.search(r'name="total_minor" value="(\d+)"', self.said)
        self._total = total.group(1) if total else ""
        return total is not None

    def order(self) -> str | None:
        """Press the button; return the address of the payment page, None if it was too late."""
        answer = self._http.post(
            f"{self._address}/bestellen/pruefen",
            data={"csrf_token": self._token, "total_minor": self._total},
            allow_redirects=False,
            timeout=ANSWER_SECONDS,
        )
        assert answer.status_code == 303, (answer.status_code, answer.text[:300])
        where = answer.headers["Location"]
        if "/c/pay/" in where:
            return where
        assert urlsplit(where).path == "/warenkorb"
        self._get("/warenkorb")
        return None

    def pay(self, page: str) -> str:
        """Pay, come back to the shop, and return the reference of the order."""
        paid = self._http.post(page, data=CARD, allow_redirects=False, timeout=ANSWER_SECONDS)
        assert paid.status_code == 303, (paid.status_code, paid.text[:300])
        self._seen(self._http.get(paid.headers["Location"], timeout=ANSWER_SECONDS))
        assert "Danke, " in self.words()
        return self.order_ref

    def words(self) -> str:
        """Return what the last page said, without tags."""
        text = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", self.said, flags=re.DOTALL)
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text)))

    def _get(self, path: str) -> None:
        self._seen(self._http.get(f"{self._address}{path}", timeout=ANSWER_SECONDS))

    def _post(self, path: str, **form: str) -> None:
        data = {"csrf_token": self._token, **form}
        self._seen(self._http.post(f"{self._address}{path}", data=data, timeout=ANSWER_SECONDS))

    def _seen(self, answer: requests.Response) -> None:
        # No 5xx, ever; and no page of this way is missing.
        assert answer.status_code == 200, (answer.url, answer.status_code, answer.text[:300])
        self.said = answer.text
        token = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
        self._token = token.group(1) if token else self._token
        ref = re.fullmatch(r"/bestellung/([A-Z0-9-]+)", urlsplit(answer.url).path)
        self.order_ref = ref.group(1) if ref else self.order_ref
