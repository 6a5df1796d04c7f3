"""LanceDB comes without the client of its cloud, and whole if it cannot do without it."""

import subprocess
import sys

import pytest

USE = (
    "from vext_desktop.index.lance_import import import_lancedb\n"
    "lancedb = import_lancedb()\n"
    "table = lancedb.connect('db').create_table('t', [{'id': 1, 'vector': [0.0, 1.0]}])\n"
    "assert table.search([0.0, 1.0]).to_list()[0]['id'] == 1\n"
    "print('lance_namespace_urllib3_client.api_client' in sys.modules)\n"
)
# As a later release might be: the package that uses the client wants more of it.
NEEDS_ALL = (
    "import importlib, lance_namespace_urllib3_client\n"
    "del sys.modules['lance_namespace_urllib3_client']\n"
    "def refuse(name): raise ImportError('cannot import name ApiClient')\n"
    "importlib.import_module = refuse\n"
)


@pytest.mark.parametrize(("before", "is_whole"), [("", False), (NEEDS_ALL, True)])
def test_a_table_works_with_and_without_the_cloud_client(before: str, is_whole: bool) -> None:
    command = [sys.executable, "-c", "import sys\n" + before + USE]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(is_whole)
