//! The key file: one secret, readable by its owner alone, never overwritten.

use std::{
	fs::{File, OpenOptions},
	io::{self, Read, Write},
	os::unix::fs::{OpenOptionsExt, PermissionsExt},
	path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::keys::{Key, KeyError, Scheme};

/// Format of the file. A file of another version is refused, not guessed at.
const VERSION: u32 = 1;
/// Only the owner reads and writes.
const MODE: u32 = 0o600;
/// No key file is longer; a bound against reading something else altogether.
const MAX_BYTES: u64 = 16 * 1024;

/// Why a key file cannot be used.
#[derive(Debug, Error)]
pub enum KeyFileError {
	/// It cannot be read or written.
	#[error("cannot {doing} the key file {path}: {cause}")]
	Io {
		/// `read`, `create` or `write`.
		doing: &'static str,
		/// Which file.
		path: PathBuf,
		/// What the system said.
		cause: io::Error,
	},
	/// A file is already there; it may be the only copy of a key.
	#[error("{0} exists already and is never overwritten: choose another path or move it away")]
	Exists(PathBuf),
	/// There is no such file.
	#[error("there is no key file {0}: make one with `dam-device key new {0}`")]
	Missing(PathBuf),
	/// Others can read it.
	#[error(
		"{path} can be read or written by others (mode {mode:04o}): run `chmod 600 {path}`, and if \
		 others may have seen it, use a new key"
	)]
	Permissions {
		/// Which file.
		path: PathBuf,
		/// Its mode.
		mode: u32,
	},
	/// It is not what we wrote.
	#[error("{path} is not a readable key file ({why}): restore it from a copy")]
	Corrupted {
		/// Which file.
		path: PathBuf,
		/// Where reading stopped. Never holds the secret.
		why: String,
	},
	/// Written by another version.
	#[error("{path} has format version {found}, this program reads {VERSION}: use its program")]
	Version {
		/// Which file.
		path: PathBuf,
		/// Its version.
		found: u32,
	},
	/// The secret does not make the public key.
	#[error(
		"{path} is damaged: its secret does not belong to its public key of scheme {scheme}; \
		 restore it from a copy"
	)]
	Mismatch {
		/// Which file.
		path: PathBuf,
		/// The scheme it names.
		scheme: Scheme,
	},
	/// The secret is no key at all.
	#[error("{path}: {cause}")]
	Key {
		/// Which file.
		path: PathBuf,
		/// Why.
		cause: KeyError,
	},
}

/// What stands in the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
	version: u32,
	scheme: Scheme,
	/// `0x` and the public key, for people and for the check against damage.
	public: String,
	/// The SS58 address, for people.
	address: String,
	/// A secret URI: `0x` and a seed, or what was imported.
	#[serde(with = "wiped")]
	secret: Zeroizing<String>,
}

/// Text that is wiped when dropped.
mod wiped {
	use serde::{Deserialize, Deserializer, Serializer};
	use zeroize::Zeroizing;

	pub(super) fn serialize<S: Serializer>(
		secret: &Zeroizing<String>,
		serializer: S,
	) -> Result<S::Ok, S::Error> {
		serializer.serialize_str(secret)
	}

	pub(super) fn deserialize<'de, D: Deserializer<'de>>(
		deserializer: D,
	) -> Result<Zeroizing<String>, D::Error> {
		String::deserialize(deserializer).map(Zeroizing::new)
	}
}

/// A key in a file of mode 0600.
#[derive(Debug)]
pub struct KeyFile {
	path: PathBuf,
	key: Key,
}

impl KeyFile {
	/// Makes a fresh key and a file for it.
	///
	/// # Errors
	/// [`KeyFileError::Exists`], [`KeyFileError::Io`].
	pub fn create(path: impl AsRef<Path>, scheme: Scheme) -> Result<Self, KeyFileError> {
		let (key, seed) = Key::generate(scheme);
		let secret = Zeroizing::new(format!("0x{}", &*Zeroizing::new(hex::encode(*seed))));
		Self::store(path.as_ref(), key, secret)
	}

