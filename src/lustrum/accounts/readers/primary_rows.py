"""What a row of inputs is: by a code of the standards, by a standard name in full, or by asking.

A word inside a name decides nothing: "taxes on production and imports, less subsidies" are no imports. Words of many
languages only suggest an answer, which a person confirms.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from lustrum.accounts.assemble.interpretation import role as read_role

#: Kind of a row -> the code of the European System of Accounts under which accounts know it.
CODES: dict[str, str] = {
    "wages": "D1",
    "surplus": "B2A3G",
    "taxes_on_production": "D29X39",
    "value_added": "B1G",
    "taxes_on_products": "D21X31",
    "imports": "IMP",
}

#: Codes of ESA, SNA, the BEA and the OECD, without their signs.
_KNOWN_CODES: dict[str, tuple[str, ...]] = {
    "wages": ("d1", "d11", "d12", "v001", "v00100", "comp", "coe", "wages", "cofe", "d11wages", "d12social"),
    "surplus": (
        *("b2", "b3", "b2g", "b3g", "b2n", "b3n", "b2b3", "b2gb3g", "b2nb3n", "b2a3g", "b2a3n", "v003", "v00300"),
        *("gos", "nos", "gosmi", "gops", "p51c", "k1", "cfc", "surplus", "b2b3net"),
    ),
    "taxes_on_production": ("d29", "d39", "d29x39", "d29d39", "v002", "v00200", "taxesonproduction"),
    "taxes_on_products": (
        *("d21", "d31", "d21x31", "d21d31", "d211", "d212", "d214", "tlsproducts", "txsp", "vat", "customs"),
        *("d21taxes", "d31subsidies", "txsimpfnl", "txsintfnl", "taxesonproducts"),
    ),
    "value_added": ("b1g", "b1n", "b1", "gva", "va", "vabp", "valu", "valueadded"),
    "imports": ("p7", "impcif", "impused", "impother", "purr", "purchabroad", "intttm", "imports"),
}
#: Names of the standards and of offices, in full.
_KNOWN_NAMES: dict[str, tuple[str, ...]] = {
    "wages": ("compensation of employees", "wages and salaries", "employers' social contributions"),
    "surplus": (
        "operating surplus",
        "gross operating surplus",
        "net operating surplus",
        "mixed income",
        "gross operating surplus and mixed income",
        "gross operating surplus & mixed income",
        "operating surplus and mixed income, gross",
        "operating surplus and mixed income, net",
        "operating surplus, gross",
        "operating surplus, net",
        "consumption of fixed capital",
    ),
    "taxes_on_production": (
        "taxes less subsidies",
        "taxes on production and imports, less subsidies",
        "taxes on production and imports less subsidies",
        "other taxes on production",
        "other subsidies on production",
        "taxes less subsidies on production",
        "other taxes less subsidies on production",
        "other taxes on production less other subsidies on production",
    ),
    "taxes_on_products": (
        "taxes on products",
        "subsidies on products",
        "taxes less subsidies on products",
        "import duties",
        "customs duties",
        "taxes and duties on imports",
        "value added tax",
    ),
    "value_added": ("value added", "gross value added", "value added at basic prices", "value added, gross"),
    "imports": ("imports", "use of imported products", "use of imported products, cif", "competing imports"),
}
#: Parts of words in English, German, French, Spanish, Portuguese, Dutch, Italian, Swedish, Polish: suggestions only.
_WORDS: tuple[tuple[str, str], ...] = (
    (
        r"wage|salar|compensation|lohn|löhn|gehält|arbeitnehmerentgelt|rémunération|remunera|loon|redditi da|löne",
        "wages",
    ),
    (r"surplus|mixed income|überschuss|excédent|excedente|winst|risultato di gestione|överskott|nadwyżka", "surplus"),
    (r"depreciation|abschreibung|consumption of fixed|consommation de capital|verbruik vaste", "surplus"),
    (r"tax|dut(y|ies)|steuer|abgabe|impôt|impuesto|imposto|belasting|impost|skatt|podat|subsid|zöll|derecho", "taxes"),
    (r"einfuhr|import|importa|invoer|införsel", "imports"),
    (r"value added|wertschöpfung|valeur ajoutée|valor a[gñ]regado|toegevoegde waarde|valore aggiunto", "value_added"),
)


def known_kind(code: str, name: str = "") -> str | None:
    """The kind of a row whose code or whole name is one of the standards'; None for any other.

    Examples
    --------
    >>> known_kind("D1"), known_kind("", "Taxes on production and imports, less subsidies"), known_kind("Einfuhr")
    ('wages', 'taxes_on_production', None)
    """
    plain = re.sub(r"[\s._\-+&*/()]", "", code.casefold())
    for kind, codes in _KNOWN_CODES.items():
        if plain in codes:
            return kind
    for kind, own in CODES.items():
        if code.partition("_")[0] == own:
            return kind
    for words in (name, code):
        whole = " ".join(words.casefold().split())
        for kind, names in _KNOWN_NAMES.items():
            if whole in names:
                return kind
    return None


def suggested_kind(code: str, name: str = "") -> str | None:
    """What the words of a row suggest, to be confirmed."""
    text = f"{code} {name}".casefold()
    for pattern, kind in _WORDS:
        if re.search(pattern, text):
            if kind == "taxes":
                return (
                    "taxes_on_products" if re.search(r"product|produkt|produit|güter", text) else "taxes_on_production"
                )
            return kind
    return None


def code_of(kind: str, code: str, taken: Collection[str]) -> str:
    """A code under which accounts know the row for what it is; the office's own where that reads rightly."""
    role = "taxes" if kind.startswith("taxes") else kind
    own = CODES[kind]
    choices = [code, f"{own}_{code}", own, *(f"{own}_{k}" for k in range(2, 1000))]
    return next(c for c in choices if c and c not in taken and len(c) <= 100 and read_role(c, "") == role)
