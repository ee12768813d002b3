"""What tests of networks share."""

from __future__ import annotations

from pathlib import Path

import pytest

from .tiny import make_encoder


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an encoder of two layers."""
    return make_encoder(tmp_path_factory.mktemp("encoder"))
