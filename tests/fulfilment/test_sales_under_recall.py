"""A till sells a lot that nobody calls back while another lot of the goods is called back."""

from tests.fulfilment.test_lots import BAIT, bait, balance, held, sell
from tests.fulfilment.test_recalls import books, recall

__all__ = ["bait", "books"]


def test_a_lot_that_the_books_lack_is_sold_and_found_by_its_name(books):
    recall(books)
    # All that the books know of in Bonn is called back; the customer holds another lot.
    assert balance(books, BAIT, "bonn") == (3, 3, 0, 0)
    sold = sell(books, BAIT, 2, {"C3": 2}, "bonn")
    assert (sold.found, sold.lost, sold.repeated) == ([(BAIT, 2)], [], False)
    assert balance(books, BAIT, "bonn") == (3, 3, 0, 0)
    assert held(books, BAIT, "bonn") == {"A1": (3, 3, 0, 0)}
    again = sell(books, BAIT, 2, {"C3": 2}, "bonn")
    assert (again.found, again.repeated) == ([(BAIT, 2)], True)
