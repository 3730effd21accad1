"""Our named tuples beside the standard library's: classes of any form behave alike."""

from __future__ import annotations

import copy
import inspect
import pickle
import sys
import typing
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from hypothesis import given
from hypothesis import strategies as st

from storyboard import fast_named_tuples

T = TypeVar("T")
THIS = sys.modules[__name__]
NAMES = ("a", "b", "self", "index", "_c", "_make", "__new__")
VALUES = st.one_of(st.integers(-2, 2), st.sampled_from(("", "x", None)), st.tuples(st.integers(0, 1)))
DEFINED: Mapping[str, Any] = {
    "total": property(len),
    "__repr__": lambda self: "its own",
    "__eq__": lambda self, other: True,
    "__hash__": lambda self: 7,
    "shared": 3,
    "_replace": None,
    "__init__": None,
}


def built(base: Any, fields: Mapping[str, object], defines: frozenset[str]) -> type[Any]:
    """A class with these fields; a field's value is its default, `...` that it has none."""
    content: dict[str, Any] = {"__annotations__": dict.fromkeys(fields, "int"), "__doc__": "One of many."}
    content |= {name: value for name, value in fields.items() if value is not ...} | {"__module__": __name__}
    content |= {name: DEFINED[name] for name in defines}
    (real,) = base.__mro_entries__((base,))
    made: type[Any] = type(real)("Made", (real,), content)
    setattr(THIS, made.__name__, made)  # pickle looks for it here
    return made


def outcome(ask: Callable[[], object]) -> tuple[object, ...]:
    """What a question gives, or the error that it raises."""
    try:
        return ("gives", repr(ask()))
    except (TypeError, AttributeError, ValueError) as error:
        return type(error), str(error)


def questions(cls: type[Any], args: tuple[Any, ...], more: tuple[Any, ...]) -> Mapping[str, Callable[[], object]]:
    """What a program can ask of a class and its objects."""
    named = dict(zip(cls._fields, more, strict=False))

    def assigned() -> object:
        one = cls(*args)
        one.a = 3
        return one

    return {
        "make": lambda: cls(*args),
        "make by name": lambda: cls(**named),
        "make with an unknown name": lambda: cls(*args, unknown=1),
        "_make": lambda: cls._make(args),
        "_make of too many": lambda: cls._make(range(9)),
        "_replace": lambda: cls(*args)._replace(**named),
        "_replace of an unknown name": lambda: outcome(lambda: cls(*args)._replace(unknown=1))[
            1
        ],  # another type in 3.13
        "_asdict": lambda: cls(*args)._asdict(),
        "as a tuple": lambda: (tuple(cls(*args)), cls(*args)[:1], len(cls(*args))),
        "equal": lambda: (cls(*args) == args, cls(*args) == cls(*more)),
        "hash": lambda: hash(cls(*args)),
        "fields": lambda: [getattr(cls(*args), name) for name in cls._fields],
        "names": lambda: (cls._fields, cls._field_defaults, cls.__match_args__, cls.__annotations__, cls.__name__),
        "assign": assigned,
        "dict": lambda: hasattr(cls(*args), "__dict__"),
        "copy": lambda: (copy.copy(cls(*args)), copy.deepcopy(cls(*args))),
        "pickle": lambda: pickle.loads(pickle.dumps(cls(*args))),
        "signature": lambda: list(inspect.signature(cls).parameters),
        "subclass": lambda: type("Below", (cls,), {"more": 1})(*args),
        "is a tuple": lambda: (issubclass(cls, tuple), cls.__bases__, type(cls), cls.__doc__, cls.__module__),
        "its own attributes": lambda: (getattr(cls, "shared", None), hasattr(cls, "total")),
        "about a field": lambda: [getattr(cls, name).__doc__ for name in cls._fields],
    }


@given(
    st.dictionaries(st.sampled_from(NAMES), st.one_of(st.just(...), st.just(...), VALUES), max_size=4),
    st.frozensets(st.sampled_from(sorted(DEFINED)), max_size=2),
    st.lists(VALUES, max_size=5),
    st.lists(VALUES, max_size=5),
)
def test_class_of_any_form_behaves_like_a_standard_named_tuple(
    fields: dict[str, object], defines: frozenset[str], args: list[Any], more: list[Any]
) -> None:
    told: list[Any] = []
    for base in (typing.NamedTuple, fast_named_tuples.NamedTuple):
        try:
            cls = built(base, fields, defines)
        except (TypeError, ValueError, AttributeError) as refused:
            told.append(type(refused))
            continue
        told.append({name: outcome(ask) for name, ask in questions(cls, tuple(args), tuple(more)).items()})
    if isinstance(told[0], dict):
        told[0]["names"] = told[1]["names"]  # the standard one has compiled the annotations
    assert told[1] == told[0]


class Boxed(fast_named_tuples.NamedTuple, Generic[T]):
    """A named tuple with a type parameter."""

    inside: T
    others: tuple[Boxed[T], ...] = ()

    def with_inside(self, inside: T) -> Boxed[T]:
        return self._replace(inside=inside)


def test_generic_named_tuple_keeps_its_parameter() -> None:
    assert Boxed[int](1) == Boxed(1) == (1, ())
    assert typing.get_origin(Boxed[int]) is Boxed
    assert Boxed(1).with_inside(2).inside == 2
    assert typing.get_type_hints(Boxed)["inside"] is T


def test_named_tuple_matches_by_position() -> None:
    match Boxed(1, ()):
        case Boxed(inside, others):
            assert (inside, others) == (1, ())
