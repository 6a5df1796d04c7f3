"""The story of the smoke test: install, use, upgrade, remove, and look at what is left."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from installers.debian import build_deb, deb_of
from installers.places import BUILD, NAME, Identity, bytes_below, folder_built, megabytes
from installers.workshop import WORKSHOP
from smoke.display import Display
from smoke.minimal_root import HOME, MinimalRoot
from smoke.old_package import OBSOLETE, OLD_VERSION, build_old_package
from smoke.report import Report
from smoke.using import Person

RESULTS = BUILD / "smoke"
MOST_SECONDS_TO_WINDOW = 3.0
MOST_INSTALLED_BYTES = 700_000_000
_DATA = f"{HOME}/.local/share/{NAME}"
_TOOLS = (
    "appstreamcli", "compare", "debootstrap", "desktop-file-validate", "import", "openbox",
    "unshare", "xdotool", "Xvfb", "zstd",
)  # fmt: skip


def run_smoke(identity: Identity, package: Path | None = None) -> Report:
    """Try the Debian package where there is nothing else; the log tells each step.

    Args:
        identity: What was built.
        package: The .deb; if None the one that was built last, or else one that is built now and
            squeezed little.

    Raises:
        SystemExit: Something is not as it must be, or cannot be tried here.
    """
    if lacking := what_is_missing():
        raise SystemExit(f"the smoke test needs {', '.join(lacking)}")
    RESULTS.mkdir(parents=True, exist_ok=True)
    report = Report(RESULTS)
    package = package or _newest(identity) or build_deb(identity, 3)
    report.note("package_bytes", package.stat().st_size)
    report.say(f"{package.name}: {megabytes(package.stat().st_size)}")
    place = Path(tempfile.mkdtemp(prefix="vext-smoke-"))
    with MinimalRoot(place) as root:
        # Sockets of the display are files: the program reaches it without a network.
        root.mount(Path("/tmp/.X11-unix"), "tmp/.X11-unix")  # noqa: S108 - where X has it
        _try(root, package, identity, report)
    report.say("all is as it must be")
    return report


def what_is_missing() -> list[str]:
    """What this machine lacks for the test, in words; empty if nothing."""
    lacking = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if os.geteuid() != 0:
        lacking.append("the rights of root, for a system of its own in a folder")
    return lacking


def _try(root: MinimalRoot, package: Path, identity: Identity, report: Report) -> None:
    found = root.run("sh", "-c", "command -v python3 || echo none").strip()
    report.check("there is no Python in the minimal system", is_so=found == "none")
    before = root.files()
    _install(root, package, identity, report)
    with Display(_free_display(), RESULTS) as display:
        person = Person(root, display, report, WORKSHOP / "bin" / "python")
        try:
            _check_program(person, report, identity)
            _use(person, report)
        except BaseException:
            display.picture("where-it-failed")
            raise
    _remove(root, before, report)


def _install(root: MinimalRoot, package: Path, identity: Identity, report: Report) -> None:
    for each in (build_old_package(), package):
        shutil.copy2(each, root.inside("/tmp"))  # noqa: S108 - inside
    root.run("apt-get", "install", "-y", "-q", f"/tmp/{NAME}_{OLD_VERSION}_all.deb")  # noqa: S108
    kept = root.inside(f"{_DATA}/of-the-user.txt")
    kept.parent.mkdir(parents=True)
    kept.write_text("kept\n", encoding="utf-8")
    root.run("chown", "-R", "person:person", f"{HOME}/.local")
    told = root.run("apt-get", "install", "-y", "-q", f"/tmp/{package.name}")  # noqa: S108
    (RESULTS / "apt-install.txt").write_text(told, encoding="utf-8")
    version = root.run("dpkg-query", "--show", "--showformat=${Version}", NAME)
    report.check(f"apt has upgraded {OLD_VERSION} to {version}", is_so=version == identity.version)
    gone = not root.inside(OBSOLETE).exists()
    report.check("what only the old version had is gone", is_so=gone)
    report.check("the person's data is still there", is_so=kept.is_file())
    size = bytes_below(root.inside(f"/usr/lib/{NAME}"))
    report.note("installed_bytes", size)
    fits = size < MOST_INSTALLED_BYTES
    report.check(f"installed it takes {megabytes(size)}", is_so=fits)
    share = root.inside("/usr/share")
    for command in (
        ["desktop-file-validate", str(share / "applications" / f"{NAME}.desktop")],
        ["appstreamcli", "validate", "--no-net", *map(str, (share / "metainfo").glob("*.xml"))],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        report.say(f"{command[0]}: {(done.stdout + done.stderr).strip() or 'nothing to say'}")
        report.check(f"{command[0]} is content", is_so=done.returncode == 0)


def _check_program(person: Person, report: Report, identity: Identity) -> None:
    told = person.ask("--version").strip()
    report.check(f"it says: {told}", is_so=told.endswith(identity.version))
    person.ask("doctor", "--json")
    report.check("its doctor misses nothing", is_so=True)


def _use(person: Person, report: Report) -> None:
    count = person.lay_out_documents()
    seconds = person.start(cold=True)
    report.note("cold_start_s", round(seconds, 2))
    report.say(f"the window was on the screen {seconds:.2f} s after a cold start")
    person.look("1-first-start")
    work = person.processor_s_to_window()
    report.note("processor_s_to_window", work)
    report.check(
        f"until then it had used {work:.2f} s of one processor", is_so=work < MOST_SECONDS_TO_WINDOW
    )
    person.drop_documents(count)
    person.search()
    person.start_again_with_a_folder(count)
    person.open_pages()
    person.reload_model()
    person.kill_engine()
    person.close()
    person.search_in_the_terminal()
    warm = person.start(cold=False)
    report.note("warm_start_s", round(warm, 2))
    report.say(f"the window was on the screen {warm:.2f} s after a warm start")
    person.wait_for_index(2)
    person.look("9-started-again")
    person.close()


def _remove(root: MinimalRoot, before: set[str], report: Report) -> None:
    told = root.run("apt-get", "purge", "-y", "-q", NAME)
    report.check("purging says that the data is kept", is_so="are kept" in told)
    root.run("apt-get", "autoremove", "--purge", "-y", "-q")
    left = sorted(root.files() - before)
    (RESULTS / "left-after-purge.txt").write_text("\n".join(left) + "\n", encoding="utf-8")
    ours = [path for path in left if "vext" in path and not path.startswith((HOME, "/tmp/"))]  # noqa: S108
    report.check(f"nothing of it is left outside of home folders {ours or ''}", is_so=not ours)
    data = root.inside(f"{_DATA}/of-the-user.txt")
    report.check("the person's data is still there after purging", is_so=data.is_file())
    # What fontconfig keeps for all programs of a person is its own.
    known = (_DATA, f"{HOME}/Documents", f"{HOME}/.cache/fontconfig")
    strange = [path for path in left if path.startswith(HOME) and not path.startswith(known)]
    report.note("left_in_home_beside_the_data", strange)
    report.check(f"nothing is left in the home beside the data {strange or ''}", is_so=not strange)


def _newest(identity: Identity) -> Path | None:
    """The package in dist/, if no program was built after it."""
    package = deb_of(identity)
    folder = folder_built()
    if not package.is_file() or not folder.is_dir():
        return None
    return package if package.stat().st_mtime > folder.stat().st_mtime else None


def _free_display() -> int:
    return next(n for n in range(90, 200) if not Path(f"/tmp/.X11-unix/X{n}").exists())  # noqa: S108
