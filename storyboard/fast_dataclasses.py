"""`dataclass`, `field` and `replace` as in the standard library's `dataclasses`, but fast to define.

The standard decorator compiles half a dozen small functions for every class as its module is imported: half a
millisecond each, and a command imports a hundred. This one compiles a method when it is first called, and most never
are. Frozen objects with slots are also made faster: their fields are set by their slots, past the guard of the class.

Only what storyboard uses is here: `frozen`, `slots` and `eq` of a class; `default`, `default_factory`, `repr`, `hash`
and `compare` of a field. Annotations are strings (`from __future__ import annotations`). For type checkers these names
are the standard ones, and what asks `dataclasses` for the fields of a class sees a standard dataclass.
"""

from __future__ import annotations

from reprlib import recursive_repr
from types import CodeType, FunctionType, MemberDescriptorType
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from dataclasses import dataclass, field, replace

__all__ = ["dataclass", "field", "field_names", "field_values", "replace"]

_T = TypeVar("_T")
_MISSING = object()
_DEFINITION = "__fast_dataclass__"


class _Field:
    """What a class says of one field."""

    __slots__ = ("annotation", "compare", "default", "factory", "hash", "repr")

    def __init__(self, default: object, factory: object, shown: bool, hashed: bool | None, compared: bool) -> None:
        self.default = default
        self.factory = factory
        self.repr = shown
        self.hash = hashed
        self.compare = compared
        self.annotation = ""


class _Definition:
    """The fields of a class by name, those that it inherits first."""

    __slots__ = ("fields", "frozen", "shown")

    def __init__(self, fields: Mapping[str, _Field], frozen: bool) -> None:
        self.fields = fields
        self.frozen = frozen
        self.shown = tuple(name for name, each in fields.items() if each.repr)


class _Uncompiled:
    """Stands for a method of a class until it is called."""

    __slots__ = ("compiled", "name", "owner")

    def __init__(self, owner: type, name: str, compiled: Callable[[type], FunctionType]) -> None:
        self.owner = owner
        self.name = name
        self.compiled = compiled

    def __get__(self, instance: object, kind: type | None = None) -> object:
        method = self.compiled(self.owner)
        method.__qualname__ = f"{self.owner.__qualname__}.{self.name}"
        method.__module__ = self.owner.__module__
        type.__setattr__(self.owner, self.name, method)
        return method.__get__(instance, kind)


class _StandardAttribute:
    """What the standard `dataclasses` looks for in a class, made when it is asked for."""

    __slots__ = ("name", "owner")

    def __init__(self, name: str, owner: type) -> None:
        self.name = name
        self.owner = owner

    def __get__(self, instance: object, kind: type | None = None) -> object:
        standard = getattr(_standard_twin(self.owner), self.name)
        type.__setattr__(self.owner, self.name, standard)
        return standard


def _dataclass(
    cls: type[_T] | None = None, /, *, frozen: bool = False, slots: bool = False, eq: bool = True
) -> type[_T] | Callable[[type[_T]], type[_T]]:
    """Make a dataclass of a class, as `dataclasses.dataclass` does."""
    if cls is None:
        return lambda given: _made(given, frozen, slots, eq)
    return _made(cls, frozen, slots, eq)


def _field(
    *,
    default: object = _MISSING,
    default_factory: object = _MISSING,
    repr: bool = True,  # noqa: A002 - the standard names
    hash: bool | None = None,  # noqa: A002
    compare: bool = True,
) -> _Field:
    """Say more of a field than its annotation, as `dataclasses.field` does."""
    return _Field(default, default_factory, repr, hash, compare)


def _replace(instance: _T, /, **changes: object) -> _T:
    """Make an object of the same class with some fields changed, as `dataclasses.replace` does."""
    for name in field_names(type(instance)):
        if name not in changes:
            changes[name] = getattr(instance, name)
    return type(instance)(**changes)


def field_names(kind: type) -> tuple[str, ...]:
    """Return the names of a dataclass's fields."""
    names: tuple[str, ...] = kind.__match_args__  # type: ignore[attr-defined]
    return names


def field_values(instance: object) -> tuple[Any, ...]:
    """Return the values of a dataclass's fields, as they are."""
    return tuple([getattr(instance, name) for name in field_names(type(instance))])


