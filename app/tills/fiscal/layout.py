"""The files of a DSFinV-K export and their columns, in the order that the standard gives.

Source: DSFinV-K 2.4, chapter 3 (tables) and annex E (contents). A column is ``NAME:kind``: ``s`` a
text with its longest length, ``n`` a number with its decimal places, ``t`` an instant, ``b`` a yes
or no.
"""

from dataclasses import dataclass

VERSION = "2.4"
_KEY = "Z_KASSE_ID:s50 Z_ERSTELLUNG:t Z_NR:n0"
_BON = f"{_KEY} BON_ID:s40"


@dataclass(frozen=True)
class Column:
    """A column: `kind` as above, `size` the longest text or the decimal places."""

    name: str
    kind: str
    size: int


@dataclass(frozen=True)
class Table:
    """A file of the export."""

    file: str
    name: str
    columns: tuple[Column, ...]


def _columns(spec: str) -> tuple[Column, ...]:
    found = []
    for one in spec.split():
        name, _, kind = one.partition(":")
        found.append(Column(name, kind[0], int(kind[1:] or 0)))
    return tuple(found)


_SPECS = (
    ("lines.csv", "Bonpos", (
     f"{_BON} POS_ZEILE:s50 GUTSCHEIN_NR:s50 ARTIKELTEXT:s255 POS_TERMINAL_ID:s50 GV_TYP:s30"
     " GV_NAME:s40 INHAUS:b P_STORNO:b AGENTUR_ID:n0 ART_NR:s50 GTIN:s50 WARENGR_ID:s40"
     " WARENGR:s50 MENGE:n3 FAKTOR:n3 EINHEIT:s50 STK_BR:n5")),

    ("lines_vat.csv", "Bonpos_USt", (
     f"{_BON} POS_ZEILE:s50 UST_SCHLUESSEL:n0 POS_BRUTTO:n5 POS_NETTO:n5 POS_UST:n5")),

    ("itemamounts.csv", "Bonpos_Preisfindung", (
     f"{_BON} POS_ZEILE:s50 TYP:s20 UST_SCHLUESSEL:n0 PF_BRUTTO:n5 PF_NETTO:n5 PF_UST:n5")),

    ("subitems.csv", "Bonpos_Zusatzinfo", (
     f"{_BON} POS_ZEILE:s50 ZI_ART_NR:s50 ZI_GTIN:s50 ZI_NAME:s50 ZI_WARENGR_ID:s40"
     " ZI_WARENGR:s50 ZI_MENGE:n3 ZI_FAKTOR:n3 ZI_EINHEIT:s50 ZI_UST_SCHLUESSEL:n0"
     " ZI_BASISPREIS_BRUTTO:n5 ZI_BASISPREIS_NETTO:n5 ZI_BASISPREIS_UST:n5")),

    ("transactions.csv", "Bonkopf", (
     f"{_BON} BON_NR:n0 BON_TYP:s30 BON_NAME:s60 TERMINAL_ID:s50 BON_STORNO:b BON_START:t"
     " BON_ENDE:t BEDIENER_ID:s50 BEDIENER_NAME:s50 UMS_BRUTTO:n2 KUNDE_NAME:s50 KUNDE_ID:s50"
     " KUNDE_TYP:s50 KUNDE_STRASSE:s60 KUNDE_PLZ:s10 KUNDE_ORT:s62 KUNDE_LAND:s3"
     " KUNDE_USTID:s15 BON_NOTIZ:s255")),

    ("transactions_vat.csv", "Bonkopf_USt", (
     f"{_BON} UST_SCHLUESSEL:n0 BON_BRUTTO:n5 BON_NETTO:n5 BON_UST:n5")),

    ("allocation_groups.csv", "Bonkopf_AbrKreis", f"{_BON} ABRECHNUNGSKREIS:s50"),
    ("datapayment.csv", "Bonkopf_Zahlarten", (
     f"{_BON} ZAHLART_TYP:s25 ZAHLART_NAME:s60 ZAHLWAEH_CODE:s3 ZAHLWAEH_BETRAG:n2"
     " BASISWAEH_BETRAG:n2")),

    ("references.csv", "Bon_Referenzen", (
     f"{_BON} POS_ZEILE:s50 REF_TYP:s20 REF_NAME:s40 REF_DATUM:t REF_Z_KASSE_ID:s50"
     " REF_Z_NR:n0 REF_BON_ID:s40")),

    ("transactions_tse.csv", "TSE_Transaktionen", (
     f"{_BON} TSE_ID:n0 TSE_TANR:n0 TSE_TA_START:s30 TSE_TA_ENDE:s30 TSE_TA_VORGANGSART:s30"
     " TSE_TA_SIGZ:n0 TSE_TA_SIG:s512 TSE_TA_FEHLER:s200 TSE_VORGANGSDATEN:s500")),

    ("cashpointclosing.csv", "Stamm_Abschluss", (
     f"{_KEY} Z_BUCHUNGSTAG:s10 TAXONOMIE_VERSION:s10 Z_START_ID:s40 Z_ENDE_ID:s40 NAME:s60"
     " STRASSE:s60 PLZ:s10 ORT:s62 LAND:s3 STNR:s20 USTID:s15 Z_SE_ZAHLUNGEN:n2"
     " Z_SE_BARZAHLUNGEN:n2")),

    ("location.csv", "Stamm_Orte", (
     f"{_KEY} LOC_NAME:s60 LOC_STRASSE:s60 LOC_PLZ:s10 LOC_ORT:s62 LOC_LAND:s3 LOC_USTID:s15")),

    ("cashregister.csv", "Stamm_Kassen", (
     f"{_KEY} KASSE_BRAND:s50 KASSE_MODELL:s50 KASSE_SERIENNR:s70 KASSE_SW_BRAND:s50"
     " KASSE_SW_VERSION:s50 KASSE_BASISWAEH_CODE:s3 KEINE_UST_ZUORDNUNG:b")),

    ("slaves.csv", "Stamm_Terminals", (
     f"{_KEY} TERMINAL_ID:s50 TERMINAL_BRAND:s50 TERMINAL_MODELL:s50 TERMINAL_SERIENNR:s70"
     " TERMINAL_SW_BRAND:s50 TERMINAL_SW_VERSION:s50")),

    ("pa.csv", "Stamm_Agenturen", (
     f"{_KEY} AGENTUR_ID:n0 AGENTUR_NAME:s60 AGENTUR_STRASSE:s60 AGENTUR_PLZ:s10"
     " AGENTUR_ORT:s62 AGENTUR_LAND:s3 AGENTUR_STNR:s20 AGENTUR_USTID:s15")),

    ("vat.csv", "Stamm_USt", f"{_KEY} UST_SCHLUESSEL:n0 UST_SATZ:n2 UST_BESCHR:s55"),
    ("tse.csv", "Stamm_TSE", (
     f"{_KEY} TSE_ID:n0 TSE_SERIAL:s68 TSE_SIG_ALGO:s30 TSE_ZEITFORMAT:s31 TSE_PD_ENCODING:s5"
     " TSE_PUBLIC_KEY:s512 TSE_ZERTIFIKAT_I:s1000 TSE_ZERTIFIKAT_II:s1000"
     " TSE_ZERTIFIKAT_III:s1000 TSE_ZERTIFIKAT_IV:s1000 TSE_ZERTIFIKAT_V:s1000"
     " TSE_ZERTIFIKAT_VI:s1000 TSE_ZERTIFIKAT_VII:s1000")),

    ("businesscases.csv", "Z_GV_Typ", (
     f"{_KEY} GV_TYP:s30 GV_NAME:s40 AGENTUR_ID:n0 UST_SCHLUESSEL:n0 Z_UMS_BRUTTO:n5"
     " Z_UMS_NETTO:n5 Z_UST:n5")),

    ("payment.csv", "Z_Zahlart", (
     f"{_KEY} ZAHLART_TYP:s25 ZAHLART_NAME:s60 Z_ZAHLART_BETRAG:n2")),

    ("cash_per_currency.csv", "Z_Waehrungen", (
     f"{_KEY} ZAHLART_WAEH:s3 ZAHLART_BETRAG_WAEH:n2")),

)  # fmt: skip
TABLES = tuple(Table(file, name, _columns(spec)) for file, name, spec in _SPECS)

