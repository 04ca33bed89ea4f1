"""The numbers of the charts, for who asks for tables."""

import re

import numpy as np
import pandas as pd

from regcore.questions import epochs, path
from regcore.words import figures
from tests.visits import Visit, csv_of, plain


def test_tables_hold_what_a_pointer_reads_from_the_charts_and_no_chart_is_drawn():
    opened = {f"open-{one.QUESTION.key}": "on" for one in (path, epochs)}
    visit = Visit(tables="on", **opened)
    assert not visit.at.exception
    assert visit.told == []
    assert not visit.at.get("vega_lite_chart")
    weights, losses, *others = [table.value for table in visit.at.table]
    names = visit.comparison.problem.design.features
    l1 = weights[weights["Penalty"] == "L1"]["Weight per SD"].map(plain)
    l1.index = l1.index.map(plain)
    assert dict(l1) == {
        name: figures(weight, 4)
        for name, weight in zip(
            names, np.ravel(visit.comparison["L1"].run.W), strict=True
        )
    }
    assert set(losses.index) == set(weights["Penalty"]) == {"No penalty", "L1", "L2"}
    assert len(others) >= 4
    assert visit.set("tables", False).usable()


def test_the_message_of_a_question_is_told_beside_its_chart_not_in_its_name():
    visit = Visit(**{"open-strength": "on"})

    def names():
        return [chart.proto.alt for chart in visit.at.get("vega_lite_chart")]

    def messages():
        bodies = [html.proto.body for html in visit.at.get("html")]
        return [body for body in bodies if 'class="told"' in body]

    name, message = names(), messages()
    assert len(message) == len(name) - 1
    assert message[-1].startswith('<p class="told">At λ = ')
    visit.set("share", 0.5)
    assert names() == name
    assert messages()[-1] != message[-1]


def test_a_name_from_a_file_is_text_in_a_table_too():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.standard_normal((60, 2)), columns=["**b** $x$", "y"])
    visit = Visit(tables="on").upload(csv_of(table)).set("target", "y")
    name = visit.at.table[0].value.index[0]
    assert "**b**" not in name
    assert plain(name) == "**b** $x$"


def test_a_figure_is_told_by_the_sentence_above_it_where_its_own_part_says_nothing():
    visit = Visit(**{f"open-{path.QUESTION.key}": "on"})
    told = [one.proto.body for one in visit.at.get("html")]
    (sentence,) = [text for text in told if "fold cross-validation" in text]
    assert re.match(r'<p class="told">In 10-fold .* at λ = [\d.]+ ', sentence)
