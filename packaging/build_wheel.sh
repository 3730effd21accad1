#!/bin/sh
# Build the wheel of a commit: build_wheel.sh OUT [COMMIT]
# The same commit gives the same bytes on every machine with the same setuptools: the wheel is built from what git has,
# with the commit's time on every file.
set -eu
out=$1 commit=${2:-HEAD}
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
mkdir -p "$out"
out=$(CDPATH='' cd -- "$out" && pwd)
source=$(mktemp -d)
trap 'rm -rf "$source"' EXIT
umask 022
git -C "$root" -c tar.umask=0022 archive --format=tar "$commit" | tar -x -C "$source"
SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct "$commit")
export SOURCE_DATE_EPOCH
cd "$source"
"${PYTHON:-python3}" -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir "$out" .
