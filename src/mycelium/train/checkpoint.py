"""`save_checkpoint`, `load_checkpoint`, `load_param_into_net`: Parameters to and from MindSpore's .ckpt files."""
from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mycelium.core import dtype as mstype
from mycelium.core.context import logger
from mycelium.core.errors import check_type, describe
from mycelium.core.parameter import Parameter
from mycelium.core.tensor import Tensor
from mycelium.nn.cell import Cell
from mycelium.train import ckpt_file, encryption

_SUFFIX = ".ckpt"
_FLOATS = (mstype.float16, mstype.bfloat16, mstype.float32, mstype.float64)
_CONVERTIBLE = (_FLOATS, mstype.int_type)       # within each of these, load_param_into_net converts unless strict

_writing: threading.Thread | None = None        # the save that `async_save` left running


def save_checkpoint(save_obj: Cell | list[dict[str, Any]], ckpt_file_name: str, integrated_save: bool = True,
                    async_save: bool = False, append_dict: Mapping[str, Any] | None = None,
                    enc_key: bytes | None = None, enc_mode: str = "AES-GCM") -> None:
    """Saves Parameters in MindSpore's checkpoint format, all or nothing.

    The new file takes the place of an old one only when it is complete.

    Args:
        save_obj: A Cell, or a list of `{"name": str, "data": Tensor}`.
        ckpt_file_name: The file; ".ckpt" is added when it is missing. The directory must exist.
        integrated_save: Kept for compatibility: values are always saved whole.
        async_save: Write in a thread; the values are those at the time of the call.
        append_dict: More values by name: int, float, bool, str, Tensor or Parameter.
        enc_key: 16, 24 or 32 bytes to encrypt the file with.
        enc_mode: "AES-GCM" or "AES-CBC".

    Raises:
        TypeError: An argument has a wrong type.
        KeyError: A dict of the list has no "name" or no "data".
        ValueError: The key or its mode is unusable.
        OSError: The file cannot be written.

    Examples:
        >>> import os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "net.ckpt")
        >>> ms.save_checkpoint([{"name": "w", "data": Tensor([1.0, 2.0])}], path, append_dict={"epoch": 3})
        >>> ms.load_checkpoint(path)["epoch"].asnumpy()
        array(3)

    MindSpore r1.8 `mindspore.save_checkpoint`.
    """
    global _writing
    name = "save_checkpoint"
    check_type(name, "integrated_save", integrated_save, bool)
    check_type(name, "async_save", async_save, bool)
    encryption.check_key(name, "enc", enc_key, enc_mode)
    path = _path_to_save(ckpt_file_name)
    values = _values_of(save_obj)
    if append_dict is not None:
        check_type(name, "append_dict", append_dict, dict)
        values.update({key: _appended(key, value) for key, value in append_dict.items()})
    wait_for_async_save()
    if async_save:
        _writing = threading.Thread(target=_write_later, args=(path, values, enc_key, enc_mode), name="save_checkpoint")
        _writing.start()
    else:
        ckpt_file.write_file(path, values, enc_key, enc_mode)


def wait_for_async_save() -> None:
    """Returns when the save that `async_save` left running is done."""
    if _writing is not None:
        _writing.join()


def async_ckpt_thread_status() -> bool:
    """Whether a save started with `async_save=True` is still being written.

    Returns:
        bool.

    Examples:
        >>> ms.async_ckpt_thread_status()
        False

    MindSpore r1.8 `mindspore.async_ckpt_thread_status`.
    """
    return _writing is not None and _writing.is_alive()


