"""What the film says and when: chapters and captions, German and English, in seconds."""

from __future__ import annotations

from dataclasses import dataclass

Caption = tuple[float, float, str, str]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter; captions count from its own start."""

    key: str
    seconds: int
    de: str
    en: str
    captions: tuple[Caption, ...]


CHAPTERS = (
    Chapter("title", 9, "Barsche mit Gummi: so geht’s", "Perch on soft lures: how it works", (
        (1.5, 5, "Barsche mit Gummi: so geht’s.", "Perch on soft lures: how it works."),
        (5, 8.8, "Drei Minuten. Am Ende wissen Sie, welcher Haken passt.",
         "Three minutes. At the end you know which hook fits."),
    )),
    Chapter("lure", 27, "Der Köder", "The lure", (
        (0.5, 4, "Ein Gummifisch hat einen weichen Körper.", "A shad has a soft body."),
        (4, 8.8, "Sein Schaufelschwanz schlägt schon bei langsamem Zug.",
         "Its paddle tail beats even on a slow pull."),
        (9.2, 13.5, "7 cm für den Barsch. 9 cm für Barsch und Zander.",
         "7 cm for perch. 9 cm for perch and zander."),
        (13.5, 17.8, "12 cm, wenn auch der Hecht kommen darf.",
         "12 cm if a pike is welcome too."),
        (18.2, 22.4, "Klares Wasser: natürliche Farben.", "Clear water: natural colours."),
        (22.4, 26.8, "Trübes Wasser: Farben, die man sieht.", "Murky water: colours that show."),
    )),
    Chapter("knot", 24, "Der Knoten", "The knot", (
        (0.4, 5.8, "Palomar-Knoten: die Schnur doppelt durch das Öhr führen.",
         "Palomar knot: pass the doubled line through the eye."),
        (6, 11.8, "Einen einfachen Knoten legen, noch nicht zuziehen.",
         "Tie a loose overhand knot, don't tighten it yet."),
        (12, 17.8, "Die Schlaufe über Haken und Köder streifen.",
         "Slip the loop over hook and lure."),
        (18, 23.8, "Anfeuchten, langsam zuziehen, Ende kürzen.",
         "Wet it, tighten slowly, trim the end."),
    )),
    Chapter("cast", 18, "Der Wurf", "The cast", (
        (0.5, 5, "Schnur mit dem Finger halten, Bügel öffnen.",
         "Hold the line with a finger, open the bail."),
        (5, 10, "Nach vorn beschleunigen und auf zehn Uhr loslassen.",
         "Speed up forwards and let go at ten o'clock."),
        (10.4, 17.6, "Bügel schließen, Rute auf zehn Uhr halten, Schnur straff.",
         "Close the bail, keep the rod at ten o'clock and the line tight."),
    )),
    Chapter("jig", 32, "Faulenzen", "Lift and drop", (
        (0.5, 5.6, "Den Köder bis zum Grund sinken lassen: die Schnur erschlafft.",
         "Let the lure sink to the bottom: the line goes slack."),
        (6, 11, "Zwei schnelle Kurbelumdrehungen heben ihn an.",
         "Two quick turns of the handle lift it."),
        (11, 17, "Anhalten. An gespannter Schnur sinkt er zurück.",
         "Stop. It sinks back on a tight line."),
        (17.4, 24, "Die Rute bleibt still, nur die Rolle arbeitet.",
         "The rod stays still, only the reel works."),
        (24.4, 31.6, "Bis zwei Sekunden Absinken: so passt das Gewicht.",
         "Up to two seconds of sinking: then the weight is right."),
    )),
    Chapter("bite", 18, "Der Biss", "The bite", (
        (0.5, 5.6, "Barsche beißen, wenn der Köder fällt.", "Perch bite while the lure falls."),
        (6.2, 10, "Ein kurzes Tock in der Rute: sofort anschlagen.",
         "A short tock in the rod: strike at once."),
        (10.2, 17.6, "Schnur gespannt halten. Die Bremse gibt nach, nicht der Knoten.",
         "Keep the line tight. The drag gives way, not the knot."),
    )),
    Chapter("release", 16, "Zurück ins Wasser", "Back into the water", (
        (0.4, 4.2, "Nasse Hände, nasse Matte, kurz messen.",
         "Wet hands, wet mat, measure briefly."),
        (4.2, 7.8, "Mindestmaß und Schonzeit gelten am Gewässer: vorher nachsehen.",
         "Size limits and closed seasons are local: look them up first."),
        (8.2, 15.6, "Was Sie nicht verwerten können, schwimmt schonend zurück.",
         "What you can't use swims back, handled gently."),
    )),
    Chapter("hooks", 36, "Andere Köder brauchen andere Haken", "Other lures need other hooks", (
        (0.4, 4.4, "Andere Köder brauchen andere Haken.", "Other lures need other hooks."),
        (4.4, 7, "Am Spinner hängt der Drilling hinten und frei.",
         "On a spinner the treble hangs free, at the back."),
        (7, 9.8, "Im Gummi sitzt der Haken im Köder.", "In a soft lure the hook sits inside."),
        (10.2, 14, "Krautfrei: Bullet-Gewicht auf die Schnur, Offset-Haken durch die Nase.",
         "Weedless: bullet weight on the line, offset hook through the nose."),
        (14, 18, "Haken drehen, das Öhr verschwindet in der Nase.",
         "Turn the hook, its eye disappears in the nose."),
        (18, 21.8, "Die Spitze flach in den Rücken: sie hakt den Fisch, nicht das Kraut.",
         "The point flat into the back: it hooks the fish, not the weed."),
        (22.2, 26.2, "Bis 7,5 cm: Größe 1/0. Für 9 bis 10 cm: 3/0.",
         "Up to 7.5 cm: size 1/0. For 9 to 10 cm: 3/0."),
        (26.2, 30.4, "Für 11 bis 13 cm: 4/0. Der Bogen ist etwas höher als der Rücken.",
         "For 11 to 13 cm: 4/0. The gap is a little deeper than the back."),
        (30.8, 35.8, "Andere Köder brauchen andere Haken. Die passenden stehen unter dem Film.",
         "Other lures need other hooks. The ones that fit are listed below the film."),
    )),
)  # fmt: skip

SECONDS = sum(chapter.seconds for chapter in CHAPTERS)


def starts() -> list[tuple[float, Chapter]]:
    """Return each chapter with its start in the film, in seconds."""
    at, found = 0.0, []
    for chapter in CHAPTERS:
        found.append((at, chapter))
        at += chapter.seconds
    return found
