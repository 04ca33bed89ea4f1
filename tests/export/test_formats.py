import pytest

import regcore
from regcore import Settings
from regcore.export import FORMATS
from tests.export.tables import compared, hostile
from tests.tables import PENALTIES, TASKS


@pytest.mark.parametrize("task", TASKS)
def test_every_format_has_a_text_of_every_model_that_it_says_it_has(task):
    for name in PENALTIES:
        model = compared(task).fitted(name)
        for form in FORMATS:
            if form.has(model):
                assert form.render(model).endswith(("\n", "}"))
            else:
                with pytest.raises(regcore.DesignError, match=r"\.$"):
                    form.render(model)


def test_files_have_names_of_their_own_without_anything_of_the_users():
    model = regcore.compare(hostile(), Settings("''")).fitted("none", origin="../x")
    names = [form.file_name(model) for form in FORMATS]
    assert len(set(names)) == len(names)
    assert all(name.startswith("model-no-penalty") for name in names)
    assert all("/" not in name for name in names)


def test_every_text_says_what_it_was_made_from():
    model = compared().fitted("L1", origin="houses.csv, 0123abcd")
    for form in FORMATS:
        text = form.render(model)
        assert "houses.csv, 0123abcd" in text
        assert "8.0" in text
        assert '"y"' in text or "«y»" in text
