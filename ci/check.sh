#!/bin/sh
# Check the stories and their format: check.sh [FILE|FOLDER]...
# On GitHub the findings become annotations. Fails if there are errors or a file is not formatted, or if STORYBOARD_SNAPSHOT
# names a file from `storyboard compile --out` and the jobs are not what it says.
set -eu
code=0
if [ -n "${GITHUB_ACTIONS:-}" ]; then
    storyboard lint --format github "$@" || code=$?
else
    storyboard lint "$@" || code=$?
fi
storyboard fmt --check --diff "$@" || [ "$code" -ne 0 ] || code=1
if [ -n "${STORYBOARD_SNAPSHOT:-}" ]; then
    storyboard compile --check "$STORYBOARD_SNAPSHOT" "$@" || [ "$code" -ne 0 ] || code=1
fi
exit "$code"
