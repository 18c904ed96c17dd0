"""The files of a job and where they can be downloaded."""

from __future__ import annotations

from collections.abc import Iterator

from jobrunner.cli import words
from jobrunner.cli.cells import one_line
from jobrunner.cli.terminal import Terminal
from jobrunner.client import Client
from jobrunner.wire import ArtifactData, JobData


def artifacts(job: JobData) -> Iterator[ArtifactData]:
    """Go through the files that the job and its parts have made, each once."""
    of_parts = (part["artifact"] for part in job["parts"] if part["artifact"] is not None)
    yield from {artifact["name"]: artifact for artifact in (*job["artifacts"], *of_parts)}.values()


def print_artifacts(client: Client, job: JobData, terminal: Terminal) -> None:
    """Print a line for each: its name, its size, its address."""
    for artifact in artifacts(job):
        where = client.artifact_url(job["job_id"], artifact["name"])
        terminal.print("  ".join([one_line(artifact["name"]), words.size(artifact["size"]), where]))
