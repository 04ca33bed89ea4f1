import platform
import re
from pathlib import Path

import pytest

from regcore.heap import give_back


def resident() -> int:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="only GNU's C library can be asked"
)
def test_freed_cells_are_given_back_to_the_system():
    cells = [bytearray(2_000) for _ in range(50_000)]
    # Every hundredth stays, so that the heap cannot shrink from its end.
    kept = cells[::100]
    del cells
    before = resident()
    give_back()
    assert resident() < before - 50_000_000
    assert len(kept) == 500
