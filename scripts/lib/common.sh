# shellcheck shell=bash
# What every script shares: where things are, messages with elapsed times, commands as root.
# Sourced, never run.

set -euo pipefail

# Top of the repository.
DAM_ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)

if [[ -z ${HOME:-} ]]; then
	HOME=$(cd ~ && pwd -P)
	export HOME
fi

# Outside the repository, so that a fresh clone reuses what an earlier one built.
DAM_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/dam-chain

CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$DAM_CACHE/target}
# Cargo takes a relative folder from where it is called: pin it to the repository.
[[ $CARGO_TARGET_DIR == /* ]] || CARGO_TARGET_DIR=$DAM_ROOT/$CARGO_TARGET_DIR
export CARGO_TARGET_DIR

# The one selection of packages, profile and features. Any other would compile the SDK again.
# shellcheck disable=SC2034 # read by the scripts that source this file
CARGO_SELECTION=(--release --locked --workspace)

SCRIPT_NAME=${0##*/}
STARTED_AT=$SECONDS

# Seconds as 1:02:03 or 2:03.
clock() {
	local seconds=$1
	if ((seconds >= 3600)); then
		printf '%d:%02d:%02d' $((seconds / 3600)) $((seconds % 3600 / 60)) $((seconds % 60))
	else
		printf '%d:%02d' $((seconds / 60)) $((seconds % 60))
	fi
}

# A new step of the work, with the time since the script began.
step() { printf '==> [%s] %s\n' "$(clock $((SECONDS - STARTED_AT)))" "$*"; }

# A line that belongs to the step above it.
say() { printf '    %s\n' "$*"; }

# What went wrong and what to do about it, then the end.
die() {
	printf '\n%s: error: %s\n' "$SCRIPT_NAME" "$1" >&2
	shift
	local line
	for line; do
		printf '    %s\n' "$line" >&2
	done
	exit 1
}

have() { command -v -- "$1" >/dev/null 2>&1; }

# Prints the comment block at the head of the calling script, as its help.
print_help() { awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$0"; }

# For a flag that the script does not know.
unknown_flag() { die "unknown flag '$1'" "\`$0 --help\` lists the flags."; }

# Runs a command as root: directly, or with sudo.
as_root() {
	if ((EUID == 0)); then
		"$@"
	elif have sudo; then
		sudo -- "$@"
	else
		die "this needs root: $*" "Run the script as root, or install sudo."
	fi
}

# heartbeat WHAT COMMAND…: runs the command; where no terminal shows its progress, says every
# half minute that it is still at work.
heartbeat() {
	local what=$1
	shift
	if [[ -t 1 ]]; then
		"$@"
		return
	fi
	local begun=$SECONDS beat status=0
	(
		# The sleeper must not outlive its loop.
		trap 'kill "${sleeper:-}" 2>/dev/null; exit 0' TERM
		while :; do
			sleep 30 &
			sleeper=$!
			wait "$sleeper"
			say "… $what, for $(clock $((SECONDS - begun))) so far"
		done
	) &
	beat=$!
	"$@" || status=$?
	kill "$beat" 2>/dev/null || true
	wait "$beat" 2>/dev/null || true
	return "$status"
}

# Whether version $1 is $2 or newer.
version_at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }
