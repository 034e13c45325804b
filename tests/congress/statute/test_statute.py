"""A statute is read exactly, its rules agree, and every mistake is named with its line and mend."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lustrum.congress.documents import apply, as_markdown, delete, redline, set_number
from lustrum.congress.statute import (
    DECISIONS,
    StatuteError,
    insert_article,
    load_statute,
    parse_statute,
    replace_article,
    statute_names,
    statute_of,
    statute_text,
)

FULL = statute_text("congress")


@pytest.mark.parametrize("name", statute_names())
def test_text_to_statute_to_text_is_exact(name: str) -> None:
    statute = load_statute(name)
    assert statute.text == statute_text(name)
    assert statute_of(statute.version()) == statute
    assert set(DECISIONS) <= set(statute.rules.decisions)


def test_line_ends_and_blank_lines_do_not_change_a_statute() -> None:
    other = FULL.replace("\n## ", "\n\n\n## ").replace("\n", "  \r\n")
    assert parse_statute(other).text == FULL
    assert parse_statute(other).version().hash == parse_statute(FULL).version().hash


def test_the_full_statute_reads_as_its_words_say() -> None:
    rules = load_statute("congress").rules
    assert rules.bodies["committee"].seats == 25
    assert rules.elections["committee"].method == "scottish-stv/1"
    organs = rules.bodies["committee"].first_plenary
    assert len(organs) == 6
    assert [o for o in organs if rules.bodies[o].office] == ["general_secretary"]
    change = rules.decisions["statute_amendment"]
    assert change.majority.model_dump() == {"num": 2, "den": 3, "strict": False, "base": "cast"}
    assert not rules.proxies.allowed


#: What is put in place of what, the line that is named, and a word of the complaint and of the mend.
MISTAKES = [
    ("num: 1, den: 2, at", "num: 0.5, den: 2, at", 37, "a number that cannot stand here", "whole numbers"),
    ("num: 1, den: 2, at", "num: 3, den: 2, at", 37, "more than all", "change"),
    ("num: 1, den: 2, at", "num: 1, den: 0, at", 37, "greater than or equal to 1", "docs/statute.md"),
    ("seats: 25", "seets: 25", 111, "unknown key 'seets'", "did you mean 'seats'?"),
    ("seats: 25", "seats: 6", 136, "7 seats for 6 members", "fewer seats"),
    ("ballot: secret", "ballot: hidden", 122, "found:    'hidden'", "one of them"),
    ("scottish-stv/1", "scottish-stv", 121, "a method and its version", "add the version"),
    ("within: congress", "within: congres", 110, "no body 'congres'", "'congress'"),
    ("election: organ\n", "election: orgen\n", 139, "no election 'orgen'", "'organ'"),
    ("## Article 9.", "## Article 8.", 127, "8 after 8", "takes a letter"),
    ("## Article 9.", "## Article nine.", 127, "not the heading of an article", "number it"),
    ("  recall:\n", "  recal:\n", 35, "no rule for the decision 'recall'", "add `recall:`"),
    ("  bureau:", "  committee:", 134, "articles 8 and 9", "keep one"),
    ("decisions:", "decision:", 35, "unknown section", "'decisions'"),
    ("proxies: {allowed: false}", "proxies: {allowed: true}", 246, "how many", "change"),
    ("base: yes+no}", "base: everyone}", 38, "not one of the choices", "one of them"),
    ("# Statute of the Congress\n", "Statute of the Congress\n", 1, "no title", "begin with"),
    ("    ties: [history, reballot, lot]", "    ties: [lot, history]", 120, "keep that order", "change"),
    ("[bureau, presidium", "[congress, presidium", 116, "elected by another body", "elected_by: committee"),
    ("proxies: {allowed: false}\n```", "proxies: {allowed: false}\n", 245, "without an end", "close it"),
    ("proxies: {allowed: false}", "proxies: {allowed: false, allowed: true}", 246, "stands twice", "keep one"),
]


@pytest.mark.parametrize(("old", "new", "line", "what", "mend"), MISTAKES, ids=[m[3] for m in MISTAKES])
def test_a_mistake_is_named_with_its_line_and_mend(old: str, new: str, line: int, what: str, mend: str) -> None:
    assert old in FULL
    with pytest.raises(StatuteError) as caught:
        parse_statute(FULL.replace(old, new, 1), "our.md")
    said = str(caught.value)
    assert said.startswith("our.md")
    assert f"our.md:{line}" in said
    assert what in said
    assert mend in caught.value.mend


_BITS = st.sampled_from(["{", "}", ":", "- ", "```", "num", "0", "1.5", "[", "\n", "## ", "null", "\t", "&a", "-1"])


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(0, len(FULL)), st.integers(0, 8), _BITS), min_size=1, max_size=3))
def test_a_spoilt_statute_is_read_or_refused_and_never_half_read(spoils: list[tuple[int, int, str]]) -> None:
    text = FULL
    for place, gone, put in spoils:
        text = text[:place] + put + text[place + gone :]
    try:
        statute = parse_statute(text, "our.md")
    except StatuteError as error:
        assert str(error).startswith("our.md")
        assert error.mend
    else:
        assert parse_statute(statute.text) == statute


_LETTERS = st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"], exclude_characters="#`~")
_TEXT = st.text(_LETTERS, max_size=60)


@settings(max_examples=20)
@given(st.lists(st.tuples(_TEXT, _TEXT), min_size=1, max_size=5))
def test_articles_of_any_text_come_back_exactly(articles: list[tuple[str, str]]) -> None:
    rules = "".join(re.findall(r"```yaml\n.*?```\n", statute_text("votes-cast"), flags=re.DOTALL))
    parts = [f"## Article {k}. {('H' + head).strip()}\n\n{body}" for k, (head, body) in enumerate(articles, 1)]
    statute = parse_statute("# Title\n\n" + "\n\n".join(parts) + "\n\n" + rules)
    assert [a.heading for a in statute.articles] == [("H" + head).strip() for head, _ in articles]
    assert parse_statute(statute.text) == statute
    assert statute_of(statute.version()) == statute
    for article, (_, body) in zip(statute.articles, articles, strict=True):
        assert body.rstrip() in article.text


def test_rules_before_the_first_article_are_refused() -> None:
    spoilt = FULL.replace("## Article 1.", "```yaml\nproxies: {allowed: false}\n```\n\n## Article 1.", 1)
    with pytest.raises(StatuteError, match="before the first article"):
        parse_statute(spoilt)


def test_an_article_is_inserted_where_its_number_belongs() -> None:
    version = load_statute("congress").version()
    new = insert_article(version, "## Article 7a. Publication\n\nAn amended statute is published within 10 days.\n")
    after = statute_of(apply(version, new))
    assert [a.number for a in after.articles][6:9] == ["7", "7a", "8"]
    shorter = set_number(apply(version, new), "article-7a", [0], 5)
    assert "within 5 days" in str(apply(apply(version, new), shorter).unit("article-7a").value)


def test_an_amendment_that_breaks_the_rules_is_found_before_the_vote() -> None:
    version = load_statute("congress").version()
    with pytest.raises(StatuteError, match="no election 'committee'"):
        statute_of(
            apply(
                version,
                replace_article(
                    version,
                    "## Article 8. The committee\n\nSee article 9.\n\n```yaml\n"
                    "bodies:\n  committee: {name: Committee, within: congress, seats: 25,"
                    " elected_by: congress, election: committee}\n```",
                ),
            )
        )
    with pytest.raises(StatuteError, match="no rule for the decision 'adoption'"):
        statute_of(apply(version, delete(version, "article-6")))


def test_a_changed_rule_shows_in_the_redline() -> None:
    version = load_statute("congress").version()
    place = str(version.unit("article-8").value)
    after = apply(version, replace_article(version, place.replace("25", "31")))
    shown = as_markdown(redline(version, after))
    assert "-     seats: 25\n+     seats: 31" in shown
    assert statute_of(after).rules.bodies["committee"].seats == 31
