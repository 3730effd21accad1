"""`NamedTuple` as in the standard library's `typing`, but fast to define.

The standard one compiles every annotation and a `__new__` for every class as its module is imported. This one leaves
annotations alone (they are strings: `from __future__ import annotations`), and compiles a class's `__new__` when the
first object is made. For type checkers it is the standard one.
"""

from __future__ import annotations

import collections
from operator import itemgetter
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import NamedTuple

__all__ = ["NamedTuple"]


def _property(number: int, about: str) -> object:
    return property(itemgetter(number), doc=about)


_field_at: Callable[[int, str], object] = getattr(collections, "_tuplegetter", _property)
"""How the standard library's named tuples read a field: faster than a property."""


class _Uncompiled:
    """Stands for the `__new__` of a class until it is called."""

    __slots__ = ("owner",)

    def __init__(self, owner: type) -> None:
        self.owner = owner

    def __get__(self, instance: object, kind: type | None = None) -> FunctionType:
        made = _new_of(self.owner)
        type.__setattr__(self.owner, "__new__", staticmethod(made))
        return made


class _Meta(type):
    """Makes a subclass of `tuple` of each class that is declared with `NamedTuple`."""

    def __new__(cls, name: str, bases: tuple[type, ...], content: dict[str, Any]) -> type:
        if not bases:
            return type.__new__(cls, name, bases, content)
        fields = tuple(content.get("__annotations__", ()))
        defaults = {field: content[field] for field in fields if field in content}
        _refuse(fields, defaults, content)
        content |= {field: _field_at(number, f"Alias for field number {number}") for number, field in enumerate(fields)}
        content |= _SHARED | {"_fields": fields, "_field_defaults": defaults, "__match_args__": fields}
        others = tuple(base for base in bases if not isinstance(base, _Meta))
        made = type(name, (tuple, *others), {"__repr__": _repr, "__hash__": tuple.__hash__} | content)
        type.__setattr__(made, "__new__", _Uncompiled(made))
        return made


class _Declaration:
    """What a class names as its base."""

    def __mro_entries__(self, _bases: tuple[object, ...]) -> tuple[type]:
        return (_BASE,)


_BASE = _Meta("NamedTuple", (), {})
if not TYPE_CHECKING:
    NamedTuple = _Declaration()


def _refuse(fields: tuple[str, ...], defaults: dict[str, object], content: dict[str, Any]) -> None:
    for number, field in enumerate(fields):
        if field not in defaults and any(before in defaults for before in fields[:number]):
            raise TypeError(f"Non-default namedtuple field {field} cannot follow default fields")
    for field in fields:
        if field.startswith("_"):
            raise ValueError(f"Field names cannot start with an underscore: {field!r}")
    for name in ("__new__", "__init__", "__slots__", "__getnewargs__", *_SHARED):
        if name in content:
            raise AttributeError(f"Cannot overwrite NamedTuple attribute {name}")


_codes: dict[int, CodeType] = {}
"""The compiled `__new__` of classes with so many fields, which differ only in the names."""


def _new_of(cls: Any) -> FunctionType:
    fields, defaults = cls._fields, cls._field_defaults
    if len(fields) not in _codes:
        _codes[len(fields)] = _code_for(len(fields))
    code = _codes[len(fields)].replace(co_varnames=("_cls", *fields))
    made = FunctionType(code, {"_tuple_new": tuple.__new__}, "__new__", tuple(defaults.values()))
    made.__qualname__ = f"{cls.__qualname__}.__new__"
    made.__module__ = cls.__module__
    made.__annotations__ = dict(cls.__annotations__)
    return made


def _code_for(count: int) -> CodeType:
    values = "".join(f"_{number}, " for number in range(count))
    names: dict[str, FunctionType] = {}
    exec(f"def __new__(_cls, {values}): return _tuple_new(_cls, ({values}))", {}, names)  # noqa: S102
    return names["__new__"].__code__


@classmethod  # type: ignore[misc]
def _make(cls: Any, values: Iterable[object]) -> Any:
    """Make an object of the values of its fields."""
    made = tuple.__new__(cls, values)
    if len(made) != len(cls._fields):
        raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
    return made


def _replace(self: Any, /, **changes: object) -> Any:
    """Make an object with some fields changed."""
    made = self._make(map(changes.pop, self._fields, self))
    if changes:
        raise ValueError(f"Got unexpected field names: {list(changes)!r}")
    return made


def _asdict(self: Any) -> dict[str, object]:
    """Return the values by their names."""
    return dict(zip(self._fields, self, strict=True))


def _getnewargs(self: Any) -> tuple[object, ...]:
    return tuple(self)


def _repr(self: Any) -> str:
    values = ", ".join([f"{field}={value!r}" for field, value in zip(self._fields, self, strict=True)])
    return f"{type(self).__name__}({values})"


_SHARED: dict[str, object] = {
    "__slots__": (),
    "__getnewargs__": _getnewargs,
    "_make": _make,
    "_replace": _replace,
    "_asdict": _asdict,
}
"""What all named tuples have."""
