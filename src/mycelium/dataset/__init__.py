"""`mindspore.dataset`: data pipelines that give NumPy arrays or Tensors.

A pipeline is a source and steps after it (`dataset`, `sources`), made of nodes that start runners (`node`, `steps`,
`map_step`, `batch_step`, `source_steps`). Everything below the iterators works on NumPy arrays and never touches JAX.
"""
from mycelium.dataset import config as config
from mycelium.dataset import samplers as samplers
from mycelium.dataset import transforms as transforms
from mycelium.dataset import vision as vision
from mycelium.dataset.batch_step import BatchInfo as BatchInfo
from mycelium.dataset.callbacks import DSCallback as DSCallback
from mycelium.dataset.callbacks import WaitedDSCallback as WaitedDSCallback
from mycelium.dataset.callbacks import sync_wait_for_dataset as sync_wait_for_dataset
from mycelium.dataset.dataset import BatchDataset as BatchDataset
from mycelium.dataset.dataset import BucketBatchByLengthDataset as BucketBatchByLengthDataset
from mycelium.dataset.dataset import ConcatDataset as ConcatDataset
from mycelium.dataset.dataset import Dataset as Dataset
from mycelium.dataset.dataset import FilterDataset as FilterDataset
from mycelium.dataset.dataset import MapDataset as MapDataset
from mycelium.dataset.dataset import ProjectDataset as ProjectDataset
from mycelium.dataset.dataset import RenameDataset as RenameDataset
from mycelium.dataset.dataset import RepeatDataset as RepeatDataset
from mycelium.dataset.dataset import ShuffleDataset as ShuffleDataset
from mycelium.dataset.dataset import SkipDataset as SkipDataset
from mycelium.dataset.dataset import SyncWaitDataset as SyncWaitDataset
from mycelium.dataset.dataset import TakeDataset as TakeDataset
from mycelium.dataset.dataset import ZipDataset as ZipDataset
from mycelium.dataset.dataset import zip_datasets as zip
from mycelium.dataset.image_files import Cifar10Dataset as Cifar10Dataset
from mycelium.dataset.image_files import Cifar100Dataset as Cifar100Dataset
from mycelium.dataset.image_files import ImageFolderDataset as ImageFolderDataset
from mycelium.dataset.image_files import MnistDataset as MnistDataset
from mycelium.dataset.iterators import DictIterator as DictIterator
from mycelium.dataset.iterators import TupleIterator as TupleIterator
from mycelium.dataset.samplers import BuiltinSampler as BuiltinSampler
from mycelium.dataset.samplers import DistributedSampler as DistributedSampler
from mycelium.dataset.samplers import PKSampler as PKSampler
from mycelium.dataset.samplers import RandomSampler as RandomSampler
from mycelium.dataset.samplers import Sampler as Sampler
from mycelium.dataset.samplers import SequentialSampler as SequentialSampler
from mycelium.dataset.samplers import SubsetRandomSampler as SubsetRandomSampler
from mycelium.dataset.samplers import SubsetSampler as SubsetSampler
from mycelium.dataset.samplers import WeightedRandomSampler as WeightedRandomSampler
from mycelium.dataset.schema import Schema as Schema
from mycelium.dataset.sources import FakeImageDataset as FakeImageDataset
from mycelium.dataset.sources import GeneratorDataset as GeneratorDataset
from mycelium.dataset.sources import NumpySlicesDataset as NumpySlicesDataset
from mycelium.dataset.sources import PaddedDataset as PaddedDataset
