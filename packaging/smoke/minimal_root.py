"""A minimal Debian system in a folder: no Python, no desktop, a user, and this machine's mirror."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Self

from installers.places import BUILD

USER = "person"
HOME = f"/home/{USER}"
_BASES = BUILD / "smoke-bases"
_MOUNTS = (("/proc", "proc"), ("/dev", "dev"), ("/dev/pts", "dev/pts"), ("/dev/shm", "dev/shm"))  # noqa: S108


class MinimalRoot:
    """The system; a context that unmounts and removes it.

    Args:
        place: An empty folder for it.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self._mounted: list[Path] = []

    def __enter__(self) -> Self:
        suite = _suite()
        base = _BASES / f"{suite}.tar"
        if not base.is_file():
            _make_base(base, suite)
        subprocess.run(["tar", "-xf", str(base), "-C", str(self.place)], check=True)
        for source, target in _MOUNTS:
            self.mount(Path(source), target)
        self._take_over_mirror()
        self.run("useradd", "--create-home", "--shell", "/bin/sh", USER)
        self.run("apt-get", "update", "-q")
        return self

    def __exit__(self, *_of_error: object) -> None:
        for place in reversed(self._mounted):
            subprocess.run(["umount", "--lazy", str(place)], check=False)
        if not any(os.path.ismount(place) for place in self._mounted):
            shutil.rmtree(self.place, ignore_errors=True)

    def mount(self, source: Path, target: str) -> None:
        """Show a folder of this machine inside."""
        place = self.place / target
        place.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "--bind", str(source), str(place)], check=True)
        self._mounted.append(place)

    def inside(self, path: str) -> Path:
        """Where a path of that system lies here."""
        return self.place / path.lstrip("/")

    def run(self, *command: str, limit_s: float = 600.0) -> str:
        """Run a command inside as root, with the network for apt; returns what it printed.

        Raises:
            SystemExit: It failed.
        """
        variables = _variables("root", "/root")
        done = subprocess.run(
            ["chroot", str(self.place), "/usr/bin/env", "-i", *variables, *command],
            capture_output=True, text=True, timeout=limit_s, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(
                f"inside the minimal system {' '.join(command)} ended with {done.returncode}:\n"
                f"{done.stdout[-3000:]}{done.stderr[-3000:]}"
            )
        return done.stdout

    def as_user(self, *command: str, display: str = "") -> list[str]:
        """The command that runs another one inside as the user, without any network."""
        shown = [f"DISPLAY={display}"] if display else []
        return [
            "unshare", "--net", "chroot", f"--userspec={USER}:{USER}", str(self.place),
            "/usr/bin/env", "-i", "-C", HOME, *_variables(USER, HOME), *shown, *command,
        ]  # fmt: skip

    def files(self) -> set[str]:
        """All files and links of the system, but for what is mounted."""
        found = subprocess.run(
            ["find", str(self.place), "-xdev", "-not", "-type", "d", "-printf", "/%P\n"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return set(found.stdout.splitlines())

    def _take_over_mirror(self) -> None:
        """Let apt inside ask where apt here asks; nothing of that is written into the project."""
        for name in ("resolv.conf", "hosts"):
            shutil.copy2(Path("/etc") / name, self.place / "etc" / name)
        dump = subprocess.run(
            ["apt-config", "dump", "Acquire"], capture_output=True, text=True, check=True
        ).stdout
        place = self.place / "etc" / "apt" / "apt.conf.d" / "50of-this-machine"
        place.write_text(dump + 'APT::Install-Recommends "false";\n', encoding="utf-8")


def _variables(user: str, home: str) -> list[str]:
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return [
        f"HOME={home}", f"USER={user}", f"PATH={path}", "LANG=C.UTF-8", "LC_ALL=C.UTF-8",
        "DEBIAN_FRONTEND=noninteractive",
    ]  # fmt: skip


def _make_base(base: Path, suite: str) -> None:
    """Bootstrap the system once, and keep it; a minute or two, most of it downloads."""
    draft = base.with_suffix(".draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    print(f"bootstrapping a minimal {suite}", flush=True)
    log = subprocess.run(
        ["debootstrap", "--variant=minbase", suite, str(draft), _mirror(suite)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if log.returncode:
        raise SystemExit(f"debootstrap failed:\n{log.stdout[-2000:]}{log.stderr[-2000:]}")
    subprocess.run(["tar", "-cf", f"{base}.part", "-C", str(draft), "."], check=True)
    Path(f"{base}.part").replace(base)
    shutil.rmtree(draft, ignore_errors=True)


def _suite() -> str:
    text = Path("/etc/os-release").read_text(encoding="utf-8")
    found = re.search(r"^VERSION_CODENAME=(\S+)$", text, re.MULTILINE)
    if found is None:
        raise SystemExit("this system does not say which release of Debian it is")
    return found[1]


def _mirror(suite: str) -> str:
    """The address of the archive that this machine's apt takes the release from."""
    policy = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(RELEASE) $(REPO_URI)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    for line in policy.stdout.splitlines():
        release, _, address = line.partition(" ")
        if release == suite:
            return address.rstrip("/")
    raise SystemExit(f"apt of this machine has no source for {suite}")
