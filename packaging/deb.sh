#!/bin/sh
# Makes the Debian package of a built program: packaging/deb.sh [BINARY] [FOLDER]. VERSION overrides the
# package's version, COMPRESSION its level (6, at most 9). The same input gives the same bytes.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
binary=${1:-$root/target/release/tongbao}
out=${2:-$root/target/deb}
fonts=${XDG_CACHE_HOME:-$HOME/.cache}/tongbao/fonts
version=${VERSION:-$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/Cargo.toml" | head -1)-1}
architecture=$(dpkg --print-architecture)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || echo 1465776000)}
export SOURCE_DATE_EPOCH

fail() {
    echo "deb: $1; $2" >&2
    exit 1
}

[ -x "$binary" ] || fail "there is no program $binary" "run: make build"
[ -f "$fonts/FandolFang-Regular.otf" ] || fail "the Fandol fonts are not in $fonts" "run: scripts/setup.sh"

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
umask 022
chmod 755 "$tree"

put() { install -D -m "$1" "$2" "$tree$3"; }
gz() { mkdir -p "$(dirname "$tree$2")" && gzip -9n <"$1" >"$tree$2"; }

put 755 "$binary" /usr/bin/tongbao
strip --strip-debug --remove-section=.comment "$tree/usr/bin/tongbao"
put 644 "$root/packaging/tongbao.service" /usr/lib/systemd/system/tongbao.service
put 644 "$root/packaging/tongbao@.service" /usr/lib/systemd/system/tongbao@.service
put 644 "$root/packaging/tongbao.sysusers" /usr/lib/sysusers.d/tongbao.conf
put 644 "$root/config/tongbao.example.toml" /etc/tongbao/tongbao.example.toml
for font in "$fonts"/Fandol*.otf; do put 644 "$font" "/usr/share/tongbao/fonts/${font##*/}"; done

doc=/usr/share/doc/tongbao
for page in "$root"/docs/*.md "$root"/README*.md; do put 644 "$page" "$doc/${page##*/}"; done
for page in "$root"/docs/zh/*.md; do put 644 "$page" "$doc/zh/${page##*/}"; done
put 644 "$root/packaging/copyright" "$doc/copyright"
put 644 "$root/config/tongbao.toml" "$doc/examples/tongbao.toml"
mkdir -p "$tree$doc/examples" && cp -r "$root/report_templates" "$tree$doc/examples/"
gz "$root/CHANGELOG.md" "$doc/changelog.gz"
"$root/packaging/sbom.py" >"$tree$doc/sbom.cdx.json"

"$binary" man >"$tree/man" && gz "$tree/man" /usr/share/man/man1/tongbao.1.gz && rm "$tree/man"
completions() { mkdir -p "$(dirname "$tree$2")" && "$binary" completions "$1" >"$tree$2"; }
completions bash /usr/share/bash-completion/completions/tongbao
completions zsh /usr/share/zsh/vendor-completions/_tongbao
completions fish /usr/share/fish/vendor_completions.d/tongbao.fish

# What the program is linked to, as Debian names it.
mkdir -p "$tree/debian" && printf 'Source: tongbao\n\nPackage: tongbao\nArchitecture: any\n' >"$tree/debian/control"
depends=$(cd "$tree" && dpkg-shlibdeps -O usr/bin/tongbao 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
rm -r "$tree/debian"
[ -n "$depends" ] || fail "dpkg-shlibdeps does not tell the libraries" "run: scripts/setup.sh deb"

mkdir -m 755 "$tree/DEBIAN"
size=$(($(find "$tree" -type f -printf "%s\n" | paste -sd+) / 1024))
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@DEPENDS@/$depends/" \
    -e "s/@SIZE@/$size/" "$root/packaging/debian/control" >"$tree/DEBIAN/control"
echo /etc/tongbao/tongbao.example.toml >"$tree/DEBIAN/conffiles"
for script in postinst prerm postrm; do install -m 755 "$root/packaging/debian/$script" "$tree/DEBIAN/$script"; done
(cd "$tree" && find usr -type f | LC_ALL=C sort | xargs -d '\n' md5sum >DEBIAN/md5sums)
find "$tree" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +

mkdir -p "$out"
package="$out/tongbao_${version}_$architecture.deb"
dpkg-deb --root-owner-group -Zxz "-z${COMPRESSION:-6}" --build "$tree" "$package" >/dev/null
echo "$package"
