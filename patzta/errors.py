"""The root of every error that a user is told about.

PatztaError
├── ini.SettingsError            a config file or token that cannot be used (exit code 2)
├── services.ServiceMissing      a service that no plugin provides
├── store.StoreError             the database cannot be opened or used
├── framework.FrameworkError     a plugin, or Discord itself
├── inference.InferenceError     the model or its worker
├── jobs.JobError                a job that cannot be started, or does not take what is asked
├── importers.ImportFailed       an export that cannot be read
├── dataset.DatasetError         a dataset that cannot be built or read
├── evaluation.EvaluationError   nothing to measure by
├── training.TrainingError       a training that cannot go on
└── sandbox.SandboxError         the local Discord
"""

from __future__ import annotations


class PatztaError(Exception):
    """``str(error)`` is one sentence for a person: what is wrong and what to do next."""

    exit_code = 1
