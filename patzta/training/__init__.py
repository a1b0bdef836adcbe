"""Making a double: fine-tuning a base model on a dataset."""

import logging
import warnings

# bitsandbytes reports while it is imported that an optional kernel is not installed.
logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)
# peft still asks transformers for the old name.
warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
