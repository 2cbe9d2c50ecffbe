# shellcheck shell=bash
# What the scripts in ops/ share. Source it; it runs nothing.

MJN_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Where builds and runs keep what is not the project's: tools, logs, results, the node's data.
MJN_STATE="${MJN_STATE:-$MJN_ROOT/.mjn}"

# The Swift release that setup installs where there is none, and the oldest that builds this package.
SWIFT_RELEASE=6.3.1
SWIFT_OLDEST=6.2
export MJN_ROOT MJN_STATE SWIFT_RELEASE SWIFT_OLDEST

if [[ -t 2 && -z ${NO_COLOR:-} ]]; then
    bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
else
    bold='' red='' green='' plain=''
fi

# Messages go to stderr: stdout is for data.
say() { printf '%s==>%s %s\n' "$bold" "$plain" "$*" >&2; }
note() { printf '    %s\n' "$*" >&2; }
good() { printf '%s==>%s %s\n' "$green" "$plain" "$*" >&2; }
fail() {
    printf '%serror:%s %s\n' "$red" "$plain" "$1" >&2
    shift
    local line
    for line in "$@"; do printf '       %s\n' "$line" >&2; done
    exit 1
}

# version_at_least FOUND OLDEST: true when FOUND is OLDEST or newer.
version_at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

# swift_version PROGRAM: prints its release, such as 6.3.1, or nothing when it does not run.
swift_version() { "$1" --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1; }

# swift_directory: prints the folder of a toolchain that can build this package; false when there is none.
# Order: the one that setup installed (.mjn/toolchain), then PATH, then what swiftly keeps in the home folder.
swift_directory() {
    local directory version
    local -a candidates=()
    if [[ -r $MJN_STATE/toolchain ]]; then candidates+=("$(<"$MJN_STATE/toolchain")"); fi
    if command -v swift >/dev/null; then candidates+=("$(dirname "$(command -v swift)")"); fi
    candidates+=("${SWIFTLY_TOOLCHAINS_DIR:-$HOME/.local/share/swiftly/toolchains}/$SWIFT_RELEASE/usr/bin")
    for directory in "${candidates[@]}"; do
        [[ -x $directory/swift ]] || continue
        version=$(swift_version "$directory/swift")
        if [[ -n $version ]] && version_at_least "$version" "$SWIFT_OLDEST"; then
            printf '%s\n' "$directory"
            return 0
        fi
    done
    return 1
}

# use_swift: puts that toolchain first on PATH, for this script and for what it starts.
use_swift() {
    local directory
    directory=$(swift_directory) || fail "no Swift toolchain, $SWIFT_OLDEST or newer" "ops/setup installs one"
    PATH="$directory:$PATH"
    export PATH
}

# package_name: the name in Package.swift, which names the test product <name>PackageTests.
package_name() { sed -n 's/^ *name: "\([^"]*\)",.*/\1/p' "$MJN_ROOT/Package.swift" | head -n 1; }

# tracked PATTERN...: this project's files, those not yet committed included, ignored ones left out. NUL-separated.
tracked() {
    git -c safe.directory="$MJN_ROOT" -C "$MJN_ROOT" ls-files -z --cached --others --exclude-standard -- "$@"
}
