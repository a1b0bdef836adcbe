"""Names of people where the export knows them by ids."""

from collections.abc import Mapping


def distinct(names: Mapping[str, str]) -> dict[str, str]:
    """By id, a name of their own: two people of the same name must not become one."""
    taken: dict[str, int] = {}
    given: dict[str, str] = {}
    for key, name in names.items():
        taken[name] = taken.get(name, 0) + 1
        given[key] = name if taken[name] == 1 else f"{name} ({taken[name]})"
    return given