if not TYPE_CHECKING:
    dataclass, field, replace = _dataclass, _field, _replace


def _made(cls: type[_T], frozen: bool, slots: bool, eq: bool) -> type[_T]:
    own = _own_fields(cls)
    fields: dict[str, _Field] = {}
    for base in reversed(cls.__mro__[1:]):
        if (inherited := base.__dict__.get(_DEFINITION)) is not None:
            fields |= inherited.fields
    fields |= own
    _refuse_required_after_default(fields)
    if slots:
        cls = _with_slots(cls, fields)
    _add(cls, _DEFINITION, _Definition(fields, frozen))
    _add(cls, "__match_args__", tuple(fields))
    for name in ("__dataclass_fields__", "__dataclass_params__"):
        type.__setattr__(cls, name, _StandardAttribute(name, cls))
    _add(cls, "__init__", _Uncompiled(cls, "__init__", _init_of))
    _add(cls, "__repr__", _repr)
    if eq:
        # Python itself sets None where a class defines `__eq__` alone
        own_hash = "__hash__" in cls.__dict__ and (cls.__dict__["__hash__"] is not None or "__eq__" not in cls.__dict__)
        _add(cls, "__eq__", _Uncompiled(cls, "__eq__", _eq_of))
        if not own_hash:
            type.__setattr__(cls, "__hash__", _Uncompiled(cls, "__hash__", _hash_of) if frozen else None)
    if frozen:
        _guard(cls, frozenset(fields))
        if slots:
            _add(cls, "__getstate__", _getstate)
            _add(cls, "__setstate__", _setstate)
    return cls


def _own_fields(cls: type) -> dict[str, _Field]:
    """The fields that a class's own annotations name; leaves their plain defaults as attributes of the class."""
    found: dict[str, _Field] = {}
    for name, annotation in cls.__annotations__.items():
        if annotation.startswith(("ClassVar", "typing.ClassVar")):
            continue
        given = cls.__dict__.get(name, _MISSING)
        each = given if isinstance(given, _Field) else _Field(given, _MISSING, True, None, True)
        each.annotation = annotation
        if each.default.__class__.__hash__ is None:
            raise ValueError(
                f"mutable default {type(each.default)} for field {name} is not allowed: use default_factory"
            )
        if each is given:
            if each.default is _MISSING:
                delattr(cls, name)
            else:
                type.__setattr__(cls, name, each.default)
        found[name] = each
    return found


def _refuse_required_after_default(fields: Mapping[str, _Field]) -> None:
    optional = False
    for name, each in fields.items():
        if each.default is not _MISSING or each.factory is not _MISSING:
            optional = True
        elif optional:
            raise TypeError(f"non-default argument {name!r} follows default argument")


def _with_slots(cls: type, fields: Mapping[str, _Field]) -> type:
    """The same class again, as slots can only be given to a class as it is made."""
    content = {name: value for name, value in cls.__dict__.items() if name not in fields}
    content.pop("__dict__", None)
    content.pop("__weakref__", None)
    taken = {name for base in cls.__mro__[1:] for name in base.__dict__.get("__slots__", ())}
    content["__slots__"] = tuple(name for name in fields if name not in taken)
    made: type = type(cls)(cls.__name__, cls.__bases__, content)
    made.__qualname__ = cls.__qualname__
    return made


def _add(cls: type, name: str, value: object) -> None:
    """Give a class an attribute that it does not define itself."""
    if name not in cls.__dict__:
        type.__setattr__(cls, name, value)


