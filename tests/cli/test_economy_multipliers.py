"""`lustrum economy multipliers`: the figures of the library, on the screen and as JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.cli.conftest import Lustrum

from lustrum.accounts.embedded import load_economy


def test_multipliers_of_the_embedded_economy(lustrum: Lustrum) -> None:
    found = lustrum("economy", "multipliers", "us-2019-16", "--json")
    assert found.exit_code == 0, found.output
    document = json.loads(found.stdout)
    economy = load_economy("us-2019-16")
    inverse = np.linalg.inv(np.eye(economy.size("activity")) - economy.values("use"))
    expected = dict(zip(economy.codes("activity"), inverse.sum(axis=0), strict=True))
    assert {s["code"]: pytest.approx(s["output"]) for s in document["sectors"]} == expected
    jobs = economy.values("labour_coefficient")[0] @ inverse
    assert {s["code"]: pytest.approx(s["content"]["all"]) for s in document["sectors"]} == dict(
        zip(economy.codes("activity"), jobs, strict=True)
    )
    outputs = [s["output"] for s in document["sectors"]]
    assert outputs == sorted(outputs, reverse=True)


def test_the_largest_first_and_only_so_many(lustrum: Lustrum) -> None:
    found = lustrum("economy", "multipliers", "us-2019-16", "--count", "2")
    assert found.exit_code == 0 and len(found.stdout.splitlines()) == 5
    assert "Nondurable goods manufacturing" in found.stdout and "2.358" in found.stdout


def test_a_rectangular_economy_is_refused(lustrum: Lustrum) -> None:
    found = lustrum("economy", "multipliers", "uk-2019")
    assert found.exit_code == 2 and "one activity per product" in found.stderr
