//! What survives a crash: a small table of records on disk.
//!
//! The store is redb, a single file of copy-on-write B-trees with checksums. Every write here is one
//! transaction, committed in two phases: the new tree is synced before the header points to it. So
//! after a crash or a power cut the file holds the last write that was acknowledged, or the one that
//! was under way, whole; and a file in which that tree is damaged is refused, instead of being rolled
//! back to an older one in silence.

use std::{
	collections::BTreeMap,
	fs::{self, File, OpenOptions},
	io,
	os::unix::fs::OpenOptionsExt,
	panic::{catch_unwind, AssertUnwindSafe},
	path::{Path, PathBuf},
	sync::atomic::{AtomicBool, Ordering},
};

use codec::{Decode, DecodeAll, Encode};
use redb::{Builder, Database, DatabaseError, Error, ReadableDatabase, ReadableTable};
use thiserror::Error;

/// Everything is in one table, so that one transaction can change all of it.
const TABLE: redb::TableDefinition<'static, &[u8], &[u8]> = redb::TableDefinition::new("records");
/// Where [`Header`] stands. No record has this key: theirs are longer.
const HEADER: &[u8] = b"#";
/// Layout of the records.
const VERSION: u8 = 1;
/// Pages that are kept in memory: devices have little, and records are read once.
const CACHE_BYTES: usize = 4 << 20;
/// Secrets of hash chains are in the file.
const MODE: u32 = 0o600;

/// Why the store cannot be used.
#[derive(Debug, Error)]
pub enum StoreError {
	/// It cannot be read or written.
	#[error("cannot {doing} the store {path}: {cause}")]
	Io {
		/// What was tried.
		doing: &'static str,
		/// Which file.
		path: PathBuf,
		/// What the system said.
		cause: io::Error,
	},
	/// Another process has it open.
	#[error("the store {0} is in use: a store has one program at a time")]
	InUse(PathBuf),
	/// The file is not as it was written.
	#[error(
		"the store {path} is damaged ({why}): claim what the chain still owes you from a copy of what \
		 was sent to you, and have every channel in it closed before you begin another store"
	)]
	Corrupted {
		/// Which file.
		path: PathBuf,
		/// What is wrong.
		why: String,
	},
	/// It belongs to another chain.
	#[error("the store {0} belongs to another chain: use one store for each chain")]
	WrongChain(PathBuf),
	/// It belongs to the other side of channels, or to another payee.
	#[error("the store {0} belongs to somebody else: use one store for each payer and each payee")]
	WrongRole(PathBuf),
	/// It was written by a newer program.
	#[error("the store {path} has format version {found}: use a newer program")]
	Version {
		/// Which file.
		path: PathBuf,
		/// Its version.
		found: u8,
	},
	/// A write failed before, so nobody knows what is on disk.
	#[error(
		"an earlier write to the store {0} failed: open it again to find out what was kept before you \
		 go on"
	)]
	Failed(PathBuf),
}

/// Whose records these are.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub(crate) enum Role {
	/// A payer's.
	#[codec(index = 0)]
	Payer,
	/// A payee's, whose account this is.
	#[codec(index = 1)]
	Payee([u8; 32]),
}

#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
struct Header {
	version: u8,
	genesis_hash: [u8; 32],
	role: Role,
}

/// What a write changes: records by key; `None` removes.
pub(crate) type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;
/// All records, in the order of their keys.
pub(crate) type Records = Vec<(Vec<u8>, Vec<u8>)>;

/// An open store.
#[derive(Debug)]
pub(crate) struct Store {
	path: PathBuf,
	database: Database,
	/// Set by the first write that fails. What the disk holds then is only known after a reopening.
	failed: AtomicBool,
}

