"""Names and cells in the text of the page; a browser draws them in test_names.py."""

import re

import pytest

from regcore.page.text import bold, literal
from tests.visits import plain

# The page's own Markdown makes links, icons, pictures and signs of these.
LIVE = re.compile(
    r"https?://|www\.|\w@\w+\.\w|:material_\w+:|:[a-z]+:"
    r"|(?:^|\s)(?:<->|->|<-|--|>=|<=|~=)(?:\s|$)"
)


@pytest.mark.parametrize(
    "name",
    [
        "![x](http://example.org/a.png)",
        "see https://example.org",
        "HTTP://EXAMPLE.ORG",
        "www.example.org",
        "someone@example.org",
        ":smile:",
        ":streamlit:",
        ":material_delete:",
        *(f"a {sign} b" for sign in ("<->", "->", "<-", "--", ">=", "<=", "~=")),
        ">= 10",
        "-- --",
    ],
)
def test_what_is_made_live_after_the_escapes_is_kept_apart(name):
    assert LIVE.search(name.lower())
    escaped = literal(name)
    assert not LIVE.search(escaped.replace("\\", "").lower())
    assert plain(escaped) == name


@pytest.mark.parametrize("name", ["12:30 h", "a@b", "http", "1-2", "x->y", "50--60"])
def test_what_stays_as_it_is_gets_no_joiner(name):
    assert "\u2060" not in literal(name)


def test_a_name_does_not_turn_the_direction_of_the_sentence_it_stands_in():
    assert literal("na\u202eme \u2066x\u2069") == "name x"
    assert literal("שלום") == "שלום"
    assert bold("שלום") == "**\u2068שלום\u2069**"
    assert literal("«שלום 2»: 3 of 4") == "\u2068«שלום 2»\u2069\\: 3 of 4"
    assert literal("שלום עולם.csv · 300 rows") == (
        "\u2068שלום עולם\u2069\\.csv · 300 rows"
    )


def test_a_name_with_blanks_at_its_ends_is_bold_too():
    assert bold("  *edges* ") == r"**\*edges\***"