	/// Puts the key of a secret URI (see [`Key::from_uri`]) into a new file.
	///
	/// # Errors
	/// [`KeyFileError::Key`], [`KeyFileError::Exists`], [`KeyFileError::Io`].
	pub fn import(path: impl AsRef<Path>, scheme: Scheme, uri: &str) -> Result<Self, KeyFileError> {
		let path = path.as_ref();
		let key = Key::from_uri(scheme, uri)
			.map_err(|cause| KeyFileError::Key { path: path.into(), cause })?;
		Self::store(path, key, Zeroizing::new(uri.into()))
	}

	/// Opens a key file.
	///
	/// # Errors
	/// See [`KeyFileError`].
	pub fn open(path: impl AsRef<Path>) -> Result<Self, KeyFileError> {
		let path = path.as_ref();
		let io = |cause| KeyFileError::Io { doing: "read", path: path.into(), cause };
		let file = File::open(path).map_err(|error| match error.kind() {
			io::ErrorKind::NotFound => KeyFileError::Missing(path.into()),
			_ => io(error),
		})?;
		// Asked of the open file, so that nobody swaps it in between.
		let metadata = file.metadata().map_err(io)?;
		let corrupted = |why: String| KeyFileError::Corrupted { path: path.into(), why };
		if !metadata.is_file() || metadata.len() > MAX_BYTES {
			return Err(corrupted("not a small regular file".into()));
		}
		let mode = metadata.permissions().mode() & 0o777;
		if mode & 0o077 != 0 {
			return Err(KeyFileError::Permissions { path: path.into(), mode });
		}
		let mut text = Zeroizing::new(String::new());
		file.take(MAX_BYTES).read_to_string(&mut text).map_err(|error| match error.kind() {
			io::ErrorKind::InvalidData => corrupted("not text".into()),
			_ => io(error),
		})?;
		Self::parse(path, &text)
	}

	/// The key.
	pub const fn key(&self) -> &Key {
		&self.key
	}

	/// Where it is stored.
	pub fn path(&self) -> &Path {
		&self.path
	}

	fn parse(path: &Path, text: &str) -> Result<Self, KeyFileError> {
		/// Read first, so that a newer format is named as such.
		#[derive(Deserialize)]
		struct Versioned {
			version: u32,
		}
		// Only the place of the mistake: the parser's own words may quote the secret.
		let corrupted = |error: serde_json::Error| KeyFileError::Corrupted {
			path: path.into(),
			why: format!("line {}, column {}", error.line(), error.column()),
		};
		let Versioned { version } = serde_json::from_str(text).map_err(corrupted)?;
		if version != VERSION {
			return Err(KeyFileError::Version { path: path.into(), found: version });
		}
		let content: Content = serde_json::from_str(text).map_err(corrupted)?;
		let key = Key::from_uri(content.scheme, &content.secret)
			.map_err(|cause| KeyFileError::Key { path: path.into(), cause })?;
		if content.public != format!("0x{}", hex::encode(key.public().as_bytes())) {
			return Err(KeyFileError::Mismatch { path: path.into(), scheme: content.scheme });
		}
		Ok(Self { path: path.into(), key })
	}

	fn store(path: &Path, key: Key, secret: Zeroizing<String>) -> Result<Self, KeyFileError> {
		let content = Content {
			version: VERSION,
			scheme: key.scheme(),
			public: format!("0x{}", hex::encode(key.public().as_bytes())),
			address: key.account().to_string(),
			secret,
		};
		let mut text = Zeroizing::new(
			serde_json::to_string_pretty(&content).expect("strings and numbers serialize; qed"),
		);
		text.push('\n');
		// `create_new` is O_CREAT | O_EXCL: an existing file, or a link to one, is never touched.
		let mut file =
			OpenOptions::new().write(true).create_new(true).mode(MODE).open(path).map_err(
				|cause| match cause.kind() {
					io::ErrorKind::AlreadyExists => KeyFileError::Exists(path.into()),
					_ => KeyFileError::Io { doing: "create", path: path.into(), cause },
				},
			)?;
		file.write_all(text.as_bytes())
			.and_then(|()| file.sync_all())
			.map_err(|cause| KeyFileError::Io { doing: "write", path: path.into(), cause })?;
		Ok(Self { path: path.into(), key })
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::fs;

	fn folder() -> tempfile::TempDir {
		tempfile::tempdir().unwrap()
	}

	fn rewrite(path: &Path, change: impl Fn(String) -> String) {
		fs::write(path, change(fs::read_to_string(path).unwrap())).unwrap();
	}

	#[test]
	fn key_files_should_keep_their_key_and_be_private() {
		let folder = folder();
		for scheme in Scheme::ALL {
			let path = folder.path().join(scheme.to_string());
			let made = KeyFile::create(&path, scheme).unwrap();
			let opened = KeyFile::open(&path).unwrap();
			assert_eq!(made.key().public(), opened.key().public());
			assert_eq!(opened.key().scheme(), scheme);
			assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, MODE);
		}
	}

