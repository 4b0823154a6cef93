"""Placeholder until the room is built."""
from migrator.python.project import Project
from migrator.python.unit import Draft


class LowLevel:
    def __init__(self, project: Project) -> None:
        self.project = project

    def drafts(self) -> list[Draft]:
        return []
