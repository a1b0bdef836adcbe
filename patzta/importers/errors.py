"""Errors of the importers.

    ImportFailed
    └── NotAnExport    the folder holds nothing that the importer could read

A single bad file is no error: it is left out and reported as `Skipped`.
"""

from pathlib import Path

from patzta.errors import PatztaError


class ImportFailed(PatztaError):
    """Base of everything that importers raise on purpose."""


class NotAnExport(ImportFailed):
    """Nothing in ``folder`` looks like the wanted export; the message says where to get one."""

    def __init__(self, folder: Path, wanted: str) -> None:
        super().__init__(f"{folder} holds no {wanted}")
        self.folder = folder
