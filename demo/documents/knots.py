"""Five knots in steps. The working end is orange, the standing line green, a leader grey."""

from collections.abc import Callable

from demo.documents.strokes import (
    INK,
    RIVER,
    SIGNAL,
    STEEL,
    cord,
    label,
    move,
    number,
    ring,
    sheet,
    stroke,
)

WIDTH, HEIGHT, MIDDLE = 560, 130, 66
TURN, RADIUS = 26, 17


def _eye(x: float = 500) -> str:
    shank = stroke(f"M{x + 15} {MIDDLE} h60", STEEL, 7)
    return shank + ring(x, MIDDLE, 15)


def coil(
    start: float,
    turns: int,
    core: str,
    colour: str = SIGNAL,
    *,
    pitch: float = TURN,
    radius: float = RADIUS,
) -> str:
    """Return `turns` turns around what `core` draws: behind it, then the core, then in front."""
    behind, front = "", ""
    low, high = MIDDLE + radius, MIDDLE - radius
    for turn in range(turns):
        x, half = start + turn * pitch, pitch / 2
        behind += stroke(
            f"M{x + half} {high} C{x + half + 6} {high} {x + pitch - 6} {low} {x + pitch} {low}",
            colour,
            5,
        )
        front += cord(f"M{x} {low} C{x + 6} {low} {x + half - 6} {high} {x + half} {high}", colour)
    return behind + core + front


def _standing(to: float = 485) -> str:
    return cord(f"M40 {MIDDLE} H{to}")


def _step(figure: int, body: str) -> str:
    return number(24, 24, figure) + body


def _clinch() -> list[str]:
    back = f"M500 {MIDDLE + 15} C470 {MIDDLE + 44} 440 {MIDDLE + 24} 418 {MIDDLE + 17}"
    first = _eye() + _standing() + cord(f"M485 {MIDDLE} H505", RIVER)
    first += cord(f"M505 {MIDDLE} C545 {MIDDLE} 540 {MIDDLE + 44} 480 {MIDDLE + 42} H300", SIGNAL)
    second = _eye() + coil(288, 5, _standing()) + cord(back, SIGNAL)
    second += cord(
        f"M288 {MIDDLE + 17} C270 {MIDDLE + 17} 262 {MIDDLE + 34} 240 {MIDDLE + 36}", SIGNAL
    )
    third = _eye() + coil(288, 5, _standing()) + cord(back, SIGNAL)
    tag = f"M288 {MIDDLE + 17} C250 {MIDDLE + 10} 270 {MIDDLE + 52} 330 {MIDDLE + 52}"
    third += cord(
        f"{tag} S440 {MIDDLE + 52} 462 {MIDDLE + 26} S452 {MIDDLE - 36} 400 {MIDDLE - 40}", SIGNAL
    )
    fourth = _eye() + coil(398, 6, _standing(), pitch=13, radius=11)
    fourth += cord(
        f"M398 {MIDDLE + 11} C386 {MIDDLE + 12} 384 {MIDDLE - 20} 372 {MIDDLE - 24}", SIGNAL
    )
    return [first, second, third, fourth]


def _grinner() -> list[str]:
    loop = (
        f"M505 {MIDDLE} C548 {MIDDLE} 540 {MIDDLE + 44} 480 {MIDDLE + 42} H250 "
        f"C200 {MIDDLE + 40} 200 {MIDDLE - 40} 250 {MIDDLE - 40} H330"
    )
    first = _eye() + _standing() + cord(loop, SIGNAL)
    low = cord(f"M505 {MIDDLE} C548 {MIDDLE} 540 {MIDDLE + 28} 480 {MIDDLE + 8} H250", SIGNAL, 4)
    second = _eye() + coil(270, 5, _standing() + low)
    second += cord(
        f"M270 {MIDDLE + 17} C250 {MIDDLE + 20} 232 {MIDDLE + 4} 250 {MIDDLE + 8}", SIGNAL
    )
    second += cord(
        f"M400 {MIDDLE + 17} C425 {MIDDLE + 17} 430 {MIDDLE - 36} 452 {MIDDLE - 38}", SIGNAL
    )
    third = _eye() + coil(412, 5, _standing(), pitch=14, radius=11)
    third += cord(
        f"M482 {MIDDLE + 11} C492 {MIDDLE + 11} 470 {MIDDLE + 34} 458 {MIDDLE + 36}", SIGNAL
    )
    return [first, second, third]


