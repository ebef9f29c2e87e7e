"""Where the import paths of MindSpore r1.8 lead in this package: the one table, and nothing else knows it.

A string is the very module (`mindspore.nn is mycelium.nn`). A tuple is a view: a path of r1.8 that has no module of its
own here and shows the names of the listed modules, the first that has a name wins. In r1.8 too the same objects
stand under these paths; the few that do not are in NAMES.
"""

_TOP = ("mycelium",)
_OPS = ("mycelium.ops", "mycelium")
_NN = ("mycelium.nn", "mycelium.ops", "mycelium")
_NUMPY = ("mycelium.numpy",)
_TRAIN = ("mycelium.train", "mycelium")
_DATASET = ("mycelium.dataset",)


def _below(parent: str, modules: tuple[str, ...], children: str) -> dict[str, tuple[str, ...]]:
    """The same view for `parent` and each of its blank-separated children."""
    return {path: modules for path in (parent, *(f"{parent}.{child}" for child in children.split()))}


PATHS: dict[str, str | tuple[str, ...]] = {
    "mindspore": _TOP,
    "mindspore.version": (),
    "mindspore.amp": "mycelium.amp",
    "mindspore.boost": "mycelium.boost",
    "mindspore.boost.grad_accumulation": ("mycelium.boost",),
    "mindspore.communication": "mycelium.parallel.communication",
    "mindspore.communication.management": ("mycelium.parallel.communication",),
    "mindspore.context": ("mycelium.core.context", "mycelium.parallel.context"),
    "mindspore.dataset": "mycelium.dataset",
    "mindspore.dataset.config": "mycelium.dataset.config",
    "mindspore.dataset.core.config": ("mycelium.dataset.config",),
    "mindspore.dataset.transforms": "mycelium.dataset.transforms",
    "mindspore.dataset.transforms.c_transforms": "mycelium.dataset.transforms.c_transforms",
    "mindspore.dataset.transforms.py_transforms": "mycelium.dataset.transforms.py_transforms",
    "mindspore.dataset.transforms.transforms": ("mycelium.dataset.transforms",),
    "mindspore.dataset.vision": "mycelium.dataset.vision",
    "mindspore.dataset.vision.c_transforms": "mycelium.dataset.vision.c_transforms",
    "mindspore.dataset.vision.py_transforms": "mycelium.dataset.vision.py_transforms",
    "mindspore.log": "mycelium.compat.log",
    "mindspore.nn": "mycelium.nn",
    "mindspore.numpy": "mycelium.numpy",
    "mindspore.ops": "mycelium.ops",
    "mindspore.parallel": "mycelium.parallel",
    "mindspore.train": "mycelium.train",
    "mindspore._checkparam": "mycelium.compat.checkparam",
    "mindspore.common.dtype": "mycelium.core.dtype",
    "mindspore.common.initializer": "mycelium.initializer",
    "mindspore.ops._primitive_cache": ("mycelium.compat.private",),
    **_below("mindspore.common", _TOP, "api dump hook_handle jit_config parameter seed tensor"),
    **_below("mindspore.dataset.engine", _DATASET, """datasets datasets_standard_format datasets_user_defined
             datasets_vision iterators samplers"""),
    **_below("mindspore.dataset.core", _DATASET, ""),
    **_below("mindspore.dataset.callback", _DATASET, "ds_callback"),
    **_below("mindspore.dataset.vision.transforms", ("mycelium.dataset.vision",), ""),
    **_below("mindspore.dataset.vision.utils", ("mycelium.dataset.vision",), ""),
    **_below("mindspore.nn.cell", _NN, ""),
    **_below("mindspore.nn.dynamic_lr", _NN, ""),
    **_below("mindspore.nn.grad", _NN, "cell_grad"),
    **_below("mindspore.nn.layer", _NN, """activation basic combined container conv dense embedding image math
             normalization padding pooling quant rnn_cells rnns timedistributed"""),
    **_below("mindspore.nn.learning_rate_schedule", _NN, ""),
    **_below("mindspore.nn.loss", _NN, "loss"),
    **_below("mindspore.nn.metrics", ("mycelium.train.metrics", *_NN), """accuracy bleu_score confusion_matrix
             cosine_similarity dice error fbeta hausdorff_distance loss mean_surface_distance metric
             occlusion_sensitivity perplexity precision recall roc root_mean_square_surface_distance topk"""),
    **_below("mindspore.nn.optim", _NN, """ada_grad adadelta adafactor adam adamax adasum asgd ftrl lamb lars
             lazyadam momentum optimizer proximal_ada_grad rmsprop rprop sgd"""),
    **_below("mindspore.nn.sparse", _NN, "sparse"),
    **_below("mindspore.nn.wrap", (*_NN, "mycelium.parallel.reducer"), "cell_wrapper grad_reducer loss_scale"),
    **_below("mindspore.numpy.array_creations", _NUMPY, ""),
    **_below("mindspore.numpy.array_ops", _NUMPY, ""),
    **_below("mindspore.numpy.dtypes", _NUMPY, ""),
    **_below("mindspore.numpy.logic_ops", _NUMPY, ""),
    **_below("mindspore.numpy.math_ops", _NUMPY, ""),
    **_below("mindspore.ops.composite", _OPS, """array_ops base clip_ops math_ops multitype_ops random_ops vmap_ops"""),
    **_below("mindspore.ops.function", _OPS, "array_func math_func nn_func parameter_func random_func sparse_func"),
    **_below("mindspore.ops.functional", (*_OPS, "mycelium.compat.private"), ""),
    **_below("mindspore.ops.op_info_register", _OPS, ""),
    **_below("mindspore.ops.operations", _OPS, """array_ops comm_ops control_ops custom_ops debug_ops image_ops
             inner_ops linalg_ops math_ops nn_ops other_ops random_ops rl_ops sparse_ops _grad_ops _inner_ops"""),
    **_below("mindspore.ops.primitive", _OPS, ""),
    **_below("mindspore.train.callback", _TRAIN, ""),
    **_below("mindspore.train.amp", ("mycelium.amp", "mycelium"), ""),
    **_below("mindspore.train.dataset_helper", _TRAIN, ""),
    **_below("mindspore.train.loss_scale_manager", ("mycelium.amp", "mycelium"), ""),
    **_below("mindspore.train.model", _TRAIN, ""),
    **_below("mindspore.train.serialization", _TRAIN, ""),
    **_below("mindspore.train.summary", _TRAIN, "enums summary_record"),
}

# Names that old programs find under a path, but that are spelled otherwise here: "module:name".
NAMES: dict[str, str] = {
    "mindspore.common.tensor.tensor": "mycelium:Tensor",
    "mindspore.nn.loss.loss._Loss": "mycelium.nn:LossBase",
}

# Names that r1.8 has in a namespace, but whose module stands above that namespace here: looked up when asked for.
LATE: dict[str, tuple[str, ...]] = {
    "mindspore.nn": ("mycelium.train.metrics", "mycelium.parallel.reducer"),
}
