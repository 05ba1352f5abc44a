"""What Angelhaus Rhein has to say by law: its facts and texts, published as their first versions.

Only what is missing is published; whoever edits a text in the running demo keeps it.
"""

from sqlalchemy.orm import Session

from app.legal import pages, retailers, texts

ACTOR = "Katharina Adler"
NOTE = "Eröffnung des Shops"


def put_all(session: Session) -> int:
    """Publish the facts and every page that nobody has published yet; return how many."""
    made = 0
    if texts.in_force(session, retailers.PAGE) is None:
        facts = {"facts": {**retailers.RETAILER.plain(), "since": str(retailers.RETAILER.since)}}
        texts.publish(session, retailers.PAGE, facts, actor=ACTOR, note=NOTE)
        made += 1
    for page in pages.PAGES:
        if texts.in_force(session, page) is None:
            texts.publish(session, page, pages.draft_of(page), actor=ACTOR, note=NOTE)
            made += 1
    return made
