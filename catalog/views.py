"""What the catalog hands out: frozen values with texts in both languages, never rows."""

from dataclasses import dataclass, field
from typing import Any

GERMAN = "de"
OF_AGE = 18


def goods_group(shipping_group: str, age_min: int) -> str:
    """Return the goods group by which something is sent: ``std``, ``bulky``, ``std-18``.

    What is for adults has a group of its own, so that it never shares a parcel with other goods and
    goes only with a service whose carrier looks at the age (section 34 WaffG, section 10 JuSchG).

    Args:
        shipping_group: as the item has it.
        age_min: from which age it may be given out.
    """
    return f"{shipping_group}-{OF_AGE}" if age_min >= OF_AGE else shipping_group


@dataclass(frozen=True)
class CategoryView:
    """A shelf of the shop; `parent` is None for a department."""

    slug: str
    parent: str | None
    name_de: str
    name_en: str
    title_de: str
    title_en: str
    intro_de: str
    intro_en: str
    position: int

    def name(self, language: str) -> str:
        """Return the name in `language` (``de`` or ``en``)."""
        return self.name_de if language == GERMAN else self.name_en

    def title(self, language: str) -> str:
        """Return the heading of its page in `language`: the title, or else the name."""
        return (self.title_de if language == GERMAN else self.title_en) or self.name(language)

    def intro(self, language: str) -> str:
        """Return the introduction in `language`."""
        return self.intro_de if language == GERMAN else self.intro_en


@dataclass(frozen=True)
class ItemView:
    """One variant as it is shown, scanned and sold.

    `gtin` has 14 digits, `attributes` are those of the product overlaid by those of the variant,
    `picture` is a path below the media folder; `pictures` are further ones (``path``, ``de``,
    ``en``). What is a draft or withdrawn is not `sellable`.
    """

    sku: str
    gtin: str | None
    product_slug: str
    category: str
    family: str
    brand: str
    type_number: str | None
    name_de: str
    name_en: str
    variant_de: str
    variant_en: str
    attributes: dict[str, Any]
    weight_grams: int
    vat_basis_points: int
    shipping_group: str
    content_quantity: int | None
    content_unit: str | None
    age_min: int
    sellable: bool
    picture: str | None
    pictures: list[Any] = field(default_factory=list)
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None

    @property
    def adults_only(self) -> bool:
        """Whether it is given to adults only, by somebody who looks (JuSchG 10, WaffG 2)."""
        return self.age_min >= OF_AGE

    @property
    def goods_group(self) -> str:
        """The goods group of its parcels; what is for adults has one of its own."""
        return goods_group(self.shipping_group, self.age_min)

    @property
    def longest_mm(self) -> int:
        """The longest side of the packed unit in millimetres; 0 where it was never measured."""
        return max(self.length_mm or 0, self.width_mm or 0, self.height_mm or 0)

    def name(self, language: str) -> str:
        """Return the product's name in `language`."""
        return self.name_de if language == GERMAN else self.name_en

    def variant(self, language: str) -> str:
        """Return what tells this variant from the others, in `language`; empty for an only one."""
        return self.variant_de if language == GERMAN else self.variant_en

    def title(self, language: str) -> str:
        """Return name and variant, e.g. ``Rheinshad 9 cm, motoroil``."""
        return f"{self.name(language)} {self.variant(language)}".rstrip()

    @property
    def gtin_shown(self) -> str | None:
        """The GTIN with 13 digits as people know it; 14 where the first digit is not 0."""
        if self.gtin is None:
            return None
        return self.gtin.removeprefix("0")


@dataclass(frozen=True)
class ProductView:
    """A product with its variants in the order in which they are shown."""

    slug: str
    category: str
    family: str
    name_de: str
    name_en: str
    text_de: str
    text_en: str
    brand: str
    type_number: str | None
    maker: dict[str, Any]
    safety_de: str
    safety_en: str
    age_min: int
    weee_number: str | None
    attributes: dict[str, Any]
    items: tuple[ItemView, ...]
    state: str = "published"
    series: str | None = None
    electrical: bool = False
    batteries: bool = False
    battery_number: str | None = None
    weapon_class: str = "none"
    guarantee: dict[str, Any] = field(default_factory=dict)

    def name(self, language: str) -> str:
        """Return the name in `language`."""
        return self.name_de if language == GERMAN else self.name_en

    def text(self, language: str) -> str:
        """Return the description in `language`."""
        return self.text_de if language == GERMAN else self.text_en

    def safety(self, language: str) -> str:
        """Return the safety information in `language` (GPSR, article 19)."""
        return self.safety_de if language == GERMAN else self.safety_en


@dataclass(frozen=True)
class DocumentView:
    """A manual, guide, table, safety sheet or film; `path` lies below the media folder."""

    slug: str
    kind: str
    title_de: str
    title_en: str
    summary_de: str
    summary_en: str
    language: str
    path: str
    pages: int | None
    seconds: int | None
    bytes: int
    type_number: str | None
    facts: dict[str, Any]

    def title(self, language: str) -> str:
        """Return the title in `language`."""
        return self.title_de if language == GERMAN else self.title_en

    def summary(self, language: str) -> str:
        """Return the summary in `language`."""
        return self.summary_de if language == GERMAN else self.summary_en


@dataclass(frozen=True)
class Hit:
    """A category, a store or a help page; `ref` is the slug or the location code."""

    kind: str
    ref: str
    title_de: str
    title_en: str

    def title(self, language: str) -> str:
        """Return the title in `language`."""
        return self.title_de if language == GERMAN else self.title_en
