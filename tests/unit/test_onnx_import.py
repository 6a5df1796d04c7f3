"""ONNX Runtime reports nothing to anybody: its official builds do, unless they are told not to."""

import os
import re
import subprocess
import sys
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "vext_desktop"
_USE = """
import os
from onnx import TensorProto, helper
from vext_desktop.embedding.onnx_import import import_onnxruntime
before = dict(os.environ)
runtime = import_onnxruntime()
assert dict(os.environ) == before, "the environment is another one"
value = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, [1])
graph = helper.make_graph([helper.make_node("Abs", ["a"], ["b"])], "g", [value("a")], [value("b")])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
assert import_onnxruntime() is runtime
"""


def test_nothing_is_kept_about_the_computer_or_its_use(tmp_path: Path) -> None:
    hidden = (
        "ORT_",
        "XDG_",
        "CI",
        "GITHUB_",
        "PYTEST",
    )  # what would keep it silent, or elsewhere, anyway
    variables = {name: text for name, text in os.environ.items() if not name.startswith(hidden)}
    done = subprocess.run(
        [sys.executable, "-c", _USE],
        env={**variables, "HOME": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_there_is_no_other_way_to_it() -> None:
    statement = re.compile(r"^\s*(import onnxruntime\b|from onnxruntime\b)", re.MULTILINE)
    files = SOURCES.rglob("*.py")
    found = [path.name for path in files if statement.search(path.read_text("utf-8"))]
    # The second one names a class for the types, which is not imported when it runs.
    assert sorted(found) == ["onnx_engine.py", "onnx_import.py"]
