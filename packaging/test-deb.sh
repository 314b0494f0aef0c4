#!/bin/bash
# Installs, runs, upgrades, removes and purges the package in a Debian of its own: packaging/test-deb.sh
# [BINARY]. Needs root, the network and: scripts/setup.sh deb.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
binary=${1:-$root/target/release/tongbao}
work=$(mktemp -d)
debian=$work/debian
daemon=
end() {
    [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
    umount "$debian/proc" 2>/dev/null || true
    rm -rf "$work"
}
trap end EXIT

step() { printf '%s\n' "- $*"; }
fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
inside() { chroot "$debian" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"; }
# As the service: its user, the unit's environment and folder.
as_service() {
    inside setpriv --reuid tongbao --regid tongbao --clear-groups env HOME=/var/lib/tongbao \
        "$(unit Environment | head -1)" sh -c 'cd /var/lib/tongbao && umask 077 && exec "$@"' sh "$@"
}
unit() { sed -n "s/^$1=//p" "$debian/usr/lib/systemd/system/tongbao.service"; }
expect() { [ "$2" = "$3" ] || fail "$1: expected \"$2\", is \"$3\""; }
package() { VERSION=$1 COMPRESSION=0 "$root/packaging/deb.sh" "$binary" "$work"; }
add() {
    cp "$1" "$debian/tmp/"
    inside apt-get install -y -qq --no-install-recommends "/tmp/${1##*/}" >"$work/log" 2>&1 || { cat "$work/log"; fail "cannot install $1"; }
}

step "a clean Debian"
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
mirror=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' | sed -n "s/^$release //p" | head -1)
debootstrap --variant=minbase "$release" "$debian" "$mirror" >"$work/log" 2>&1 || { tail "$work/log"; fail "debootstrap"; }
cp /etc/apt/apt.conf.d/*proxy* "$debian/etc/apt/apt.conf.d/" 2>/dev/null || true
mount -t proc proc "$debian/proc"

step "install"
first=$(package 0.1.0~first)
second=$(package 0.1.0~second)
expect "the same input gives the same bytes" "$(sha256sum <"$first")" "$(sha256sum <"$(package 0.1.0~first)")"
add "$first"
inside tongbao --version
expect "user" tongbao "$(inside stat -c %U /var/lib/tongbao)"
expect "state folder" 700 "$(inside stat -c %a /var/lib/tongbao)"
expect "configuration folder" "750 tongbao" "$(inside stat -c '%a %G' /etc/tongbao)"
expect "conffiles" /etc/tongbao/tongbao.example.toml "$(inside dpkg-query -W -f '${Conffiles}' tongbao | awk 'NF { print $1 }')"
for file in /usr/share/bash-completion/completions/tongbao \
    /usr/share/zsh/vendor-completions/_tongbao /usr/share/doc/tongbao/sbom.cdx.json \
    /usr/share/doc/tongbao/threat-model.md /usr/share/doc/tongbao/copyright; do
    [ -s "$debian$file" ] || fail "$file is missing"
done
inside bash -c 'source /usr/share/bash-completion/completions/tongbao && complete -p tongbao' >/dev/null
# An image of Debian may be told to leave manual pages out, so the archive is looked at.
dpkg-deb --fsys-tarfile "$first" | tar -tf - | grep -c usr/share/man/man1/tongbao.1.gz >/dev/null || fail "no manual page"
inside apt-get install -y -qq --no-install-recommends systemd >"$work/log" 2>&1 || fail "cannot install systemd"
inside systemd-analyze verify --man=no /usr/lib/systemd/system/tongbao.service
inside systemd-analyze verify --man=no tongbao@floating.service

step "run as the unit does"
as_service tongbao -q sample --persons 2000 --to sqlite:/var/lib/tongbao/register.db
sed -e 's#^\[daemon\]#&\nlisten = "127.0.0.1:0"#' -e 's#sqlite:../demo/register.db#sqlite:/var/lib/tongbao/register.db#' -e 's#dir = "../state"#dir = "/var/lib/tongbao"#' \
    "$root/config/tongbao.toml" >"$debian/etc/tongbao/tongbao.toml"
inside sh -c 'chown root:tongbao /etc/tongbao/tongbao.toml && chmod 640 /etc/tongbao/tongbao.toml'
as_service tongbao check --offline
as_service tongbao -q run weekly --no-send --from 2016-06-06 --to 2016-06-12
start() {
    # shellcheck disable=SC2046
    as_service $(unit ExecStart) 2>"$work/daemon.log" &
    daemon=$!
    for _ in $(seq 100); do
        grep -q 'health and metrics are served' "$work/daemon.log" && return
        sleep 0.1
    done
    cat "$work/daemon.log"
    fail "the daemon does not come up"
}
stop() {
    local pid
    pid=$(pgrep -f -P "$daemon" . || echo "$daemon")
    kill -TERM $pid
    wait "$daemon" || fail "the daemon ended with $?"
    daemon=
}
start
as_service tongbao runs
stop

step "upgrade"
before=$(as_service tongbao --format json runs)
head=$(as_service tongbao verify | sed -n 's/^head *//p')
add "$second"
expect "version" 0.1.0~second "$(inside dpkg-query -W -f '${Version}' tongbao)"
expect "runs" "$before" "$(as_service tongbao --format json runs)"
as_service tongbao verify --head "$head"
start
stop

step "remove"
inside apt-get remove -y -qq tongbao >/dev/null 2>&1
[ ! -e "$debian/usr/bin/tongbao" ] || fail "the program is still there"
[ -s "$debian/var/lib/tongbao/tongbao.db" ] && [ -s "$debian/etc/tongbao/tongbao.toml" ] || fail "state or configuration is lost"
add "$second"
expect "runs after coming back" "$before" "$(as_service tongbao --format json runs)"

step "purge"
inside apt-get purge -y -qq tongbao >/dev/null 2>&1
for left in /var/lib/tongbao /etc/tongbao /usr/share/tongbao /usr/share/doc/tongbao; do
    [ ! -e "$debian$left" ] || fail "$left is still there"
done
echo "the package installs, runs, upgrades, removes and purges"
