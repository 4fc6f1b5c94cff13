//! Where monitors are kept.

use crate::Error;
use lightning::{io, util::persist::KVStoreSync};
use lightning_persister::fs_store::FilesystemStore;
use std::{
	collections::BTreeMap,
	fs,
	path::PathBuf,
	sync::{Mutex, MutexGuard, PoisonError},
};

type Place = (String, String, String);

/// A key-value store of LDK.
pub enum Store {
	/// Forgets everything at the end.
	Memory(Mutex<BTreeMap<Place, Vec<u8>>>),
	/// LDK's own: a file for each key, each write on the disk before it returns.
	Disk(FilesystemStore),
}

impl Store {
	/// An empty one.
	pub fn in_memory() -> Self {
		Self::Memory(Mutex::default())
	}

	/// An empty one in a folder, whose files are removed.
	pub fn on_disk(path: PathBuf) -> Result<Self, Error> {
		let failed = |source| Error::Folder { path: path.clone(), source };
		if path.exists() {
			fs::remove_dir_all(&path).map_err(failed)?;
		}
		fs::create_dir_all(&path).map_err(failed)?;
		Ok(Self::Disk(FilesystemStore::new(path)))
	}
}

fn place(primary: &str, secondary: &str, key: &str) -> Place {
	(primary.into(), secondary.into(), key.into())
}

/// What is in memory is whole at any moment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
	mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl KVStoreSync for Store {
	fn read(&self, primary: &str, secondary: &str, key: &str) -> Result<Vec<u8>, io::Error> {
		match self {
			Self::Memory(items) => lock(items)
				.get(&place(primary, secondary, key))
				.cloned()
				.ok_or_else(|| io::ErrorKind::NotFound.into()),
			Self::Disk(store) => store.read(primary, secondary, key),
		}
	}

	fn write(
		&self,
		primary: &str,
		secondary: &str,
		key: &str,
		value: Vec<u8>,
	) -> Result<(), io::Error> {
		match self {
			Self::Memory(items) => {
				lock(items).insert(place(primary, secondary, key), value);
				Ok(())
			},
			Self::Disk(store) => store.write(primary, secondary, key, value),
		}
	}

	fn remove(
		&self,
		primary: &str,
		secondary: &str,
		key: &str,
		lazy: bool,
	) -> Result<(), io::Error> {
		match self {
			Self::Memory(items) => {
				lock(items).remove(&place(primary, secondary, key));
				Ok(())
			},
			Self::Disk(store) => store.remove(primary, secondary, key, lazy),
		}
	}

	fn list(&self, primary: &str, secondary: &str) -> Result<Vec<String>, io::Error> {
		match self {
			Self::Memory(items) => Ok(lock(items)
				.keys()
				.filter(|(first, second, _)| first == primary && second == secondary)
				.map(|(_, _, key)| key.clone())
				.collect()),
			Self::Disk(store) => store.list(primary, secondary),
		}
	}
}