impl Store {
	/// Opens the store at `path`, or makes one, and reads it.
	pub(crate) fn open(
		path: &Path,
		genesis_hash: [u8; 32],
		role: Role,
	) -> Result<(Self, Records), StoreError> {
		match open_existing(path) {
			Ok(file) => Self::load(path, || builder().create_file(file), genesis_hash, role),
			Err(error) if error.kind() == io::ErrorKind::NotFound => {
				Self::create(path, genesis_hash, role)
			},
			Err(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => {
				Err(StoreError::Corrupted { path: path.into(), why: cause.to_string() })
			},
			Err(cause) => Err(StoreError::Io { doing: "open", path: path.into(), cause }),
		}
	}

	/// A store elsewhere than in a file. An empty medium becomes a new store.
	#[cfg(test)]
	pub(crate) fn open_on(
		medium: impl redb::StorageBackend,
		genesis_hash: [u8; 32],
		role: Role,
	) -> Result<(Self, Records), StoreError> {
		let path = Path::new("medium");
		if medium.len().is_ok_and(|length| length > 0) {
			let open = || builder().create_with_backend(medium);
			return Self::load(path, open, genesis_hash, role);
		}
		let database =
			builder().create_with_backend(medium).map_err(|e| explain(path, e.into()))?;
		let store = Self::new(path, database);
		store.write_header(genesis_hash, role)?;
		Ok((store, Vec::new()))
	}

	/// Makes a store under another name first, so that a file of this name is always whole.
	fn create(
		path: &Path,
		genesis_hash: [u8; 32],
		role: Role,
	) -> Result<(Self, Records), StoreError> {
		let io = |doing| move |cause| StoreError::Io { doing, path: path.into(), cause };
		// Nobody else's: two programs that begin at the same time must not share a draft.
		let mut draft = path.as_os_str().to_owned();
		draft.push(format!(".new-{:016x}", rand::random::<u64>()));
		let draft = PathBuf::from(draft);
		let file = OpenOptions::new()
			.read(true)
			.write(true)
			.create_new(true)
			.mode(MODE)
			.open(&draft)
			.map_err(io("begin"))?;
		let database = builder().create_file(file).map_err(|e| explain(path, e.into()))?;
		let store = Self::new(path, database);
		store.write_header(genesis_hash, role)?;
		// A link, not a renaming: it never replaces a store that another program made meanwhile.
		match fs::hard_link(&draft, path) {
			Ok(()) => fs::remove_file(&draft).map_err(io("begin"))?,
			Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
				return Err(StoreError::InUse(path.into()));
			},
			// Some file systems of memory cards have no links.
			Err(_) => fs::rename(&draft, path).map_err(io("begin"))?,
		}
		let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
		File::open(folder.unwrap_or(Path::new(".")))
			.and_then(|folder| folder.sync_all())
			.map_err(io("begin"))?;
		Ok((store, Vec::new()))
	}

	fn new(path: &Path, database: Database) -> Self {
		Self { path: path.into(), database, failed: AtomicBool::new(false) }
	}

	fn write_header(&self, genesis_hash: [u8; 32], role: Role) -> Result<(), StoreError> {
		let header = Header { version: VERSION, genesis_hash, role };
		self.write(&Changes::from([(HEADER.to_vec(), Some(header.encode()))]))
	}

	/// Checks every page before anything is believed.
	fn load(
		path: &Path,
		open: impl FnOnce() -> Result<Database, DatabaseError>,
		genesis_hash: [u8; 32],
		role: Role,
	) -> Result<(Self, Records), StoreError> {
		// redb means to return an error for whatever it finds; should it meet damage that it does not
		// expect, a device must still not go down with it.
		let loaded = catch_unwind(AssertUnwindSafe(|| {
			let mut database = open()?;
			// `false`: the bookkeeping of free pages was rebuilt. Records are never rolled back,
			// since their commits had two phases.
			let _rebuilt = !database.check_integrity()?;
			let store = Self::new(path, database);
			let records = store.read()?;
			Ok::<_, Error>((store, records))
		}));
		let (store, mut records) = match loaded {
			Ok(loaded) => loaded.map_err(|error| explain(path, error))?,
			Err(_) => return Err(corrupted(path, "its pages make no sense")),
		};
		let header = records
			.iter()
			.position(|(key, _)| key == HEADER)
			.map(|position| records.remove(position).1)
			.ok_or_else(|| corrupted(path, "it has no header"))?;
		store.check_header(&header, genesis_hash, role)?;
		Ok((store, records))
	}

