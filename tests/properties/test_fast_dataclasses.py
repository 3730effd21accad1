"""Our dataclasses beside the standard library's: classes of any form behave alike."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar, get_origin  # noqa: F401 - the standard library looks for `ClassVar` here

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyboard import fast_dataclasses

T = TypeVar("T")
THIS = sys.modules[__name__]
NAMES = ("a", "b", "c", "d", "e")
VALUES = st.one_of(st.integers(-2, 2), st.sampled_from(("", "x", None, float("nan"))), st.tuples(st.integers(0, 1)))


@dataclasses.dataclass(frozen=True)
class Form:
    """What a class says of itself: its options, its fields by name, and what else it defines."""

    options: Mapping[str, bool]
    fields: tuple[tuple[str, Mapping[str, Any]], ...]
    base: Form | None
    defines: tuple[str, ...]


def plain_repr(self: object) -> str:
    return "its own"


def equal_to_all(self: object, other: object) -> bool:
    return True


def own_hash(self: object) -> int:
    return 7


def count_up(self: object) -> None:
    made.append(type(self).__name__)


made: list[str] = []
DEFINED: Mapping[str, Any] = {
    "__repr__": plain_repr,
    "__eq__": equal_to_all,
    "__hash__": own_hash,
    "__post_init__": count_up,
}


@st.composite
def forms(draw: st.DrawFn, base: bool = True) -> Form:
    above = draw(st.none() | forms(base=False)) if base else None
    flags = {name: draw(st.booleans()) for name in ("frozen", "slots", "eq")}
    if above is not None:
        flags["frozen"] = above.options["frozen"]
    optional = above is not None and any(has_default(said) for _, said in above.fields)
    fields = []
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4)):
        said: dict[str, Any] = {}
        if optional or draw(st.booleans()):
            optional = True
            said |= draw(st.sampled_from(({"default_factory": list}, {"default": 3}, {"default": ("x",)})))
        for flag in draw(st.sets(st.sampled_from(("repr", "compare", "hash")))):
            said[flag] = draw(st.booleans())
        fields.append((name, said))
    defines = tuple(sorted(draw(st.sets(st.sampled_from(sorted(DEFINED)), max_size=2))))
    return Form(flags, tuple(fields), above, defines)


def has_default(said: Mapping[str, Any]) -> bool:
    return bool({"default", "default_factory"} & said.keys())


def built(form: Form, of: Any, name: str) -> type[Any]:
    """The class of a form, made with the standard library or with ours."""
    above = built(form.base, of, f"{name}Above") if form.base else object
    content: dict[str, Any] = {"__module__": __name__, "__qualname__": name, "__doc__": "One of many.", "shared": 1}
    content["__annotations__"] = {"shared": "ClassVar[int]"} | {field: "object" for field, _ in form.fields}
    for field, said in form.fields:
        if said.keys() == {"default"}:
            content[field] = said["default"]
        elif said:
            content[field] = of.field(**said)
    content |= {each: DEFINED[each] for each in form.defines}
    made_class: type[Any] = of.dataclass(**form.options)(type(name, (above,), content))
    setattr(THIS, name, made_class)  # pickle looks for it here
    return made_class


def outcome(ask: Callable[[], object]) -> tuple[object, ...]:
    """What a question gives, or the error that it raises."""
    made.clear()
    try:
        given_back = ask()
    except (TypeError, AttributeError, ValueError) as error:
        return type(error), str(error)
    return repr(given_back), tuple(made)


def questions(cls: Any, args: tuple[Any, ...], more: tuple[Any, ...]) -> Mapping[str, Callable[[], object]]:
    """What a program can ask of a class and its objects."""

    def one() -> Any:
        return cls(*args)

    def changed(name: str) -> object:
        it = one()
        setattr(it, name, 9)
        return getattr(it, name)

    def refused(ask: Callable[[], object]) -> bool:  # Python 3.11 refuses with a wrong message where there are slots
        return isinstance(outcome(ask)[0], type)

    def removed(name: str) -> object:
        it = one()
        delattr(it, name)
        return hasattr(it, name)

    standard: Any = dataclasses.dataclass
    by_identity = cls.__hash__ is object.__hash__ or any(isinstance(value, float) for value in args)
    named = dict(zip(cls.__match_args__, more, strict=False))
    return {
        "make": one,
        "make by name": lambda: cls(**named),
        "make with an unknown name": lambda: cls(*args, unknown=1),
        "equal to itself": lambda: one() == one(),
        "equal to another": lambda: one() == cls(*more),
        "equal to another type": lambda: one() == 3,
        "hash": lambda: hash(one()) == hash(one()),
        "the hash itself": lambda: 0 if by_identity else hash(one()),
        "assign": lambda: [outcome(partial(changed, name)) for name in cls.__match_args__],
        "assign to what is no field": lambda: refused(lambda: changed("unknown")),
        "delete": lambda: [outcome(partial(removed, name)) for name in cls.__match_args__],
        "copy": lambda: copy.copy(one()),
        "deep copy": lambda: copy.deepcopy(one()),
        "pickle": lambda: pickle.loads(pickle.dumps(one())),
        "a default of the class": lambda: getattr(cls, NAMES[0], None) if not cls.__dict__.get("__slots__") else 0,
        "match_args": lambda: cls.__match_args__,
        "slots": lambda: cls.__dict__.get("__slots__"),
        "dict": lambda: hasattr(one(), "__dict__"),
        "signature": lambda: [(each.name, each.annotation) for each in inspect.signature(cls).parameters.values()],
        "is a dataclass": lambda: dataclasses.is_dataclass(cls),
        "fields": lambda: [(f.name, f.type, f.repr, f.hash, f.compare, f.default) for f in dataclasses.fields(cls)],
        "standard asdict": lambda: dataclasses.asdict(one()),
        "standard replace": lambda: dataclasses.replace(one(), **named),
        "qualname": lambda: (
            cls.__qualname__,
            cls.__init__.__qualname__.rpartition(".")[2],
            cls.__module__,
            cls.__doc__,
        ),
        "undecorated subclass": lambda: type("Below", (cls,), {})(*args),
        "standard subclass": lambda: standard(frozen=cls.__dataclass_params__.frozen)(
            type("Below", (cls,), {"__annotations__": {"z": "int"}, "z": 1})
        )(*args),
    }


@given(forms(), st.lists(VALUES, max_size=8), st.lists(VALUES, max_size=8))
def test_class_of_any_form_behaves_like_a_standard_dataclass(form: Form, args: list[Any], more: list[Any]) -> None:
    told: list[dict[str, object]] = []
    for of in (dataclasses, fast_dataclasses):
        try:
            cls = built(form, of, "Made")
        except TypeError:  # a field without a default after one that has
            told.append({})
            continue
        told.append({name: outcome(ask) for name, ask in questions(cls, tuple(args), tuple(more)).items()})
    assert told[1] == told[0]


@given(st.sampled_from(("slots", "frozen")), st.booleans())
def test_required_field_after_an_optional_one_is_refused(option: str, on: bool) -> None:
    form = Form({option: on}, (("a", {"default": 1}), ("b", {})), None, ())
    refusals = [outcome(partial(built, form, of, "Made")) for of in (dataclasses, fast_dataclasses)]
    assert [refusal[0] for refusal in refusals] == [TypeError, TypeError]


def test_mutable_default_is_refused() -> None:
    form = Form({}, (("a", {"default": []}),), None, ())
    refusals = [outcome(partial(built, form, of, "Made")) for of in (dataclasses, fast_dataclasses)]
    assert [refusal[0] for refusal in refusals] == [ValueError, ValueError]


@fast_dataclasses.dataclass(frozen=True, slots=True)
class Boxed(Generic[T]):
    """A class with a type parameter."""

    inside: T
    others: tuple[Boxed[T], ...] = ()


def test_generic_class_keeps_its_parameter() -> None:
    assert Boxed[int](1) == Boxed(1)
    assert get_origin(Boxed[int]) is Boxed
    assert repr(Boxed(1, (Boxed(2),))) == "Boxed(inside=1, others=(Boxed(inside=2, others=()),))"


@fast_dataclasses.dataclass(slots=True)
class Knot:
    """A class whose objects can hold themselves."""

    itself: Knot | None = None


def test_object_that_holds_itself_has_a_repr() -> None:
    knot = Knot()
    knot.itself = knot
    assert repr(knot) == "Knot(itself=...)"


def test_objects_match_by_position() -> None:
    match Boxed(1, ()):
        case Boxed(inside, others):
            assert (inside, others) == (1, ())


def test_names_and_values_of_fields_come_in_order() -> None:
    assert fast_dataclasses.field_names(Boxed) == ("inside", "others")
    assert fast_dataclasses.field_values(Boxed(1)) == (1, ())


def test_replace_keeps_the_other_fields() -> None:
    assert fast_dataclasses.replace(Boxed(1, (Boxed(2),)), inside=3) == Boxed(3, (Boxed(2),))
    with pytest.raises(TypeError, match="unexpected keyword argument 'unknown'"):
        fast_dataclasses.replace(Boxed(1), unknown=3)  # type: ignore[call-arg]
