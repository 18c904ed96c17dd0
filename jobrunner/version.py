"""The version of this jobrunner."""

VERSION = "0.1.0"
