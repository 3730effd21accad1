#!/bin/sh
# Buy what an approved plan says, and nothing else: buy.sh OUT MAX_COST BRANCH COMMIT [FILE|FOLDER]...
# OUT/plan.json is the plan. The locks, which say what was bought, are committed and pushed to BRANCH whatever
# happened; OUT/comment.md says what it cost. If anything moved since the plan was made, nothing is bought, the exit
# code is 4, and OUT/comment.md is a new plan. STORYBOARD_API_KEY is read by the build alone.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
out=$1 max_cost=$2 branch=$3 commit=$4
shift 4

code=0
storyboard build --plan "$out/plan.json" --max-cost "$max_cost" --json >"$out/build.json" || code=$?
unset STORYBOARD_API_KEY

save_locks() {
    git ls-files -z --cached --others --exclude-standard -- '*.story.lock' '.gitattributes' |
        xargs -0 -r git add --
    if git diff --cached --quiet; then
        return 0
    fi
    git -c user.name="${STORYBOARD_GIT_NAME:-storyboard}" -c user.email="${STORYBOARD_GIT_EMAIL:-storyboard@localhost}" \
        commit --quiet --message "Keep what was bought"
    for try in 1 2 3; do
        if git push --quiet origin "HEAD:refs/heads/$branch"; then
            return 0
        fi
        echo "push $try was refused: $branch has moved" >&2
        git -c user.name=storyboard -c user.email=storyboard@localhost pull --quiet --rebase origin "refs/heads/$branch"
    done
    return 1
}

mkdir -p "$out/locks"
git ls-files -z --cached --others --exclude-standard -- '*.story.lock' | xargs -0 -r cp --parents -t "$out/locks"
if ! save_locks; then
    echo "error: the locks could not be pushed; they are in $out/locks. Commit them: they say what was bought" >&2
    [ "$code" -ne 0 ] || code=1
fi
if [ "$code" -eq 4 ] || [ ! -s "$out/build.json" ]; then
    sh "$here/plan.sh" "$out" "$commit" "$@" || true
else
    python3 "$here/bought.py" "$out/build.json" >"$out/comment.md"
fi
exit "$code"
