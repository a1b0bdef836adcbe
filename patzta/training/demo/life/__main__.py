"""Write the committed export: ``python -m patzta.training.demo.life``."""

import sys
from pathlib import Path

from patzta.training.demo.life.write import write_export

EXPORT = Path(__file__).parents[1] / "export"

if __name__ == "__main__":
    sys.stderr.write(f"{write_export(EXPORT)} messages in {EXPORT}\n")
