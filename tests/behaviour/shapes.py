"""The small projects of testdata/shapes as subjects: those that say how they are started."""

from __future__ import annotations

from pathlib import Path

from tests import shapes
from tests.behaviour.cases import subject_of
from tests.behaviour.environments import Environment
from tests.behaviour.subject import Subject

PREFIX = "shapes/"  # of their names


def subjects(environment: Environment, folder: Path = shapes.SHAPES) -> list[Subject]:
    """Those that name this environment or its generation, by name. Raises BadCase."""
    return [
        subject_of(f"{PREFIX}{shape.name}", shape.notes, shape.write)
        for shape in shapes.shapes(folder)
        if {environment.name, environment.generation} & set(shape.notes.get("generations", ()))
        and f"{PREFIX}{shape.name}" not in environment.too_old_for
    ]
