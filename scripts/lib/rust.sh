# shellcheck shell=bash
# A Rust tool chain that is new enough. Sourced after common.sh and apt.sh.

# `rust-version` of the workspace.
required_rust() { sed -n 's/^rust-version = "\(.*\)"$/\1/p' "$DAM_ROOT/Cargo.toml"; }

# Version of the compiler that the repository's folder selects; empty if there is none.
current_rust() { (cd "$DAM_ROOT" && rustc --version 2>/dev/null | awk '{ print $2 }') || true; }

rust_is_good() {
	local version
	version=$(current_rust)
	[[ -n $version ]] && version_at_least "$version" "$(required_rust)"
}

# Version that apt would install of a package; empty if it knows none.
apt_candidate() {
	have apt-cache || return 0
	LC_ALL=C apt-cache policy "$1" 2>/dev/null |
		awk '$1 == "Candidate:" && $2 != "(none)" { print $2 }'
}

# Leaves `cargo` and `rustc` on the PATH, at least as new as the workspace asks.
ensure_rust() {
	local required candidate
	required=$(required_rust)
	# rustup puts its tools here, and not every shell has the folder on its PATH.
	[[ ! -d $HOME/.cargo/bin ]] || PATH=$PATH:$HOME/.cargo/bin
	if ! rust_is_good && ! have rustup && ! have cargo; then
		candidate=$(apt_candidate cargo)
		if [[ -n $(apt_candidate rustup) ]]; then
			apt_install rustup
		elif [[ -n $candidate ]] && version_at_least "${candidate%%[+~-]*}" "$required"; then
			apt_install cargo rustc
		fi
	fi
	if ! rust_is_good && have rustup; then
		say "asking rustup for the stable tool chain (this machine has $(current_rust | grep . || echo none))"
		heartbeat "downloading Rust" timeout 900 \
			rustup toolchain install stable --profile minimal --component clippy,rustfmt ||
			say "rustup could not install it"
		have cargo || PATH=$PATH:$HOME/.cargo/bin
	fi
	if ! rust_is_good || ! have cargo; then
		die "Rust $required or newer is needed; found: $(current_rust | grep . || echo none)" \
			"Install rustup as its site https://rustup.rs describes, or, where it is installed," \
			"run \`rustup update stable && rustup default stable\`. Then run this again."
	fi
	# The same tool chain in every folder, also in temporary ones.
	if have rustup && [[ -z ${RUSTUP_TOOLCHAIN:-} ]]; then
		RUSTUP_TOOLCHAIN=$(cd "$DAM_ROOT" && rustup show active-toolchain 2>/dev/null | awk '{ print $1 }')
		[[ -z $RUSTUP_TOOLCHAIN ]] || export RUSTUP_TOOLCHAIN
	fi
	say "Rust $(current_rust)"
}

# cargo fmt and cargo clippy.
ensure_rust_lints() {
	local tool missing=()
	for tool in clippy fmt; do
		cargo "$tool" --version >/dev/null 2>&1 || missing+=("$tool")
	done
	((${#missing[@]} == 0)) && return
	if have rustup; then
		timeout 300 rustup component add clippy rustfmt || true
	elif have apt-get; then
		apt_install rust-clippy rustfmt
	fi
	for tool in "${missing[@]}"; do
		cargo "$tool" --version >/dev/null 2>&1 || die "\`cargo $tool\` is missing" \
			"Add it to the Rust installation: \`rustup component add clippy rustfmt\`."
	done
}
