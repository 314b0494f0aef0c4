#!/bin/sh
# Measures documents and, in the same run, Typst on the same content.
set -eu
cd "$(dirname "$0")/.."
scripts/setup.sh
environment=${XDG_CACHE_HOME:-$HOME/.cache}/tongbao/bench
if [ ! -x "$environment/bin/python" ]; then
    python3 -m venv "$environment"
fi
"$environment/bin/python" -c 'import typst' 2>/dev/null || "$environment/bin/pip" install --quiet typst==0.15.0
TONGBAO_BENCH_PYTHON="$environment/bin/python" exec cargo bench --bench documents "$@"
