"""`@record`: a dataclass that is cheap to define.

`dataclasses.dataclass` compiles five methods for a frozen class, 0.4 ms each time the program starts; for as many classes
as there are here that is half of what importing LibCST takes. A record compiles `__init__` only and shares the others.
That a frozen record is not assigned to is seen to by the type checker.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:

    def record(cls: type | None = None, *, frozen: bool = False, eq: bool = True) -> Any:
        """Class decorator with the options of `dataclass`; what `dataclasses.replace` and `fields` ask for is there, too."""
        if cls is None:
            return lambda given: record(given, frozen=frozen, eq=eq)
        made = dataclass(eq=False, repr=False)(cls)
        made.__repr__ = _repr
        if eq:
            made.__eq__, hashed = _compared([f.name for f in fields(made) if f.compare])
            made.__hash__ = hashed if frozen else None
        return made


def _compared(names: list[str]) -> tuple[Any, Any]:
    """`__eq__` and `__hash__` over the attributes `names`, of records of one class."""
    key = attrgetter(*names) if names else lambda _: ()

    def __eq__(self: object, other: object) -> bool:
        return key(self) == key(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: object) -> int:
        return hash(key(self))

    return __eq__, __hash__


def _repr(self: Any) -> str:
    inside = ", ".join(f"{f.name}={getattr(self, f.name)!r}" for f in fields(self) if f.repr)
    return f"{type(self).__qualname__}({inside})"
