"""The async Python client. It speaks HTTP only: it imports no part of the server."""

from jobrunner.client.client import Client
from jobrunner.client.file import File
from jobrunner.client.stream import Connection
from jobrunner.client.watching import Watching

__all__ = ["Client", "Connection", "File", "Watching"]
