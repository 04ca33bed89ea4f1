"""Names and cells of the user's file are data: drawn as they are, never as markup."""

import csv
import io
import re
from collections.abc import Iterator

import numpy as np
import pytest
from altair.utils import schemapi

from regcore.intake import read
from regcore.page.models import FIRST
from tests.corpus_report import adversarial, corpus_folder
from tests.driving import PATIENCE, flat, labelled, said, send, settle
from tests.visits import Visit

MARKUP = (
    "<script>document.title = 1</script>",
    "<img src=none onerror=document.title=2>",
    "<svg/onload=document.title=3>",
    "<u>under</u> & <i>slanted</i>",
    "**heavy** _slanted_ `typed`",
    "[press](javascript:document.title=4)",
    "![seen](http://127.0.0.1:9/seen.png)",
    "$\\beta_1$ or $$\\sum_i x_i$$",
    ":blue[cold] :red-background[hot]",
    ":material/home: :heart:",
    ":green-badge[fine]",
    "~~gone~~ and ==marked==",
)
"""Markup of every kind that the page's writer knows."""

LIVE = (
    *("a.b", "a[1]", "m[km/h", "k]", "p:Q", "count()", "datum.x", "c\\d", "e\\"),
    *("it's", 'so "said"', "`", "{0} {x}", "%d %s", "'); document.title = 5; ('"),
    *("__proto__", "constructor", "__class__", "two\nlines", "a\ttab", "# one"),
    *("> two", "- three", "----", "a|b", "N" * 300, "=1+2", "@sum", "+5", "x, y"),
    *("nan", "None", "variable", "index", "x'; DROP TABLE x; --"),
    *("x[0]", 'q"uote', "back\\slash", "col:1", "long " + 59 * "name "),
    *("שלום עולם", "😀 grin", "  edges  ", "[link](http://example.org)"),
    *("<img src=x onerror=alert(1)>", "**b** $x$ :red[x]"),
)
"""What fields, formulas, scripts and tables give a meaning to."""

THERE = corpus_folder().is_dir()

CASES = [
    case
    for case in (adversarial().cases(heavy=False) if THERE else ())
    if case.group in ("names", "cells") or case.name in ("emoji.csv", "nbsp_names.csv")
]
NAMES = [*MARKUP, *LIVE, *(name for _, name in (adversarial().HOST if THERE else ()))]
NAMES = list(dict.fromkeys(NAMES))

PARTS = 2 + len(NAMES) // 50
"""Files among which the names are shared out: a chart holds so many bars."""

MARKUP_NAMES = (
    *MARKUP,
    "https://example.org www.example.org someone@example.org",
    ":streamlit: :material_delete: :smile:",
    "a >= b -- c -> d <= e",
    *("<img src=x onerror=alert(1)>", "**b** $x$ :red[x]", "long " + 59 * "name "),
)
"""Each kind of markup, what becomes live where markup is escaped, and a long one."""

FOREIGN = (
    "script, img, iframe, a:not([href^='#']), b, i, em, del, code, pre, hr, blockquote,"
    "h4, h5, h6,"
    "h1:not([data-testid=stHeading] h1), svg[onload], .katex, .katex-error,"
    ".stMarkdownBadge, .stMarkdownColoredBackground, [data-testid=stIconEmoji]"
)
"""Elements that the page never makes by itself; of h1 it makes its headline."""

NAME_AXES = """first => [...document.querySelectorAll('.stMain .role-axis-label')]
    .map(axis => [...axis.querySelectorAll('text')].map(text => text.textContent))
    .filter(texts => texts.includes(first))"""
"""Labels of every axis that has this name."""

OWN_COLOURED = re.compile(
    r"No penalty|L1|L2|[●○ …]+|[+−][\d,.]+ against no penalty|as with no penalty"
    r"|guessing the mean: −?[\d,.]+|the other two .*|nothing to .*|· [\w ,²-]+"
)

OWN_ICON = re.compile(r"keyboard_arrow_\w+|download|expand_more")
"""Of what opens, and of the button that takes a chart along."""


def named(features: list[str], target: str) -> bytes:
    """Sixty rows under these names; the target follows from the features."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, len(features)))
    y = X[:, :6].sum(axis=1) + rng.standard_normal(60)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*features, target])
    writer.writerows(np.column_stack([X, y]).round(3).tolist())
    return out.getvalue().encode()


@pytest.fixture(scope="module")
def visit() -> Iterator[Visit]:
    # The schema takes longer than the rest, and the charts' own tests go through it.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schemapi, "validate_jsonschema", lambda *_, **__: None)
        yield Visit()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_hostile_file_is_trained_under_its_own_names(visit, case):
    visit.upload(case.data(), case.name)
    if case.target in visit.control("target").options:
        visit.set("target", case.target)
    elif case.target:
        # Named by the reader, for it is blank.
        assert not case.target.strip()
    assert visit.usable()
    design = visit.comparison.problem.design
    assert f" on {flat(design.target)} · " in flat(visit.described)
    count = len(design.features)
    for every in (False, True) if count > FIRST else (False,):
        if count > FIRST:
            visit.set("every feature", every)
        for bars in visit.charts("Weights of the features"):
            assert set(bars["feature"]) <= set(design.features)
            assert bars["feature"].nunique() == len(bars)
            assert len(bars) == (count if every else min(count, FIRST))
            assert np.isfinite(bars["weight"]).all()


@pytest.fixture
def page(used):
    """Give one page to all that upload."""
    return used


def nothing_foreign(page) -> None:
    """Nothing on the page was made by a name or a cell."""
    main = page.get_by_test_id("stMain")
    assert main.locator(FOREIGN).evaluate_all("all => all.map(e => e.outerHTML)") == []
    assert main.locator("h1").count() == 1
    for text in main.locator(".stMarkdownColoredText").all_inner_texts():
        assert OWN_COLOURED.fullmatch(text), text
    icons = main.get_by_test_id("stIconMaterial").all_inner_texts()
    assert all(OWN_ICON.fullmatch(icon) for icon in icons), icons


@pytest.mark.browser
@pytest.mark.parametrize("part", range(PARTS))
def test_all_names_are_drawn_as_features(page, part):
    # The first name is drawn as it is, which tells the charts.
    names = ["plain", *NAMES[part::PARTS]]
    raw = named(names, "outcome")
    every = page.get_by_role("switch", name=re.compile(r"^All \d+ features$"))
    if every.count() and every.is_checked():
        every.press("Space")
    send(page, raw, f"names{part}.csv")
    said(page, "regression on outcome")
    features = read(raw).table.columns[:-1]
    (texts,) = page.evaluate(NAME_AXES, names[0])
    assert len(texts) == FIRST
    assert all(any(labelled(name, [text]) for name in features) for text in texts)
    nothing_foreign(page)
    page.get_by_text(f"All {len(features)} features", exact=True).click()
    drawn = f"first => ({NAME_AXES})(first)[0]?.length === {len(features)}"
    page.wait_for_function(drawn, arg=names[0], timeout=PATIENCE, polling=200)
    settle(page)
    # The three panels share the names at their left.
    (texts,) = page.evaluate(NAME_AXES, names[0])
    for name in features:
        assert labelled(name, texts), (name, texts)
    nothing_foreign(page)


@pytest.mark.browser
def test_names_that_are_markup_are_drawn_as_targets(page):
    for i, name in enumerate(MARKUP_NAMES):
        send(page, named(["age", "height"], name), f"{i}.csv")
        caption = said(page, re.compile(rf"^{i}\.csv · "))
        assert f"regression on {flat(name)} · " in flat(caption.inner_text())
        nothing_foreign(page)
