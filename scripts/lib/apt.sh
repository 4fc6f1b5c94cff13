# shellcheck shell=bash
# System packages on Debian and its relatives. Sourced after common.sh.

APT_UPDATED=no

# apt_install PACKAGE…: refreshes the package lists once, then installs.
apt_install() {
	have apt-get || die "these packages are missing: $*" \
		"This system has no apt-get: install them by its own package manager and run again."
	# Another installation may be under way on a machine that has just started.
	local wait=(-o DPkg::Lock::Timeout=300)
	if [[ $APT_UPDATED == no ]]; then
		say "refreshing the package lists"
		as_root apt-get "${wait[@]}" -qq update ||
			say "not every package list could be refreshed; going on with what is there"
		APT_UPDATED=yes
	fi
	say "installing $*"
	as_root env DEBIAN_FRONTEND=noninteractive apt-get "${wait[@]}" -qq install -y \
		--no-install-recommends "$@" >/dev/null ||
		die "apt-get could not install: $*" \
			"Run \`apt-get install $*\` as root to see why, mend it, and run again."
}

# ensure_commands COMMAND:PACKAGE…: installs the packages of those commands that are missing.
ensure_commands() {
	local pair missing=()
	for pair; do
		have "${pair%%:*}" || missing+=("${pair#*:}")
	done
	((${#missing[@]} == 0)) || apt_install "${missing[@]}"
	for pair; do
		have "${pair%%:*}" ||
			die "the command '${pair%%:*}' is still missing after its package was installed" \
				"Check that the package '${pair#*:}' offers it on this system."
	done
}

# What the build needs: protoc for the network messages, a C and C++ compiler for the crates that
# carry C code.
ensure_build_packages() {
	local wanted=(curl:curl git:git protoc:protobuf-compiler cc:gcc c++:g++ make:make)
	ensure_commands "${wanted[@]}"
	# A compiler may be there without the C library's headers.
	if ! printf '#include <stdlib.h>\nint main(void){return 0;}\n' |
		cc -x c -fsyntax-only - 2>/dev/null; then
		apt_install libc6-dev
	fi
	# Rust fetches crates over TLS.
	[[ -e /etc/ssl/certs/ca-certificates.crt || -n ${SSL_CERT_FILE:-} ]] ||
		! have apt-get || apt_install ca-certificates
}