def _palomar() -> list[str]:
    up, down = MIDDLE - 8, MIDDLE + 8
    pair = cord(f"M40 {up} H505") + cord(f"M150 {down} H505", SIGNAL)
    bight = cord(f"M505 {up} C550 {up} 550 {down} 505 {down}", SIGNAL)
    first = _eye() + pair + bight
    second = _eye() + cord(f"M40 {up} H300 C420 {up} 430 {MIDDLE} 485 {MIDDLE}")
    over = (
        "M485 72 C430 112 350 118 300 86 C268 62 288 18 336 22 C382 26 374 70 362 98 "
        "C354 120 396 126 412 112 C424 100 408 86 390 92"
    )
    second += cord(over, SIGNAL)
    third = stroke(f"M515 {MIDDLE} H560", STEEL, 7)
    third += cord(f"M40 {up} H330 C400 {up} 420 {MIDDLE} 485 {MIDDLE}") + _eye()
    third += cord(
        f"M400 {MIDDLE + 6} C380 {MIDDLE + 70} 560 {MIDDLE + 62} 548 {MIDDLE} "
        f"C540 {MIDDLE - 62} 380 {MIDDLE - 60} 396 {MIDDLE - 6}",
        SIGNAL,
    )
    third += cord(
        f"M372 {MIDDLE - 16} C410 {MIDDLE - 20} 410 {MIDDLE + 22} 372 {MIDDLE + 16}", SIGNAL
    )
    fourth = _eye() + _standing(470) + coil(440, 3, "", pitch=14, radius=12)
    fourth += cord(
        f"M440 {MIDDLE + 12} C428 {MIDDLE + 12} 420 {MIDDLE + 32} 404 {MIDDLE + 34}", SIGNAL
    )
    return [first, second, third, fourth]


def _double_grinner() -> list[str]:
    braid = cord(f"M40 {MIDDLE - 8} H420")
    leader = cord(f"M140 {MIDDLE + 8} H540", STEEL)
    first = braid + leader + label(44, 40, "Geflecht", size=14)
    first += label(536, 108, "Vorfach", size=14, anchor="end")
    second = coil(210, 5, cord(f"M40 {MIDDLE} H540", STEEL) + cord(f"M40 {MIDDLE} H210"), RIVER)
    second += cord(
        f"M210 {MIDDLE + 17} C190 {MIDDLE + 17} 180 {MIDDLE + 36} 160 {MIDDLE + 38}", RIVER
    )
    third = coil(130, 6, cord(f"M40 {MIDDLE} H330"), RIVER, pitch=13, radius=11)
    third = cord(f"M200 {MIDDLE} H540", STEEL) + third
    third += coil(360, 4, cord(f"M330 {MIDDLE} H540", STEEL), STEEL, pitch=14, radius=11)
    third += label(285, 118, "zueinander ziehen", size=14, anchor="middle")
    fourth = cord(f"M300 {MIDDLE} H540", STEEL) + cord(f"M40 {MIDDLE} H240")
    fourth += coil(236, 6, "", RIVER, pitch=10, radius=10) + coil(
        298, 4, "", STEEL, pitch=11, radius=10
    )
    return [first, second, third, fourth]


def _fg() -> list[str]:
    leader = cord(f"M120 {MIDDLE} H540", STEEL, 6)
    first = (
        leader
        + cord(
            f"M40 {MIDDLE - 26} C120 {MIDDLE - 26} 180 {MIDDLE - 10} 214 {MIDDLE + 14} "
            f"C226 {MIDDLE + 26} 250 {MIDDLE + 40} 300 {MIDDLE + 42}"
        )
        + label(536, 108, "Vorfach straff halten", size=14, anchor="end")
    )
    weave = coil(190, 10, leader, RIVER, pitch=18, radius=12)
    second = (
        weave
        + cord(f"M40 {MIDDLE + 12} H190")
        + label(280, 118, "20 Umschläge, abwechselnd", size=14, anchor="middle")
    )
    tight = coil(190, 16, leader, RIVER, pitch=10, radius=9)
    third = tight + cord(f"M40 {MIDDLE + 9} H190") + coil(356, 3, "", SIGNAL, pitch=16, radius=14)
    third += label(380, 118, "3 halbe Schläge", size=14, anchor="middle")
    fourth = coil(190, 16, cord(f"M190 {MIDDLE} H540", STEEL, 6), RIVER, pitch=10, radius=9)
    fourth += cord(f"M40 {MIDDLE + 9} H190") + coil(350, 2, "", SIGNAL, pitch=12, radius=11)
    fourth += stroke("M182 40 l20 -18 M202 40 l-20 -18", INK, 3) + label(
        212, 36, "Überstand kappen", size=14
    )
    return [first, second, third, fourth]


KNOTS: dict[str, Callable[[], list[str]]] = {
    "clinch": _clinch,
    "grinner": _grinner,
    "palomar": _palomar,
    "doppelter-grinner": _double_grinner,
    "fg": _fg,
}


def knot(name: str) -> str:
    """Return the steps of a knot, one below the other, as SVG."""
    steps = KNOTS[name]()
    body = "".join(
        move(_step(index + 1, step), 0, index * HEIGHT) for index, step in enumerate(steps)
    )
    return sheet(WIDTH + 20, HEIGHT * len(steps) + 6, body)
