"""SummaryCollector, which MindInsight reads in MindSpore: its arguments are checked here, and nothing is recorded."""
from __future__ import annotations

from typing import Any

from mycelium.core.context import logger
from mycelium.core.errors import check_int, check_type, nearest
from mycelium.train.callbacks.base import RunContext, TrainingOnly

_DATA = ("collect_metric", "collect_graph", "collect_train_lineage", "collect_eval_lineage", "collect_input_data",
         "collect_dataset_graph", "histogram_regular", "collect_landscape")


class SummaryCollector(TrainingOnly):
    """Accepted so that programs run: checks its arguments, says once that it records nothing, and writes no files.

    What it would show comes from `History`, `LossMonitor` and `ProgressMonitor`.

    Args:
        summary_dir: Where MindSpore writes its files.
        collect_freq: Every how many steps to collect.
        collect_specified_data: What to collect, by name.
        keep_default_action: Whether to collect what is not named.
        custom_lineage_data: More facts about the training.
        collect_tensor_freq: Every how many steps to collect Tensors.
        max_file_size: Bytes after which MindSpore stops writing.
        export_options: How to export Tensors.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: A number is below 1, or a name is unknown.

    Examples:
        >>> callback = ms.SummaryCollector("./summary", collect_freq=1)

    MindSpore r1.8 `mindspore.SummaryCollector`.
    """

    def __init__(self, summary_dir: str, collect_freq: int = 10, collect_specified_data: dict | None = None,
                 keep_default_action: bool = True, custom_lineage_data: dict | None = None,
                 collect_tensor_freq: int | None = None, max_file_size: int | None = None,
                 export_options: dict | None = None):
        name = "SummaryCollector"
        if not check_type(name, "summary_dir", summary_dir, str).strip():
            raise ValueError(f"For '{name}', 'summary_dir' should not be empty.")
        check_int(name, "collect_freq", collect_freq, 1)
        check_type(name, "keep_default_action", keep_default_action, bool)
        optional: dict[str, Any] = {"collect_tensor_freq": collect_tensor_freq, "max_file_size": max_file_size}
        for argument, value in optional.items():
            if value is not None:
                check_int(name, argument, value, 1)
        optional = {"collect_specified_data": collect_specified_data, "custom_lineage_data": custom_lineage_data,
                    "export_options": export_options}
        for argument, value in optional.items():
            if value is not None:
                check_type(name, argument, value, dict)
        for key in collect_specified_data or ():
            if key not in _DATA:
                raise ValueError(f"For '{name}', 'collect_specified_data' does not know {key!r}"
                                 f"{nearest(key, _DATA) or '; it knows ' + ', '.join(_DATA)}.")
        self.summary_dir = summary_dir

    def on_train_begin(self, run_context: RunContext) -> None:
        """Says that nothing is recorded."""
        logger.warning("SummaryCollector records nothing here: no summary files are written to %s. Use History, "
                       "LossMonitor or ProgressMonitor to follow a training.", self.summary_dir)
