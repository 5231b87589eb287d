"""The one place that knows Numba: how kernels are typed and compiled, and where their machine code is kept."""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import pickle
import shutil
import tempfile
import warnings
from collections.abc import Callable
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar, cast

import numba
import platformdirs
from numba import types
from numba.core import config as numba_config
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.errors import NumbaExperimentalFeatureWarning
from numba.core.registry import CPUDispatcher
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array

from nnsim.core.arrays import Matrix, Vector

__all__ = [
    "Kernel",
    "block",
    "blocks_of_matrices",
    "flags",
    "indices",
    "inline",
    "integer",
    "kernel",
    "matrix",
    "scalar",
    "table",
    "types",
    "vector",
]

config: Any = numba_config

warnings.filterwarnings("ignore", category=NumbaExperimentalFeatureWarning)

scalar = types.float64
integer = types.int64
vector = types.float64[::1]
matrix = types.float64[:, ::1]
indices = types.int64[::1]
table = types.int64[:, ::1]
blocks_of_matrices = types.float64[:, :, ::1]
flags = types.uint8[::1]

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class Kernel(Generic[Arguments, Result]):
    """A function with fixed argument types that is compiled, or loaded from disk, when it is first needed.

    Call it, or hand `compiled` to another kernel whose signature has `type` in that place.
    """

    def __init__(self, function: Callable[Arguments, Result], signature: Any) -> None:
        self.plain = function
        self.signature = signature
        self.type = types.FunctionType(signature)

    @cached_property
    def compiled(self) -> Any:
        dispatcher = _dispatcher(self.plain)
        if not config.DISABLE_JIT:
            dispatcher.__class__ = Entry
            dispatcher.compile(self.signature)
            dispatcher.disable_compile()
            _remember_address(dispatcher, self.signature)
        return dispatcher

    def __call__(self, *arguments: Arguments.args, **keywords: Arguments.kwargs) -> Result:
        result: Result = self.compiled(*arguments, **keywords)
        return result


def kernel(signature: Any) -> Callable[[Callable[Arguments, Result]], Kernel[Arguments, Result]]:
    """Make a function a `Kernel` with the given Numba signature."""
    return lambda function: Kernel(function, signature)


