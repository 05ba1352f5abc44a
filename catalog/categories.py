"""The tree of categories. It is small and read whole: one query, then walked in memory."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog import stamps
from catalog.facets import Facet, declared
from catalog.models import Category
from catalog.views import CategoryView
from kit.errors import NotFound


@dataclass(frozen=True)
class Tree:
    """All categories by slug, with the slugs of their children in the order in which they show."""

    all: dict[str, CategoryView]
    children: dict[str | None, tuple[str, ...]]
    facets: dict[str, tuple[Facet, ...]]

    def category(self, slug: str) -> CategoryView:
        """Return a category.

        Raises:
            NotFound: ``category``.
        """
        if slug not in self.all:
            raise NotFound("category", slug=slug)
        return self.all[slug]

    @property
    def departments(self) -> list[CategoryView]:
        """The categories without parent."""
        return self.below(None)

    def below(self, slug: str | None) -> list[CategoryView]:
        """Return the children of a category, or the departments for None."""
        return [self.all[child] for child in self.children.get(slug, ())]

    def path(self, slug: str) -> list[CategoryView]:
        """Return the way from the department down to the category itself.

        Raises:
            NotFound: ``category``.
        """
        way = [self.category(slug)]
        while (parent := way[0].parent) is not None and len(way) <= len(self.all):
            way.insert(0, self.all[parent])
        return way

    def subtree(self, slug: str) -> list[str]:
        """Return the slugs of a category and of everything below it.

        Raises:
            NotFound: ``category``.
        """
        return list(self._walk(self.category(slug).slug))

    def _walk(self, slug: str) -> Iterator[str]:
        yield slug
        for child in self.children.get(slug, ()):
            yield from self._walk(child)

    def facets_of(self, slug: str) -> tuple[Facet, ...]:
        """Return the facets a category declares, or else those of its nearest ancestor."""
        for category in reversed(self.path(slug)):
            if self.facets[category.slug]:
                return self.facets[category.slug]
        return ()


def tree(session: Session) -> Tree:
    """Return all categories."""
    return stamps.kept(session, "tree", lambda: _read(session))


def _read(session: Session) -> Tree:
    rows = session.scalars(select(Category).order_by(Category.position, Category.slug)).all()
    children: dict[str | None, list[str]] = {}
    for row in rows:
        children.setdefault(row.parent, []).append(row.slug)
    names = CategoryView.__dataclass_fields__
    return Tree(
        all={
            row.slug: CategoryView(**{name: getattr(row, name) for name in names}) for row in rows
        },
        children={parent: tuple(slugs) for parent, slugs in children.items()},
        facets={row.slug: declared(row.facets) for row in rows},
    )
