"""The tests; a package, so that helpers are imported as ``tests.support`` wherever pytest is started."""
