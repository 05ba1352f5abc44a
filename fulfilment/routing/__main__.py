"""Route one published instance: `python -m fulfilment.routing < instance.json`.

Prints one JSON object: the plan as [location index, line index, quantity], its cost in cents,
whether it is proved, the lower bound, and why (cost by component, what was excluded, who lost).
"""

import json
import sys

from fulfilment.routing.decide import decide
from fulfilment.routing.referee import read


def main() -> None:
    """Read an instance from standard input and print the answer."""
    instance = json.load(sys.stdin)
    decision = decide(read(instance))
    plain = decision.to_json()
    index = {location["id"]: n for n, location in enumerate(instance["locations"])}
    answer = {
        "plan": [[index[a.location], int(a.key), a.quantity] for a in decision.assignments],
        "cost_minor": decision.cost.total,
        "proved": decision.proved,
        "lower_bound_minor": decision.lower_bound_minor,
        "why": {name: plain[name] for name in ("cost", "exclusions", "alternatives")},
    }
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
