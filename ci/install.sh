#!/bin/sh
# Install storyboard from the copy of its repository that this script lies in.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
python3 -m pip install --quiet --disable-pip-version-check --constraint "$here/constraints.txt" "$here"
storyboard --version
