//! Puts the commit into the version that `dam-node --version` prints.
//!
//! Outside a git checkout the commit reads `00000000000`; a packager can set it by
//! `SUBSTRATE_CLI_GIT_COMMIT_HASH`.

use substrate_build_script_utils::{generate_cargo_keys, rerun_if_git_head_changed};

fn main() {
	generate_cargo_keys();
	rerun_if_git_head_changed();
}
