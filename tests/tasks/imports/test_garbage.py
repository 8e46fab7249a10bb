"""An import makes Python's garbage collector rare, and never switches it off: other runs share the
process.
"""

import gc

from tasks.imports.garbage import rare_searches_for_cycles


def test_searches_are_rare_inside_and_as_before_after_it():
    before = gc.get_threshold()
    with rare_searches_for_cycles():
        assert gc.isenabled()
        assert gc.get_threshold()[0] > 100 * before[0]
        with rare_searches_for_cycles():
            pass
    assert gc.get_threshold() == before