	#[test]
	fn imported_keys_should_survive_the_file() {
		let folder = folder();
		for scheme in Scheme::ALL {
			let path = folder.path().join(scheme.to_string());
			KeyFile::import(&path, scheme, "//Alice").unwrap();
			let expected = Key::from_uri(scheme, "//Alice").unwrap();
			assert_eq!(KeyFile::open(&path).unwrap().key().public(), expected.public());
		}
	}

	#[test]
	fn existing_files_should_never_be_overwritten() {
		let folder = folder();
		let path = folder.path().join("key");
		fs::write(&path, "precious").unwrap();
		let refused = KeyFile::create(&path, Scheme::Ed25519);
		assert!(matches!(refused, Err(KeyFileError::Exists(_))));
		assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
	}

	#[test]
	fn key_files_should_be_refused_when_others_can_read_them() {
		let folder = folder();
		let path = folder.path().join("key");
		KeyFile::create(&path, Scheme::Ed25519).unwrap();
		for mode in [0o640, 0o604, 0o660, 0o644] {
			fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
			let refused = KeyFile::open(&path).unwrap_err();
			assert!(matches!(refused, KeyFileError::Permissions { .. }), "{refused}");
			assert!(refused.to_string().contains("chmod 600"), "{refused}");
		}
	}

	#[test]
	fn key_files_should_be_refused_when_damaged() {
		let folder = folder();
		let fresh = |name: &str, scheme| {
			let path = folder.path().join(name);
			KeyFile::create(&path, scheme).unwrap();
			path
		};

		let truncated = fresh("truncated", Scheme::Ed25519);
		rewrite(&truncated, |text| text[..text.len() / 2].into());
		assert!(matches!(KeyFile::open(&truncated), Err(KeyFileError::Corrupted { .. })));

		let binary = fresh("binary", Scheme::Ed25519);
		fs::write(&binary, [0xff, 0xfe, 0x00]).unwrap();
		assert!(matches!(KeyFile::open(&binary), Err(KeyFileError::Corrupted { .. })));

		let newer = fresh("newer", Scheme::Ed25519);
		rewrite(&newer, |text| text.replace("\"version\": 1", "\"version\": 2"));
		assert!(matches!(KeyFile::open(&newer), Err(KeyFileError::Version { found: 2, .. })));

		let scheme = fresh("scheme", Scheme::Ed25519);
		rewrite(&scheme, |text| text.replace("\"ed25519\"", "\"sr25519\""));
		assert!(matches!(KeyFile::open(&scheme), Err(KeyFileError::Mismatch { .. })));

		let secret = fresh("secret", Scheme::Sr25519);
		rewrite(&secret, |text| {
			let (other, seed) = Key::generate(Scheme::Sr25519);
			drop(other);
			let start = text.find("\"secret\": \"0x").unwrap() + 13;
			format!("{}{}{}", &text[..start], hex::encode(*seed), &text[start + 64..])
		});
		assert!(matches!(KeyFile::open(&secret), Err(KeyFileError::Mismatch { .. })));

		assert!(matches!(KeyFile::open(folder.path().join("none")), Err(KeyFileError::Missing(_))));
		assert!(matches!(
			KeyFile::open(folder.path()),
			Err(KeyFileError::Corrupted { .. } | KeyFileError::Io { .. })
		));
	}

	#[test]
	fn errors_should_never_show_the_secret() {
		let folder = folder();
		let path = folder.path().join("key");
		KeyFile::create(&path, Scheme::Ed25519).unwrap();
		let text = fs::read_to_string(&path).unwrap();
		let start = text.find("\"secret\": \"0x").unwrap() + 13;
		let secret = text[start..start + 64].to_owned();
		rewrite(&path, |text| text.replace("\"secret\": \"0x", "\"secret\": 7, \"0x"));
		let error = KeyFile::open(&path).unwrap_err();
		assert!(!format!("{error} {error:?}").contains(&secret));
	}
}
