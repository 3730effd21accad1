#!/bin/sh
# Plan what a build would buy: plan.sh OUT COMMIT [FILE|FOLDER]...
# Writes OUT/plan.json, for buy.sh; OUT/comment.md, with what changed since COMMIT ("": no comparison); and into
# OUT/jobs-to-buy how many jobs a build would buy.
# STORYBOARD_PAGE is the address that the comment links to. Needs no key and spends nothing.
set -eu
out=$1 commit=$2
shift 2
mkdir -p "$out"
rm -f "$out/plan.json" "$out/comment.md"
storyboard plan --format markdown ${commit:+--against "$commit"} ${STORYBOARD_PAGE:+--page "$STORYBOARD_PAGE"} \
    --out "$out/plan.json" "$@" >"$out/comment.md"
grep -c '"buys": true' "$out/plan.json" >"$out/jobs-to-buy" || true