# VAT keys of the standard (annex E): rate in basis points → key and description.
VAT_KEYS = {
    1900: (1, "Allgemeiner Steuersatz"),
    700: (2, "Ermäßigter Steuersatz"),
    1070: (3, "Durchschnittssatz (§ 24 Abs. 1 Nr. 3 UStG)"),
    550: (4, "Durchschnittssatz (§ 24 Abs. 1 Nr. 1 UStG)"),
    0: (6, "Umsatzsteuerfrei"),
}
NOT_TAXABLE = 5

DTD_NAME = "gdpdu-01-08-2002.dtd"
# The elements of index.xml that these exports use, as the description standard declares them.
DTD = """<!ELEMENT DataSet (Version, DataSupplier?, Command*, Media+, Command*)>
<!ELEMENT Version (#PCDATA)>
<!ELEMENT DataSupplier (Name, Location, Comment)>
<!ELEMENT Name (#PCDATA)>
<!ELEMENT Location (#PCDATA)>
<!ELEMENT Comment (#PCDATA)>
<!ELEMENT Command (#PCDATA)>
<!ELEMENT Media (Name, Command*, Table+, Command*)>
<!ELEMENT Table (URL, Name?, Description?, (ANSI | Macintosh | OEM | UTF16 | UTF7 | UTF8)?,
  (DecimalSymbol, DigitGroupingSymbol)?, SkipNumBytes?, Range?, Epoch?, VariableLength)>
<!ELEMENT URL (#PCDATA)>
<!ELEMENT Description (#PCDATA)>
<!ELEMENT ANSI EMPTY>
<!ELEMENT Macintosh EMPTY>
<!ELEMENT OEM EMPTY>
<!ELEMENT UTF16 EMPTY>
<!ELEMENT UTF7 EMPTY>
<!ELEMENT UTF8 EMPTY>
<!ELEMENT DecimalSymbol (#PCDATA)>
<!ELEMENT DigitGroupingSymbol (#PCDATA)>
<!ELEMENT SkipNumBytes (#PCDATA)>
<!ELEMENT Range (From, (To | Length)?)>
<!ELEMENT From (#PCDATA)>
<!ELEMENT To (#PCDATA)>
<!ELEMENT Length (#PCDATA)>
<!ELEMENT Epoch (#PCDATA)>
<!ELEMENT VariableLength (ColumnDelimiter?, RecordDelimiter?, TextEncapsulator?,
  VariablePrimaryKey*, VariableColumn*, ForeignKey*)>
<!ELEMENT ColumnDelimiter (#PCDATA)>
<!ELEMENT RecordDelimiter (#PCDATA)>
<!ELEMENT TextEncapsulator (#PCDATA)>
<!ELEMENT VariablePrimaryKey (Name, Description?, (Numeric | AlphaNumeric | Date), MaxLength?)>
<!ELEMENT VariableColumn (Name, Description?, (Numeric | AlphaNumeric | Date), MaxLength?)>
<!ELEMENT Numeric (ImpliedAccuracy | Accuracy)?>
<!ELEMENT ImpliedAccuracy (#PCDATA)>
<!ELEMENT Accuracy (#PCDATA)>
<!ELEMENT AlphaNumeric EMPTY>
<!ELEMENT Date (Format?)>
<!ELEMENT Format (#PCDATA)>
<!ELEMENT MaxLength (#PCDATA)>
<!ELEMENT ForeignKey (Name+, References)>
<!ELEMENT References (#PCDATA)>
"""
