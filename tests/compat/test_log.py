"""The program's own messages."""

import pytest

from mycelium.compat import log


def test_messages_go_to_stderr_with_the_place_of_the_call(capfd):
    log.info("not shown at the default level")
    log.warning("loss is %s", 0.5)
    log.error("stopped")
    err = capfd.readouterr().err.splitlines()
    assert len(err) == 2
    assert err[0].startswith("[WARNING]") and "test_log.py" in err[0] and err[0].endswith("loss is 0.5")
    assert err[1].startswith("[ERROR]")


def test_level_comes_from_the_environment(monkeypatch):
    assert log.get_level() == "2"
    monkeypatch.setenv("GLOG_v", "0")
    assert log.get_level() == "0"
    monkeypatch.setenv("GLOG_v", "loud")
    with pytest.raises(ValueError, match="GLOG_v should be one of .*'loud'"):
        log.get_level()
