"""The fixtures of versions_support for the tests of this folder."""

from versions_support import judged, project, rules

__all__ = ["judged", "project", "rules"]
