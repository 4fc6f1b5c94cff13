# shellcheck shell=bash
# The standard library for the runtime's target. Sourced after common.sh, apt.sh and rust.sh.
#
# The runtime is compiled for wasm32v1-none. Where rustup can download, it brings that target.
# Elsewhere `core` and `alloc` are built here, from the library sources of exactly the installed
# compiler: rustup's component rust-src, or the Debian package of that name.

WASM_TARGET=wasm32v1-none

# wasm_target_works: whether a `no_std` crate compiles for the target with link-time optimisation,
# as the runtime does.
wasm_target_works() {
	local folder status=0
	folder=$(mktemp -d)
	cat >"$folder/probe.rs" <<-'RUST'
		#![no_std]
		extern crate alloc;
		use core::alloc::{GlobalAlloc, Layout};
		struct None;
		unsafe impl GlobalAlloc for None {
			unsafe fn alloc(&self, _: Layout) -> *mut u8 { core::ptr::null_mut() }
			unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
		}
		#[global_allocator]
		static NONE: None = None;
		#[panic_handler]
		fn panic(_: &core::panic::PanicInfo<'_>) -> ! { loop {} }
		#[no_mangle]
		pub extern "C" fn probe(n: u32) -> u32 { alloc::vec![n; n as usize].iter().sum() }
	RUST
	(cd "$folder" && rustc --edition 2021 --target "$WASM_TARGET" --crate-type cdylib \
		-C opt-level=3 -C lto=fat -C panic=abort -o probe.wasm probe.rs) \
		>"$folder/log" 2>&1 || status=1
	[[ -s $folder/probe.wasm ]] || status=1
	WASM_PROBE_LOG=$(<"$folder/log")
	rm -rf -- "$folder"
	return "$status"
}

# Runs a command as whoever may write to the sysroot.
as_sysroot_owner() {
	if [[ -w $(rustc --print sysroot)/lib/rustlib ]]; then
		"$@"
	else
		as_root "$@"
	fi
}

# rust_source_from_apt VERSION DESTINATION: unpacks the library sources of that compiler version
# into DESTINATION, from the Debian package rust-src, without installing it.
#
# The package may be in a newer suite than the machine's own: the newer suites are looked up on
# the mirror that apt already uses, by a sources list of their own that leaves the machine's alone.
rust_source_from_apt() {
	local version=$1 destination=$2 folder mirror suite found library
	have apt-get && have dpkg-deb || return 1
	# shellcheck disable=SC2016 # apt fills in the names
	mirror=$(apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI)' \
		'Created-By: Packages' 2>/dev/null | awk '$1 == "Debian" && $2 == "Debian" { print $3; exit }')
	if [[ -z $mirror ]]; then
		say "apt knows no Debian mirror"
		return 1
	fi
	folder=$(mktemp -d)
	# apt may fetch as another user.
	chmod 755 "$folder"
	mkdir -p "$folder"/{lists/partial,archives/partial,get}
	local apt=(-o "Dir::Etc::SourceList=$folder/sources.list" -o "Dir::Etc::SourceParts=-"
		-o "Dir::State::Lists=$folder/lists" -o "Dir::Cache=$folder"
		-o "Dir::Cache::Archives=$folder/archives" -o APT::Sandbox::User=
		-o Acquire::Languages=none -o Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false)
	# Names that every Debian mirror keeps pointing at its current releases.
	for suite in stable-backports stable testing unstable oldstable-backports; do
		say "looking for rust-src $version in $suite"
		printf 'deb %s %s main\n' "$mirror" "$suite" >"$folder/sources.list"
		timeout 300 apt-get "${apt[@]}" -qq update >"$folder/log" 2>&1 || continue
		found=$(apt-cache "${apt[@]}" madison rust-src 2>/dev/null |
			awk -F ' *[|] *' -v version="$version" 'index($2, version "+") == 1 ||
				index($2, version "-") == 1 { print $2; exit }')
		[[ -n $found ]] || continue
		say "fetching rust-src $found"
		(cd "$folder/get" && timeout 600 apt-get "${apt[@]}" -qq download "rust-src=$found") \
			>"$folder/log" 2>&1 || continue
		dpkg-deb -x "$folder"/get/rust-src_*.deb "$folder/unpacked" || continue
		library=$(find "$folder/unpacked/usr/src" -maxdepth 2 -type d -name library | head -n 1)
		if [[ -n $library ]]; then
			mkdir -p "$destination"
			cp -R -- "$library" "$destination/"
			rm -rf -- "$folder"
			return
		fi
	done
	rm -rf -- "$folder"
	return 1
}

# Leaves the library sources where cargo's build-std looks for them.
ensure_rust_source() {
	local source version folder
	source=$(rustc --print sysroot)/lib/rustlib/src/rust
	[[ ! -e $source/library/core/Cargo.toml ]] || return 0
	version=$(rustc --version | awk '{ print $2 }')
	if have rustup; then
		say "asking rustup for rust-src"
		timeout 120 rustup component add rust-src >/dev/null 2>&1 || say "rustup could not get it"
		[[ ! -e $source/library/core/Cargo.toml ]] || return 0
	fi
	folder=$(mktemp -d)
	if ! rust_source_from_apt "$version" "$folder"; then
		rm -rf -- "$folder"
		return 1
	fi
	as_sysroot_owner mkdir -p "$source"
	as_sysroot_owner cp -R -- "$folder/library" "$source/"
	rm -rf -- "$folder"
}

# Builds core, alloc and compiler_builtins and puts them into the sysroot.
build_wasm_target() {
	local folder built name files final
	folder=$(mktemp -d)
	mkdir -p "$folder/src"
	cat >"$folder/Cargo.toml" <<-'TOML'
		[package]
		name = "probe"
		version = "0.0.0"
		edition = "2021"

		[lib]
		crate-type = ["cdylib"]

		[workspace]
	TOML
	cat >"$folder/src/lib.rs" <<-'RUST'
		#![no_std]
		#[panic_handler]
		fn panic(_: &core::panic::PanicInfo<'_>) -> ! { loop {} }
	RUST
	# build-std is unstable: RUSTC_BOOTSTRAP opens it on a stable compiler. The bitcode is what the
	# runtime's link-time optimisation reads.
	(cd "$folder" && env -u CARGO_ENCODED_RUSTFLAGS -u RUSTC_WRAPPER -u RUSTC_WORKSPACE_WRAPPER \
		RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Cembed-bitcode=yes CARGO_TARGET_DIR="$folder/target" \
		cargo build --release --target "$WASM_TARGET" -Z build-std=core,alloc) || {
		rm -rf -- "$folder"
		return 1
	}
	built=$folder/target/$WASM_TARGET/release/deps
	mkdir "$folder/lib"
	for name in core alloc compiler_builtins; do
		files=("$built/lib$name"-*.rlib)
		# A second candidate would make the compiler refuse both.
		if ((${#files[@]} != 1)) || [[ ! -e ${files[0]} ]]; then
			rm -rf -- "$folder"
			return 1
		fi
		cp -- "${files[0]}" "$folder/lib/"
	done
	# mktemp's folder is for its owner only; the library is for everybody.
	chmod 755 "$folder/lib"
	final=$(rustc --print sysroot)/lib/rustlib/$WASM_TARGET
	as_sysroot_owner rm -rf -- "$final"
	as_sysroot_owner mkdir -p "$final"
	as_sysroot_owner cp -R -- "$folder/lib" "$final/"
	rm -rf -- "$folder"
}

# Leaves a working wasm target in the compiler's sysroot.
ensure_wasm_target() {
	if wasm_target_works; then
		say "wasm target: $WASM_TARGET is installed"
		return
	fi
	if have rustup; then
		say "asking rustup for $WASM_TARGET"
		(cd "$DAM_ROOT" && timeout 180 rustup target add "$WASM_TARGET") >/dev/null 2>&1 ||
			say "rustup could not get it"
		! wasm_target_works || return 0
	fi
	say "building $WASM_TARGET from the library's sources"
	ensure_rust_source || die "found no sources of the Rust library $(rustc --version)" \
		"With a network: \`rustup target add $WASM_TARGET\` is all that is needed." \
		"Without: unpack the Debian package rust-src of that version and copy its folder library to" \
		"$(rustc --print sysroot)/lib/rustlib/src/rust/, then run this again."
	heartbeat "building core and alloc" build_wasm_target ||
		die "building $WASM_TARGET from the library's sources failed; cargo says why above"
	wasm_target_works || die "$WASM_TARGET was built but does not compile a test crate:" \
		"$WASM_PROBE_LOG"
	say "wasm target: $WASM_TARGET is built"
}