def inline(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Make a function a part of the kernels that call it: Python itself cannot call it, so that it compiles in half
    the time."""
    part: Any = _dispatcher(function, no_cpython_wrapper=True, no_cfunc_wrapper=True)
    if not config.DISABLE_JIT:
        part.__class__ = Part
    return part


class Entry(CPUDispatcher):
    """A kernel. It knows its type, which Numba would make twice for each kernel argument of every call: a third of the
    time of a call."""

    _type: Any

    @property
    def _numba_type_(self) -> Any:
        return self._type


class Part(CPUDispatcher):
    """A function without an entry for Python: to enter it nevertheless would crash the process."""

    def __call__(self, *arguments: Any, **keywords: Any) -> None:
        raise TypeError(f"{self.py_func.__name__} is a part of kernels: only they can call it")


def _sliced(numbers: Vector, start: int, rows: int, columns: int) -> Matrix:
    return numbers[start : start + rows * columns].reshape(rows, columns)


@intrinsic
def _pointed_at(typing: Any, numbers: Any, start: Any, rows: Any, columns: Any) -> Any:
    """What `_sliced` does, ten times as fast: a slice and a reshape take as long as a small matrix product."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        source = make_array(signature.args[0])(context, builder, arguments[0])
        view = make_array(signature.return_type)(context, builder)
        number = context.get_constant(types.intp, 8)
        populate_array(
            view,
            data=builder.gep(source.data, [arguments[1]]),
            shape=[arguments[2], arguments[3]],
            strides=[builder.mul(arguments[3], number), number],
            itemsize=number,
            meminfo=None,  # the vector lives longer than the kernel's look at it
            parent=None,
        )
        return view._getvalue()

    return matrix(vector, types.intp, types.intp, types.intp), generate


block = cast("Callable[[Vector, int, int, int], Matrix]", _sliced if config.DISABLE_JIT else _pointed_at)
"""For kernels: the matrix (rows, columns) that lies in a flat vector from `start` on."""


def _dispatcher(function: Callable[..., Any], **options: Any) -> Any:
    _name_apart(function)
    dispatcher: Any = numba.njit(nogil=True, error_model="numpy", **options)(function)
    if not config.DISABLE_JIT:
        dispatcher._cache = KernelCache(function, tuple(options))
    return dispatcher


def _name_apart(function: Callable[..., Any]) -> None:
    """Name a function made by a function after those that it encloses. Numba finds machine code by its name and a
    number that counts from 1 in each process, so two that were compiled in different processes and loaded into one
    could be taken for each other."""
    enclosed = [cell.cell_contents for cell in function.__closure__ or ()]
    functions = [getattr(each, "py_func", each) for each in enclosed]
    names = "_".join(f"{each.__module__}_{each.__qualname__}".replace(".", "_") for each in functions)
    if names and not function.__qualname__.endswith(names):
        function.__qualname__ += f"_of_{names}"


def _remember_address(dispatcher: Any, signature: Any) -> None:
    """Look the machine code up once: Numba would do so twice for every kernel argument of every call, 20 us each."""
    compiled = dispatcher.get_compile_result(signature)
    address = lru_cache(compiled.library.get_pointer_to_function)
    compiled.library.get_pointer_to_function = address
    dispatcher.get_compile_result = lambda signature: compiled


class KernelCache(FunctionCache):
    """Numba's cache on disk, made to survive damaged files and a full or read-only disk: a file that cannot be
    trusted is compiled again, one that cannot be written is done without."""

    def __init__(self, function: Callable[..., Any], options: tuple[str, ...] = ()) -> None:
        super().__init__(function)
        self._options = options
        self._cache_file = CheckedCacheFile(
            cache_path=self._cache_path,
            filename_base=self._impl.filename_base,
            source_stamp=self._impl.locator.get_source_stamp(),
        )

    def _index_key(self, signature: Any, codegen: Any) -> Any:
        """What Numba takes, with the options, since a part of kernels lacks what Python enters by, and without the
        enclosed functions: a pickled dispatcher differs from process to process, and the name of the index tells them
        apart."""
        code = hashlib.sha256(self._py_func.__code__.co_code).hexdigest()
        return (signature, codegen.magic_tuple(), code, self._options)

    def save_overload(self, signature: Any, data: Any) -> None:
        with contextlib.suppress(OSError):
            super().save_overload(signature, data)


class CheckedCacheFile(IndexDataCacheFile):
    """Machine code on disk behind its checksum: a damaged file must not be run."""

    def _load_index(self) -> dict[Any, str]:
        try:
            stamp, index = pickle.loads(self._read(self._index_path))
        except OSError:
            return {}
        return index if stamp == self._source_stamp else {}

    def _save_index(self, overloads: dict[Any, str]) -> None:
        self._write(self._index_path, self._dump((self._source_stamp, overloads)))

    def _load_data(self, name: str) -> Any:
        return pickle.loads(self._read(self._data_path(name)))

    def _save_data(self, name: str, data: Any) -> None:
        self._write(self._data_path(name), self._dump(data))

    def _write(self, path: str, payload: bytes) -> None:
        with self._open_for_write(path) as file:
            file.write(hashlib.sha256(payload).digest() + payload)

    def _read(self, path: str) -> bytes:
        content = Path(path).read_bytes()
        digest, payload = content[:32], content[32:]
        if hashlib.sha256(payload).digest() != digest:
            raise OSError(f"{path} is damaged")  # for Numba the same as a missing file
        return payload


def _choose_cache_folder() -> tuple[Path, str | None]:
    """The folder for compiled kernels, and a sentence when it is not the usual one.

    There is one folder for each state of the sources, because Numba does not notice when a function that a
    kernel calls has changed in another file. Only the user may write there: what lies in it is executed.
    """
    digest = hashlib.sha256(numba.__version__.encode())
    for source in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(source.read_bytes())
    folder = Path(platformdirs.user_cache_dir("nnsim")) / f"kernels-{digest.hexdigest()[:16]}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder, None
    except OSError:
        notice = f"The kernel cache {folder} cannot be written, so kernels are compiled anew at every start."
        return Path(tempfile.mkdtemp(prefix="nnsim-kernels-")), notice


CACHE_FOLDER, CACHE_NOTICE = _choose_cache_folder()
config.CACHE_DIR = str(CACHE_FOLDER)


@atexit.register
def remove_stopgap() -> None:
    """Remove the folder that served in place of an unwritable cache."""
    if CACHE_NOTICE is not None:
        shutil.rmtree(CACHE_FOLDER, ignore_errors=True)
