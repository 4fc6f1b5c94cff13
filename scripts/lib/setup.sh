# shellcheck shell=bash
# Everything that building DAM Chain needs. Sourced after common.sh.

# shellcheck source=apt.sh
source "$DAM_ROOT/scripts/lib/apt.sh"
# shellcheck source=rust.sh
source "$DAM_ROOT/scripts/lib/rust.sh"
# shellcheck source=wasm-target.sh
source "$DAM_ROOT/scripts/lib/wasm-target.sh"

# Leaves the machine ready to build; does nothing where it already is.
set_up() {
	ensure_build_packages
	ensure_rust
	ensure_wasm_target
	say "fetching crates"
	(cd "$DAM_ROOT" && heartbeat "fetching crates" cargo fetch --locked --quiet) ||
		die "cargo could not fetch the crates" \
			"It says why above. Is the crate registry reachable, and Cargo.lock as committed?"
	say "build folder: $CARGO_TARGET_DIR"
}

# Cargo tells by a file's age whether it has built it. In a build folder that several checkouts share,
# it would take what another one built for this one's, where the files here are older: make them new
# when another checkout was the last to build.
claim_build_folder() {
	local marker=$CARGO_TARGET_DIR/.last-checkout
	mkdir -p -- "$CARGO_TARGET_DIR"
	[[ -f $marker && $(<"$marker") == "$DAM_ROOT" ]] && return
	find "$DAM_ROOT" \( -name target -o -name node_modules -o -name .git \) -prune -o \
		-type f \( -name '*.rs' -o -name '*.toml' -o -name '*.json' \) -exec touch -- {} +
	printf '%s\n' "$DAM_ROOT" >"$marker"
}

# Builds the node, the device and everything else, in release: from nothing about 25 minutes on two
# cores, with warm caches seconds.
build_workspace() {
	claim_build_folder
	(cd "$DAM_ROOT" && heartbeat "building" cargo build "${CARGO_SELECTION[@]}") ||
		die "the build failed; cargo says why above" \
			"If a compiler was killed, memory ran out: try again with CARGO_BUILD_JOBS=1."
}