def load_checkpoint(ckpt_file_name: str, net: Cell | None = None, strict_load: bool = False,
                    filter_prefix: str | Sequence[str] | None = None, dec_key: bytes | None = None,
                    dec_mode: str = "AES-GCM", specify_prefix: str | Sequence[str] | None = None,
                    ) -> dict[str, Parameter | str]:
    """Loads a checkpoint file, and with `net` puts its values into a network.

    Args:
        ckpt_file_name: The file; its name ends with ".ckpt".
        net: Network to load the values into.
        strict_load: As for `load_param_into_net`.
        filter_prefix: Leave out names that begin with this, or with one of these.
        dec_key: The key of an encrypted file.
        dec_mode: "AES-GCM" or "AES-CBC".
        specify_prefix: Take only names that begin with this, or with one of these.

    Returns:
        dict, name to Parameter, in the order of the file; texts saved with `append_dict` come back as str.

    Raises:
        TypeError: An argument has a wrong type.
        ValueError: The file is missing, damaged, foreign or encrypted with another key, or nothing is left of it.
        RuntimeError: A value does not fit `net`; the network is unchanged then.

    Examples:
        >>> import os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "net.ckpt")
        >>> ms.save_checkpoint(nn.Dense(3, 2), path)
        >>> list(ms.load_checkpoint(path))
        ['weight', 'bias']

    MindSpore r1.8 `mindspore.load_checkpoint`.
    """
    name = "load_checkpoint"
    path = _path_to_load(ckpt_file_name)
    left_out = _prefixes("filter_prefix", filter_prefix)
    wanted = _prefixes("specify_prefix", specify_prefix)
    encryption.check_key(name, "dec", dec_key, dec_mode)
    values = {tag: value for tag, value in ckpt_file.read_file(path, dec_key, dec_mode).items()
              if (not wanted or tag.startswith(wanted)) and not (left_out and tag.startswith(left_out))}
    if not values:
        raise ValueError(f"For '{name}', nothing is left to load from {path}: it is empty, or 'filter_prefix' "
                         f"{filter_prefix!r} and 'specify_prefix' {specify_prefix!r} leave out every name.")
    parameters = {tag: value if isinstance(value, str) else Parameter(Tensor(value), name=tag)
                  for tag, value in values.items()}
    if net is not None:
        load_param_into_net(net, parameters, strict_load)
    return parameters


def load_param_into_net(net: Cell, parameter_dict: Mapping[str, Parameter | str], strict_load: bool = False,
                        ) -> list[str]:
    """Puts values into the Parameters of a network by name. Everything is checked before anything changes.

    Unless `strict_load`, values of another width are converted (among floats, and among signed integers), and for
    Parameters whose names are missing a prefix in front of the names of `parameter_dict` is looked for and removed.

    Args:
        net: The network, or an optimizer or another Cell.
        parameter_dict: Name to Parameter, as `load_checkpoint` returns it. Names the network lacks are passed over.
        strict_load: Convert no dtypes and remove no prefixes.

    Returns:
        list of str, the names of the network that were not found; they are also logged as a warning.

    Raises:
        TypeError: An argument has a wrong type.
        RuntimeError: A shape or dtype does not fit.

    Examples:
        >>> net = nn.Dense(3, 2)
        >>> ms.load_param_into_net(net, {"bias": ms.Parameter(Tensor([1.0, 2.0]), name="bias")})
        ['weight']
        >>> net.bias.asnumpy().tolist()
        [1.0, 2.0]

    MindSpore r1.8 `mindspore.load_param_into_net`.
    """
    name = "load_param_into_net"
    check_type(name, "net", net, Cell)
    check_type(name, "parameter_dict", parameter_dict, dict)
    check_type(name, "strict_load", strict_load, bool)
    for key, value in parameter_dict.items():
        if not isinstance(key, str) or not isinstance(value, (Parameter, str)):
            raise TypeError(f"For '{name}', 'parameter_dict' should map str to Parameter, but got {describe(value)} "
                            f"for {key!r}.")
    targets = [p for _, p in net.parameters_and_names()]
    names = list(dict.fromkeys(p.name for p in targets))
    found = {key: parameter_dict[key] for key in names if key in parameter_dict}
    if not strict_load:
        _find_behind_prefixes(names, parameter_dict, found)
    # every value is converted before the first one is put in place
    fitting = [(p, _fitting(p, found[p.name], strict_load)) for p in targets if p.name in found]
    for target, value in fitting:
        target.set_data(value)
    missing = [key for key in names if key not in found]
    if missing:
        logger.warning("For '%s', %d Parameters of the network are not in 'parameter_dict' and keep their values: %s.",
                       name, len(missing), ", ".join(missing))
    return missing


def _find_behind_prefixes(names: Sequence[str], given: Mapping[str, Any], found: dict[str, Any]) -> None:
    """Adds to `found` what `given` holds under a longer name, one common prefix after the other, as r1.8 does."""
    while True:
        missing = [name for name in names if name not in found]
        prefix = next((key[:-len(name)] for name in missing for key in given if key.endswith(name)), None)
        if prefix is None:
            return
        logger.warning("For 'load_param_into_net', the prefix %r in 'parameter_dict' is passed over.", prefix)
        found.update({name: given[prefix + name] for name in missing if prefix + name in given})


