"""The papers of Angelhaus Rhein: guides and manuals, set by Typst from the texts in this folder."""
