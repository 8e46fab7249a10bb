import runpy
import tomllib

import pytest

from tasks.exports import columns


def test_a_width_of_no_column_is_refused(monkeypatch):
    monkeypatch.setattr(tomllib, "loads", lambda _text: columns.SHAPES | {"widths": {"code": 13, "nmae": 22}})
    with pytest.raises(ValueError, match="unknown columns: nmae"):
        runpy.run_path(columns.__file__)