	fn check_header(
		&self,
		bytes: &[u8],
		genesis_hash: [u8; 32],
		role: Role,
	) -> Result<(), StoreError> {
		match bytes.first() {
			Some(&VERSION) => {},
			Some(&found) => return Err(StoreError::Version { path: self.path.clone(), found }),
			None => return Err(self.corrupted("its header is empty")),
		}
		let header = Header::decode_all(&mut &bytes[..])
			.map_err(|_| self.corrupted("its header does not decode"))?;
		if header.genesis_hash != genesis_hash {
			return Err(StoreError::WrongChain(self.path.clone()));
		}
		if header.role != role {
			return Err(StoreError::WrongRole(self.path.clone()));
		}
		Ok(())
	}

	fn read(&self) -> Result<Records, Error> {
		let table = self.database.begin_read()?.open_table(TABLE)?;
		let mut records = Vec::new();
		for entry in table.iter()? {
			let (key, value) = entry?;
			records.push((key.value().to_vec(), value.value().to_vec()));
		}
		Ok(records)
	}

	/// Makes `changes`, all or none, and returns once they are on disk.
	///
	/// # Errors
	/// After an error nobody knows whether they were made, and every later write is refused.
	pub(crate) fn write(&self, changes: &Changes) -> Result<(), StoreError> {
		self.check()?;
		let written = catch_unwind(AssertUnwindSafe(|| self.try_write(changes)));
		if !matches!(written, Ok(Ok(()))) {
			self.failed.store(true, Ordering::SeqCst);
		}
		match written {
			Ok(result) => result.map_err(|error| explain(&self.path, error)),
			Err(_) => Err(StoreError::Failed(self.path.clone())),
		}
	}

	/// Whether every write so far succeeded.
	///
	/// # Errors
	/// [`StoreError::Failed`].
	pub(crate) fn check(&self) -> Result<(), StoreError> {
		if self.failed.load(Ordering::SeqCst) {
			return Err(StoreError::Failed(self.path.clone()));
		}
		Ok(())
	}

	fn try_write(&self, changes: &Changes) -> Result<(), Error> {
		let mut transaction = self.database.begin_write()?;
		transaction.set_durability(redb::Durability::Immediate)?;
		transaction.set_two_phase_commit(true);
		{
			let mut table = transaction.open_table(TABLE)?;
			for (key, value) in changes {
				match value {
					Some(value) => table.insert(&key[..], &value[..])?,
					None => table.remove(&key[..])?,
				};
			}
		}
		Ok(transaction.commit()?)
	}

	/// Where the store is.
	pub(crate) fn path(&self) -> &Path {
		&self.path
	}

	/// An error that says what is wrong with the file.
	pub(crate) fn corrupted(&self, why: &str) -> StoreError {
		corrupted(&self.path, why)
	}
}

fn builder() -> Builder {
	let mut builder = Builder::new();
	builder.set_cache_size(CACHE_BYTES);
	builder
}

/// A file of no length is no store of ours: one is made whole before it has its name.
fn open_existing(path: &Path) -> io::Result<File> {
	let file = OpenOptions::new().read(true).write(true).open(path)?;
	if file.metadata()?.len() == 0 {
		return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it is empty"));
	}
	Ok(file)
}

fn corrupted(path: &Path, why: &str) -> StoreError {
	StoreError::Corrupted { path: path.into(), why: why.into() }
}

fn explain(path: &Path, error: Error) -> StoreError {
	let path = path.to_path_buf();
	match error {
		Error::DatabaseAlreadyOpen => StoreError::InUse(path),
		// What redb says of a file that is not its own.
		Error::Io(cause) if cause.kind() == io::ErrorKind::InvalidData => {
			StoreError::Corrupted { path, why: cause.to_string() }
		},
		Error::Io(cause) => StoreError::Io { doing: "use", path, cause },
		Error::PreviousIo => StoreError::Failed(path),
		error => StoreError::Corrupted { path, why: error.to_string() },
	}
}

#[cfg(test)]
pub(crate) mod tests_support {
	use super::*;

	/// Makes a store of another version.
	pub(crate) fn with_version(medium: &(impl redb::StorageBackend + Clone), version: u8) {
		let database = builder().create_with_backend(medium.clone()).unwrap();
		let store = Store::new(Path::new("medium"), database);
		let header = vec![version, 1, 2, 3];
		store.write(&Changes::from([(HEADER.to_vec(), Some(header))])).unwrap();
	}
}
