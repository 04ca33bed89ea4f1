from regcore.page.collector import is_due


def test_collecting_is_a_twentieth_of_the_work_at_most():
    assert not is_due(1.9, 0.1, quiet=False)
    assert is_due(2.1, 0.1, quiet=False)


def test_what_the_last_visitor_left_is_collected_once_when_all_is_quiet():
    assert is_due(0.2, 0.1, quiet=True)
    assert not is_due(0.02, 0.1, quiet=True)
