//! Prepared states, kept in the work folder: a million accounts take a while.

use crate::{error::Error, genesis, node, population::Population, progress};
use polkadot_sdk::sp_io::hashing::blake2_256;
use std::{
	fs,
	path::{Path, PathBuf},
};

/// Counts up when what a state holds changes: a state that an earlier program made is not used.
const FORMAT: u32 = 2;

/// Prepared states of one runtime.
pub struct States {
	folder: PathBuf,
}

impl States {
	/// Those in `work`, a folder that belongs to this program alone. What another runtime left there
	/// is removed: it takes gigabytes and is of no use any more.
	pub fn of_runtime(work: &Path) -> Result<Self, Error> {
		let code = dam_runtime::wasm_binary().map_err(Error::node)?;
		let hash = blake2_256(code);
		let digits: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
		let states = work.join("states");
		let folder = states.join(format!("{digits}-{FORMAT}"));
		fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
		for other in entries(&states)?.into_iter().filter(|other| *other != folder) {
			progress::say(format!("removing the states of another runtime: {}", other.display()));
			fs::remove_dir_all(&other).map_err(Error::file(&other))?;
		}
		Ok(Self { folder })
	}

	/// The base path of a chain with that population. It must not be changed: copy it.
	pub fn with(&self, population: Population) -> Result<PathBuf, Error> {
		let accounts = population.accounts();
		let ready = self.folder.join(accounts.to_string());
		if ready.exists() {
			return Ok(ready);
		}
		progress::say(format!("making the state with {accounts} accounts"));
		let partial = self.folder.join(format!("{accounts}.partial"));
		if partial.exists() {
			fs::remove_dir_all(&partial).map_err(Error::file(&partial))?;
		}
		fs::create_dir_all(&partial).map_err(Error::file(&partial))?;
		node::make_chain(&partial, |storage| {
			let storage = genesis::populate(storage, population)?;
			progress::say(format!("{} items; computing the trie", storage.top.len()));
			Ok(storage)
		})?;
		fs::rename(&partial, &ready).map_err(Error::file(&ready))?;
		Ok(ready)
	}
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
	fs::read_dir(folder)
		.and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
		.map_err(Error::file(folder))
}

/// Copies a folder with everything in it.
pub fn copy(from: &Path, to: &Path) -> Result<(), Error> {
	fs::create_dir_all(to).map_err(Error::file(to))?;
	for path in entries(from)? {
		let Some(name) = path.file_name() else { continue };
		let target = to.join(name);
		if path.is_dir() {
			copy(&path, &target)?;
		} else {
			fs::copy(&path, &target).map_err(Error::file(&path))?;
		}
	}
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn copy_should_hold_what_the_original_holds() {
		let folder = tempfile::tempdir().unwrap();
		let (from, to) = (folder.path().join("a"), folder.path().join("b"));
		fs::create_dir_all(from.join("inner")).unwrap();
		fs::write(from.join("one"), b"1").unwrap();
		fs::write(from.join("inner/two"), b"2").unwrap();
		copy(&from, &to).unwrap();
		assert_eq!(fs::read(to.join("one")).unwrap(), b"1");
		assert_eq!(fs::read(to.join("inner/two")).unwrap(), b"2");
	}
}
