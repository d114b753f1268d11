"""One archive for all tests: ours, whose address the environment tells, or Orthanc, which is started here."""

import os

import pynetdicom
import pytest
from pynetdicom import _config

from archive import Archive, Orthanc
from images import Cohort

# Files go out as they are; without it pynetdicom would write them anew.
_config.STORE_SEND_CHUNKED_DATASET = True
# What others sent is compared, and not checked.
_config.STORE_RECV_CHUNKED_DATASET = False
os.environ["TCP_NODELAY"] = "1"
pynetdicom._config.LOG_HANDLER_LEVEL = "none"

# Services that the archive does not have yet: their tests stand ready, and are collected from the day it does.
collect_ignore = ["tests/test_commitment.py", "tests/test_steps.py"]


def pytest_addoption(parser):
    parser.addoption("--target", choices=["bianque", "orthanc"], default="bianque", help="which archive is tested")


@pytest.fixture(scope="session")
def archive(request):
    archive = Orthanc() if request.config.getoption("target") == "orthanc" else Archive()
    yield archive
    archive.close()


@pytest.fixture(scope="session")
def cohort(archive):
    """A few patients with their images, stored."""
    cohort = Cohort()
    cohort.store(archive)
    return cohort
