//! Where the programs under test are.

use std::{
	env,
	path::{Path, PathBuf},
};

use crate::Error;

/// The node: `DAM_NODE`, or `dam-node` of the build that this test belongs to.
///
/// # Errors
/// [`Error::NoBinary`].
pub fn node_binary() -> Result<PathBuf, Error> {
	find("dam-node", "DAM_NODE")
}

/// The device's program: `DAM_DEVICE`, or `dam-device` of the build that this test belongs to.
///
/// # Errors
/// [`Error::NoBinary`].
pub fn device_binary() -> Result<PathBuf, Error> {
	find("dam-device", "DAM_DEVICE")
}

fn find(name: &str, variable: &'static str) -> Result<PathBuf, Error> {
	let path = match env::var_os(variable) {
		Some(path) => PathBuf::from(path),
		None => {
			let own = env::current_exe().map_err(Error::io("finding the test's own program"))?;
			beside(&own, name)
		},
	};
	if path.is_file() {
		Ok(path)
	} else {
		Err(Error::NoBinary { path, variable })
	}
}

/// Tests stand in `<target>/<profile>/deps`, programs one folder up.
fn beside(own: &Path, name: &str) -> PathBuf {
	let folder = own.parent().unwrap_or(Path::new("."));
	let folder = if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder };
	folder.join(name)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn programs_should_be_found_from_tests_and_from_programs() {
		let expected = Path::new("/t/release/dam-node");
		assert_eq!(beside(Path::new("/t/release/deps/four-0a"), "dam-node"), expected);
		assert_eq!(beside(Path::new("/t/release/dam-bench-network"), "dam-node"), expected);
	}
}
