"""Callbacks of a training."""
from mycelium.train.callbacks.base import Callback as Callback
from mycelium.train.callbacks.base import InternalCallbackParam as InternalCallbackParam
from mycelium.train.callbacks.base import RunContext as RunContext
from mycelium.train.callbacks.base import _InternalCallbackParam as _InternalCallbackParam
from mycelium.train.callbacks.monitors import History as History
from mycelium.train.callbacks.monitors import LambdaCallback as LambdaCallback
from mycelium.train.callbacks.monitors import LossMonitor as LossMonitor
from mycelium.train.callbacks.monitors import TimeMonitor as TimeMonitor
from mycelium.train.callbacks.progress import ProgressMonitor as ProgressMonitor
from mycelium.train.callbacks.saving import CheckpointConfig as CheckpointConfig
from mycelium.train.callbacks.saving import ModelCheckpoint as ModelCheckpoint
from mycelium.train.callbacks.schedules import EarlyStopping as EarlyStopping
from mycelium.train.callbacks.schedules import LearningRateScheduler as LearningRateScheduler
from mycelium.train.callbacks.schedules import ReduceLROnPlateau as ReduceLROnPlateau
from mycelium.train.callbacks.summary import SummaryCollector as SummaryCollector