def _init_of(cls: type) -> FunctionType:
    """Make the `__init__` of a class."""
    definition: _Definition = cls.__dict__[_DEFINITION]
    known: dict[str, object] = {"_set": object.__setattr__, "_missing": _MISSING}
    defaults: list[object] = []
    lines = []
    for number, (name, each) in enumerate(definition.fields.items()):
        value = f"_{number}"
        if each.factory is not _MISSING:
            known[f"_factory{number}"] = each.factory
            value = f"_factory{number}() if _{number} is _missing else _{number}"
            defaults.append(_MISSING)
        elif each.default is not _MISSING:
            defaults.append(each.default)
        if not definition.frozen:
            lines.append(f"self.{name} = {value}")
        elif isinstance(slot := getattr(cls, name, None), MemberDescriptorType):
            known[f"_set{number}"] = slot.__set__
            lines.append(f"_set{number}(self, {value})")
        else:
            lines.append(f"_set(self, {name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    names = ("self", *definition.fields)
    parameters = ", ".join(["self", *[f"_{number}" for number in range(len(definition.fields))]])
    code = _code_of(f"def __init__({parameters}):\n " + "\n ".join(lines or ["pass"]))
    made = FunctionType(code.replace(co_varnames=names), known, "__init__", tuple(defaults))
    made.__annotations__ = {name: each.annotation for name, each in definition.fields.items()} | {"return": None}
    return made


def _eq_of(cls: type) -> FunctionType:
    fields: Mapping[str, _Field] = cls.__dict__[_DEFINITION].fields
    names = [name for name, each in fields.items() if each.compare]
    ours, others = (_tuple_of(whose, names) for whose in ("self", "other"))
    test = f"{ours} == {others} if other.__class__ is self.__class__ else NotImplemented"
    return _compiled(f"def __eq__(self, other):\n return {test}", {})


def _hash_of(cls: type) -> FunctionType:
    fields: Mapping[str, _Field] = cls.__dict__[_DEFINITION].fields
    names = [name for name, each in fields.items() if (each.compare if each.hash is None else each.hash)]
    return _compiled(f"def __hash__(self):\n return hash({_tuple_of('self', names)})", {})


def _tuple_of(whose: str, names: Sequence[str]) -> str:
    return f"({''.join([f'{whose}.{name},' for name in names])})"


def _compiled(text: str, known: dict[str, object]) -> FunctionType:
    return FunctionType(_code_of(text), known)


_codes: dict[str, CodeType] = {}
"""What was compiled, by its text: classes with as many fields share an `__init__` but for the names."""


def _code_of(text: str) -> CodeType:
    """Compile a function; compiling takes a hundred times as long as giving it other names."""
    if text not in _codes:
        names: dict[str, FunctionType] = {}
        exec(text, {}, names)  # noqa: S102 - made of the names of a class's own fields
        (function,) = names.values()
        _codes[text] = function.__code__
    return _codes[text]


@recursive_repr("...")
def _repr(self: object) -> str:
    shown = getattr(self, _DEFINITION).shown
    return f"{type(self).__qualname__}({', '.join([f'{name}={getattr(self, name)!r}' for name in shown])})"


def _guard(cls: type, names: frozenset[str]) -> None:
    """Refuse to change the fields of a frozen class."""

    def set_attribute(self: object, name: str, value: object) -> None:
        if type(self) is cls or name in names:
            raise _frozen(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)  # type: ignore[arg-type]

    def delete_attribute(self: object, name: str) -> None:
        if type(self) is cls or name in names:
            raise _frozen(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)  # type: ignore[arg-type]

    type.__setattr__(cls, "__setattr__", set_attribute)
    type.__setattr__(cls, "__delattr__", delete_attribute)


def _frozen(message: str) -> AttributeError:
    from dataclasses import FrozenInstanceError

    return FrozenInstanceError(message)


def _getstate(self: object) -> list[object]:
    return [getattr(self, name) for name in getattr(self, _DEFINITION).fields]


def _setstate(self: object, state: Sequence[object]) -> None:
    for name, value in zip(getattr(self, _DEFINITION).fields, state, strict=True):
        object.__setattr__(self, name, value)


def _standard_twin(cls: type) -> type:
    """A standard dataclass with the fields of a class."""
    import dataclasses

    definition: _Definition = cls.__dict__[_DEFINITION]
    fields: list[tuple[str, object, object]] = []
    for name, each in definition.fields.items():
        default = dataclasses.MISSING if each.default is _MISSING else each.default
        factory = dataclasses.MISSING if each.factory is _MISSING else each.factory
        said = dataclasses.field(  # type: ignore[call-overload]
            default=default, default_factory=factory, repr=each.repr, hash=each.hash, compare=each.compare
        )
        fields.append((name, each.annotation, said))
    return dataclasses.make_dataclass(cls.__name__, fields, frozen=definition.frozen)
