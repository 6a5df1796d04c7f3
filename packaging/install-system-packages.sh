#!/bin/sh
# Install the Debian packages of system-packages.txt that are missing; called by `make setup`.
# Without the right to do so it prints the command and goes on: most machines have nearly all
# of them, and what really lacks one says so itself.
set -u

list="$(dirname "$0")/system-packages.txt"

if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "setup: not a Debian system; the libraries that Qt needs are named in $list"
    exit 0
fi

is_installed() {
    dpkg-query --show --showformat='${Status}\n' "$1" 2>/dev/null | grep -q 'ok installed$'
}

missing=""
for package in $(sed 's/#.*//' "$list"); do
    # Newer releases renamed some of them when time became 64 bits wide.
    is_installed "$package" || is_installed "${package}t64" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
    echo "setup: these system packages are missing:$missing"
    echo "setup: install them with:  sudo apt-get install$missing"
    exit 0
fi

echo "setup: installing system packages:$missing"
export DEBIAN_FRONTEND=noninteractive
# The index of packages may be missing (fresh machine) or old (the files it names are gone).
# shellcheck disable=SC2086 # one word for each package
if apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; then
    exit 0
fi
echo "setup: that did not work. Later:  apt-get update && apt-get install$missing"
