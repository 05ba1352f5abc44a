"""What people ask of the books: what is available when, why, what it was, does it add up.

The short questions by their names: `why`, `as_of`, `drift`.
"""

from fulfilment.answers.explanations import Terms, why
from fulfilment.answers.history import AsOf, as_of
from fulfilment.proofs import Drift, drift

__all__ = ["AsOf", "Drift", "Terms", "as_of", "drift", "why"]
