# shellcheck shell=sh disable=SC2154,SC2086
# Sourced by every command: sees to it that .venv holds the extras named in $extras, and sets $python.
# Needs $root (the checkout). Costs three small processes when there is nothing to do.

sum() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi; }

hash=$(cat "$root/setup.cfg" "$root/constraints.txt" | sum | cut -c1-16)
python=$root/.venv/bin/python
current=$(readlink -f "$python" || true)
for extra in $extras; do
    # The stamp names the interpreter: a new system Python would not see the packages of the old one.
    if [ ! -x "$python" ] || [ "$(cat "$root/.venv/installed/$extra-$hash" 2>/dev/null)" != "$current" ]; then
        stale=yes
    fi
done
if [ "${stale-}" ]; then
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            "$candidate" "$root/bin/_setup.py" "$hash" $extras || exit $?
            found=yes
            break
        fi
    done
    if [ ! "${found-}" ]; then
        echo "patzta needs Python 3.11 or newer: install it, for example with 'sudo apt install python3 python3-venv'." >&2
        exit 1
    fi
fi
