"""The strokes of the guides' drawings: a sheet, cords whose crossings can be seen, labels."""

INK, MUTED, RIVER, SIGNAL = "#17211E", "#56615D", "#0E4F47", "#B8420F"
SAND, LINE, WATER, STEEL = "#F1EBDD", "#CFC6B3", "#D5E4E0", "#7E8785"


def sheet(width: int, height: int, body: str, ground: str = SAND) -> str:
    """Return an SVG on its own ground."""
    back = f'<rect width="{width}" height="{height}" rx="10" fill="{ground}"/>' if ground else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{back}{body}</svg>'
    )


def stroke(d: str, colour: str = INK, width: float = 4, *, dash: str = "") -> str:
    """Return a line with round ends."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{width}" '
        f'stroke-linecap="round" stroke-linejoin="round"{dashes}/>'
    )


def cord(d: str, colour: str = RIVER, width: float = 5, ground: str = SAND) -> str:
    """Return a cord: the casing lets it pass over whatever was drawn before."""
    casing = f'<path d="{d}" fill="none" stroke="{ground}" stroke-width="{width + 4}"/>'
    return casing + stroke(d, colour, width)


def fill(d: str, colour: str) -> str:
    """Return a filled shape."""
    return f'<path d="{d}" fill="{colour}"/>'


def dot(x: float, y: float, radius: float, colour: str = INK) -> str:
    """Return a filled circle."""
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{colour}"/>'


def ring(x: float, y: float, radius: float, colour: str = STEEL, width: float = 6) -> str:
    """Return a ring, such as the eye of a hook."""
    return (
        f'<circle cx="{x}" cy="{y}" r="{radius}" fill="none" stroke="{colour}" '
        f'stroke-width="{width}"/>'
    )


def label(x: float, y: float, text: str, *, size: int = 15, anchor: str = "start") -> str:
    """Return a caption inside a drawing."""
    return (
        f'<text x="{x}" y="{y}" font-family="Hanken Grotesk" font-size="{size}" fill="{INK}" '
        f'text-anchor="{anchor}">{text}</text>'
    )


def number(x: float, y: float, figure: int) -> str:
    """Return the figure of a step in a filled circle."""
    return dot(x, y, 15, RIVER) + (
        f'<text x="{x}" y="{y + 6}" font-family="Hanken Grotesk" font-weight="600" '
        f'font-size="17" fill="#FFFFFF" text-anchor="middle">{figure}</text>'
    )


def move(body: str, x: float, y: float, scale: float = 1) -> str:
    """Return a part at another place and size."""
    return f'<g transform="translate({x} {y}) scale({scale})">{body}</g>'
