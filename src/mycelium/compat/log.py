"""`mindspore.log`: the messages of the program itself, filtered by the environment variable GLOG_v as in r1.8."""

from __future__ import annotations

import logging
import os
import sys

# GLOG_v: 0 debug, 1 info, 2 warning (the default), 3 error, 4 critical
_LEVELS = {"0": logging.DEBUG, "1": logging.INFO, "2": logging.WARNING, "3": logging.ERROR, "4": logging.CRITICAL}


def get_level() -> str:
    """The level of the messages that are shown, as in the environment variable GLOG_v.

    Returns:
        str, "0" (debug) to "4" (critical).

    Examples:
        >>> from mycelium.compat import log
        >>> log.get_level()
        '2'
    """
    level = os.environ.get("GLOG_v", "2")
    if level not in _LEVELS:
        raise ValueError(f"The environment variable GLOG_v should be one of {list(_LEVELS)}, but got {level!r}.")
    return level


def get_log_config() -> dict[str, str]:
    """The settings of the messages that are in force, by the names of their environment variables.

    Returns:
        dict of str.

    Examples:
        >>> from mycelium.compat import log
        >>> log.get_log_config()
        {'GLOG_v': '2', 'GLOG_logtostderr': '1'}
    """
    return {"GLOG_v": get_level(), "GLOG_logtostderr": "1"}


class _StandardError(logging.StreamHandler):
    """Writes to what sys.stderr is at the time of the message."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self.setFormatter(logging.Formatter("[%(levelname)s] %(asctime)s [%(pathname)s:%(lineno)d] %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


_logger = logging.getLogger("mindspore")
_logger.setLevel(_LEVELS[get_level()])
_logger.propagate = False
if not _logger.handlers:
    _logger.addHandler(_StandardError())

debug = _logger.debug
info = _logger.info
warning = _logger.warning
error = _logger.error
critical = _logger.critical
