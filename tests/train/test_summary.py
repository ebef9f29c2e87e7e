"""SummaryRecord: the bytes that MindSpore writes."""
from __future__ import annotations

import struct
from pathlib import Path

import pytest

import mycelium as ms
from mycelium import Tensor
from mycelium.train.summary import event

# Two records of a file that MindSpore 2.0.0 wrote: its version, then loss 2.5 and a 1.5 at step 3.
RECORDED = bytes.fromhex(
    "1c00000000000000c8c1951d09753a336344c0da411a114d696e6453706f72652e4576656e743a31f975991c"
    "2400000000000000422b804d098d1a055e44c0da4110032a170a0b0a046c6f73731d000020400a080a01611d0000c03f0ee02246")


def wall_time(record):
    return struct.unpack("<d", record[13:21])[0]


def test_records_have_the_bytes_of_mindspore():
    first, second = RECORDED[:44], RECORDED[44:]
    assert event(wall_time(first)) == first
    assert event(wall_time(second), 3, {"loss": 2.5, "a": 1.5}) == second


def test_values_are_written_once(tmp_path):
    with ms.SummaryRecord(str(tmp_path)) as record:
        record.add_value("scalar", "loss", Tensor([0.5]))
        assert record.record(1) and record.record(2)
        record.flush()
        content = Path(record.log_dir).read_bytes()
    assert content.count(b"loss") == 1
    assert content.endswith(event(wall_time(content[44:]), 1, {"loss": 0.5}))
    assert not record.record(3) or Path(record.log_dir).read_bytes() == content


def test_a_limit_stops_it(tmp_path):
    with ms.SummaryRecord(str(tmp_path), max_file_size=60) as record:
        record.add_value("scalar", "loss", Tensor(0.5))
        assert not record.record(1)
        assert Path(record.log_dir).stat().st_size <= 60


@pytest.mark.parametrize(("args", "error", "text"), [
    (("scalar", "x", 2.5), TypeError, "'value' of plugin 'scalar' should be a Tensor"),
    (("scalar", "", Tensor(1.0)), ValueError, "'name' should be a str that is not empty"),
    (("scalar", "x", Tensor([1.0, 2.0])), ValueError, "should have one element"),
    (("foo", "x", Tensor(1.0)), ValueError, "'plugin' should be one of"),
    (("image", "x", Tensor(1.0)), NotImplementedError, "'image' exists in MindSpore r1.8"),
])
def test_wrong_values(tmp_path, args, error, text):
    with ms.SummaryRecord(str(tmp_path)) as record, pytest.raises(error, match=text):
        record.add_value(*args)
