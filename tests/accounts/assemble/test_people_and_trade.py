"""Needs, labour, resources, partners: from the source where it has them, else by the rule that the provenance names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.accounts.assemble.made import CODES, table

from lustrum.accounts.assemble.economy import to_economy
from lustrum.accounts.assemble.interpretation import Options, capital_income, role
from lustrum.accounts.economy import Economy, Labels
from lustrum.accounts.national.table import FinalUse, ProductTable, Satellite
from lustrum.errors import TableError

N = len(CODES)


def says(e: Economy, *words: str) -> bool:
    return any(all(w in f"{c.step} {c.where} {c.what} {c.why}" for w in words) for c in e.provenance)


def by_need(e: Economy) -> dict[str, float]:
    return dict(zip(e.codes("need"), e.values("consumption")[0].tolist(), strict=True))


def test_a_shipped_concordance_is_chosen_by_the_codes() -> None:
    e = to_economy(table())
    spent = dict(zip(CODES, table().final_of("household"), strict=True))
    assert by_need(e)["health"] == pytest.approx(spent["Q86"] + 0.07 * spent["G47"])
    assert by_need(e)["housing"] == pytest.approx(spent["L68"] + spent["F"])
    assert sum(by_need(e).values()) == pytest.approx(sum(spent.values()))
    assert says(e, "ISIC rev. 4")


def test_a_file_of_the_user_comes_first(tmp_path: Path) -> None:
    file = tmp_path / "needs.csv"
    rows = [f"{c},{'food' if c in ('A01', 'C10') else 'rest'},1" for c in CODES]
    file.write_text("product,need,share\n" + "\n".join(rows) + "\n", encoding="utf-8")
    e = to_economy(table(), Options(needs=file))
    assert by_need(e) == pytest.approx({"food": 21.0, "rest": table().final_of("household")[2:].sum()})


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("A01,food,0.5", "do not add up"),
        ("A01,food,1\nA01,food,1", "twice"),
        ("A02,food,1", "did you mean 'A01'"),
        ("A01,food,half", "not a number"),
        ("A01,,1", "no code"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_its_line(tmp_path: Path, line: str, words: str) -> None:
    file = tmp_path / "needs.csv"
    file.write_text("product,need,share\n" + line + "\n", encoding="utf-8")
    with pytest.raises(TableError, match=words) as caught:
        to_economy(table(), Options(needs=file))
    assert "needs.csv" in str(caught.value)


def test_the_sources_own_purposes_are_used_and_margins_go_with_goods() -> None:
    figures = np.zeros((N, 2))
    figures[:, 0] = [8.0, 10, 0, 0, 0, 0, 0]  # food: from farms and food makers
    figures[:, 1] = [2.0, 0, 12, 13, 0, 15, 16]
    purposes = ProductTable(Labels(("food", "rest"), ("Food", "The rest")), figures, "purchaser")
    e = to_economy(table(tables={"needs": purposes}))
    goods = np.array([0.8 * 10 + 11, 0.2 * 10 + 12])
    trade = 14.0 * goods / goods.sum()
    assert by_need(e)["food"] == pytest.approx(0.8 * 10 + 11 + trade[0])
    assert says(e, "trade margins")
    assert says(e, "purchasers' prices stand for those at basic prices")


def test_labour_is_persons_then_hours_then_wages() -> None:
    persons, hours = 1.0 + np.arange(N), 2.0 + np.arange(N)
    both = Satellite(
        Labels(("hours", "persons"), ("Hours", "Persons employed"), ("million", "thousand")),
        np.stack([hours, persons]),
        "labour",
    )
    with_both = table(satellites={"work": both})
    e = to_economy(with_both)
    assert e.codes("skill") == ("persons",)
    assert e.unit_of("skill", "persons") == "thousand"
    assert e.values("labour_supply")[0] == pytest.approx(persons.sum())
    assert says(e, "hours left aside")
    assert to_economy(with_both, Options(labour="hours")).codes("skill") == ("hours",)
    with pytest.raises(TableError, match="did you mean 'hours'"):
        to_economy(with_both, Options(labour="hour"))
    wages = to_economy(table())
    assert wages.values("labour_supply")[0] == pytest.approx(table().value_added[0].sum())
    assert says(wages, "compensation of employees")
    added = table(value_added_rows=Labels(("VA",)), value_added=table().value_added.sum(axis=0, keepdims=True))
    assert says(to_economy(added), "value added of the base year")


def test_skills_stay_apart_and_are_counted_in_one_measure() -> None:
    codes = ("Employment hours: high", "Employment people: high", "Employment people: low")
    both = Satellite(Labels(codes), np.stack([9 * np.ones(N), np.ones(N), 2 * np.ones(N)]), "labour")
    assert to_economy(table(satellites={"work": both})).codes("skill") == codes[1:]
    skills = Satellite(Labels(("high", "low")), np.stack([np.ones(N), 2 * np.ones(N)]), "labour")
    assert to_economy(table(satellites={"skills": skills})).codes("skill") == ("high", "low")


def test_resources_are_counted_without_a_budget() -> None:
    emissions = Satellite(Labels(("co2",), ("Carbon dioxide",), ("kt",)), 5.0 * np.ones((1, N)), "resource")
    e = to_economy(table(satellites={"air": emissions}))
    assert (e.values("resource_coefficient") @ e.values("output"))[0] == pytest.approx(5.0 * N)
    assert not e.has("resource_budget")


def test_partners_and_exports_without_one() -> None:
    given_table = table()
    imports = np.stack([1.0 + np.arange(N), np.ones(N)], axis=1)
    uses = (*given_table.final_uses[:4], FinalUse("EXP", "Exports", "exports", partner="west"))
    e = to_economy(given_table.changed(imports=imports, partners=Labels(("east", "west")), final_uses=uses))
    assert e.values("exports").sum(axis=0).tolist() == [0.0, 4.0 * N]
    unnamed = to_economy(given_table.changed(imports=imports, partners=Labels(("east", "west"))))
    assert unnamed.values("exports") == pytest.approx(4.0 * imports / imports.sum(axis=1, keepdims=True))
    assert says(unnamed, "names no partner")


def test_exports_beyond_own_output_are_marked() -> None:
    given_table = table()
    final, imports = given_table.final.copy(), given_table.imports.copy()  # type: ignore[union-attr]
    final[0, 4] += 1000.0
    imports[0] += 1000.0
    e = to_economy(given_table.changed(final=final, imports=imports))
    assert e.values("re_export").tolist() == [True] + [False] * (N - 1)


def test_regions_get_households_needs_labour_and_assets_of_their_own() -> None:
    codes = ("AA.A01", "AA.C28", "BB.A01", "BB.C28")
    regions = Labels(codes, (), (), ("AA", "AA", "BB", "BB"))
    made = table(codes)
    final, uses = [], []
    for k, region in enumerate(("AA", "BB")):
        for c, use in enumerate(made.final_uses[:4]):
            final.append(made.final[:, c] * (0.6, 0.4)[k])
            uses.append(FinalUse(f"{region}.{use.code}", use.name, use.kind, region=region))
    output = made.use.sum(axis=1) + np.array(final).sum(axis=0)
    imports_free = made.changed(
        products=regions,
        activities=regions,
        final=np.array(final).T,
        final_uses=tuple(uses),
        imports=None,
        supply=np.diag(output),
        value_added=(output - made.use.sum(axis=0))[None, :] / 3 * np.ones((3, 1)),
    )
    e = to_economy(imports_free)
    assert e.codes("household") == ("AA", "BB")
    assert e.codes("region") == ("AA", "BB")
    assert {n.split(":")[0] for n in e.codes("need")} == {"AA", "BB"}
    assert e.codes("skill") == ("AA:all", "BB:all")
    assert {a.split(":")[0] for a in e.codes("asset")} == {"AA", "BB"}
    for k, region in enumerate(("AA", "BB")):
        mine = [a.startswith(region) for a in e.codes("asset")]
        assert e.values("investment")[mine][:, 2 * (1 - k) : 2 * (1 - k) + 2].sum() == 0
    assert e.values("consumption").sum() == pytest.approx(made.final_of("household").sum())


@pytest.mark.parametrize(
    ("code", "name", "expected"),
    [
        ("D1", "Compensation of employees", "wages"),
        ("V001", "", "wages"),
        ("D11_wages", "", "wages"),
        ("V002", "Taxes on production and imports, less subsidies", "taxes"),
        ("TLS_products", "", "taxes"),
        ("CFC", "", "surplus"),
        ("B2B3", "Gross operating surplus and mixed income", "surplus"),
        ("IMP_cif", "", "imports"),
        ("VA", "Value added at basic prices", "value_added"),
        ("X9", "", "unknown"),
    ],
)
def test_rows_of_value_added_are_known_by_code_or_name(code: str, name: str, expected: str) -> None:
    assert role(code, name) == expected


def test_capital_income_falls_back_in_words() -> None:
    assert capital_income(table())[1].startswith("operating surplus")
    added = table(value_added_rows=Labels(("VA",)), value_added=table().value_added.sum(axis=0, keepdims=True))
    assert capital_income(added)[1] == "value added"
    nothing = table(value_added=np.zeros((3, N)))
    assert capital_income(nothing)[1] == "output"