def _fitting(target: Parameter, value: Any, strict: bool) -> Tensor:
    if isinstance(value, str):
        raise TypeError(f"For 'load_param_into_net', the value for '{target.name}' should be a Parameter, but got the "
                        f"text {value!r}.")
    if value.shape != target.shape:
        raise RuntimeError(f"For 'load_param_into_net', '{target.name}' has shape {target.shape} in the network, but "
                           f"{value.shape} in 'parameter_dict'. Check that the checkpoint belongs to this network. "
                           "Nothing was loaded.")
    if value.dtype is target.dtype:
        return Tensor(value.asnumpy())
    if strict or not any(value.dtype in kinds and target.dtype in kinds for kinds in _CONVERTIBLE):
        hint = " strict_load=False would convert it." if strict else ""
        raise RuntimeError(f"For 'load_param_into_net', '{target.name}' has dtype {target.dtype} in the network, but "
                           f"{value.dtype} in 'parameter_dict'.{hint} Nothing was loaded.")
    logger.warning("For 'load_param_into_net', '%s' is converted from %s in 'parameter_dict' to %s in the network.",
                   target.name, value.dtype, target.dtype)
    return Tensor(value.asnumpy(), target.dtype)


def _path_to_save(file_name: Any) -> str:
    if not isinstance(file_name, str):
        raise TypeError(f"For 'save_checkpoint', 'ckpt_file_name' should be a str, but got {describe(file_name)}.")
    if not file_name or os.path.isdir(file_name):
        raise IsADirectoryError(f"For 'save_checkpoint', 'ckpt_file_name' should name a file, but {file_name!r} is a "
                                "directory.")
    return file_name if file_name.endswith(_SUFFIX) else file_name + _SUFFIX


def _path_to_load(file_name: Any) -> str:
    if not isinstance(file_name, str):
        raise TypeError(f"For 'load_checkpoint', 'ckpt_file_name' should be a str, but got {describe(file_name)}.")
    if not file_name.endswith(_SUFFIX):
        raise ValueError(f"For 'load_checkpoint', 'ckpt_file_name' should end with '{_SUFFIX}', but got {file_name!r}.")
    path = os.path.realpath(file_name)
    if not os.path.exists(path):
        raise ValueError(f"For 'load_checkpoint', the checkpoint file {path} does not exist.")
    return path


def _prefixes(argument: str, value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    prefixes = (value,) if isinstance(value, str) else value
    if not isinstance(prefixes, (list, tuple)) or not all(isinstance(p, str) for p in prefixes):
        raise TypeError(f"For 'load_checkpoint', '{argument}' should be a str, or a list or tuple of str, but got "
                        f"{describe(value)}.")
    if not prefixes or "" in prefixes:
        raise ValueError(f"For 'load_checkpoint', '{argument}' should hold at least one prefix, none of them empty, "
                         f"but got {value!r}.")
    return tuple(prefixes)


def _values_of(save_obj: Any) -> dict[str, ckpt_file.Value]:
    if isinstance(save_obj, Cell):
        return {p.name: p.asnumpy() for _, p in save_obj.parameters_and_names()}
    if not isinstance(save_obj, list):
        raise TypeError(f"For 'save_checkpoint', 'save_obj' should be a Cell or a list of dicts, but got "
                        f"{describe(save_obj)}.")
    values: dict[str, ckpt_file.Value] = {}
    for item in save_obj:
        if not isinstance(item, dict):
            raise TypeError("For 'save_checkpoint', 'save_obj' should hold dicts like {'name': 'w', 'data': tensor}, "
                            f"but got {describe(item)}.")
        for key in ("name", "data"):
            if key not in item:
                raise KeyError(f"For 'save_checkpoint', a dict in 'save_obj' has no key '{key}'; its keys are "
                               f"{list(item)}.")
        key, data = check_type("save_checkpoint", "name", item["name"], str), item["data"]
        if not isinstance(data, (Tensor, str)):
            raise TypeError(f"For 'save_checkpoint', the data of '{key}' should be a Tensor, Parameter or str, but got "
                            f"{describe(data)}.")
        values[key] = data if isinstance(data, str) else data.asnumpy()
    return values


def _appended(key: Any, value: Any) -> ckpt_file.Value:
    if not isinstance(key, str) or not isinstance(value, (bool, int, float, str, Tensor)):
        raise TypeError("For 'save_checkpoint', 'append_dict' should map str to int, float, bool, str, Tensor or "
                        f"Parameter, but got {describe(value)} for {key!r}.")
    if isinstance(value, str):
        return value
    return value.asnumpy() if isinstance(value, Tensor) else np.asarray(Tensor(value))


def _write_later(path: str, values: dict[str, ckpt_file.Value], key: bytes | None, mode: str) -> None:
    try:
        ckpt_file.write_file(path, values, key, mode)
    except Exception:
        logger.exception("Failed to save the checkpoint file %s.", path)
