//! A disk that loses power: what was not synced is kept in part, sector by sector.

use std::{
	io,
	sync::{Arc, Mutex},
	time::Duration,
};

use redb::StorageBackend;

/// What a disk writes as a whole.
const SECTOR: usize = 512;

/// A disk in memory. Clones are the same disk.
#[derive(Clone, Debug, Default)]
pub struct Medium(Arc<Mutex<Disk>>);

#[derive(Debug, Default)]
struct Disk {
	/// What reads see.
	current: Vec<u8>,
	/// What surely survives.
	synced: Vec<u8>,
	/// What came since, in order.
	pending: Vec<Change>,
	syncs: u64,
	/// How many more changes and syncs succeed, if not all.
	succeed: Option<u32>,
	/// How long a sync takes.
	latency: Duration,
}

#[derive(Clone, Debug)]
enum Change {
	Length(usize),
	Write(usize, Vec<u8>),
}

impl Change {
	fn apply(&self, to: &mut Vec<u8>) {
		match self {
			Self::Length(length) => to.resize(*length, 0),
			// Beyond the end there is nothing to write to: the change of the length was lost.
			Self::Write(offset, bytes) => {
				if let Some(target) = to.get_mut(*offset..offset + bytes.len()) {
					target.copy_from_slice(bytes);
				}
			},
		}
	}

	fn sectors(&self) -> Vec<Self> {
		let Self::Write(offset, bytes) = self else { return vec![self.clone()] };
		let mut sectors = Vec::new();
		let (mut from, end) = (*offset, offset + bytes.len());
		while from < end {
			let to = ((from / SECTOR + 1) * SECTOR).min(end);
			sectors.push(Self::Write(from, bytes[from - offset..to - offset].to_vec()));
			from = to;
		}
		sectors
	}
}

impl Medium {
	pub fn from_image(image: Vec<u8>) -> Self {
		let disk = Disk { current: image.clone(), synced: image, ..Disk::default() };
		Self(Arc::new(Mutex::new(disk)))
	}

	/// Everything, as a clean shutdown would leave it.
	pub fn image(&self) -> Vec<u8> {
		self.0.lock().unwrap().current.clone()
	}

	/// How often it was synced.
	pub fn syncs(&self) -> u64 {
		self.0.lock().unwrap().syncs
	}

	/// From now on, only so many changes and syncs succeed.
	pub fn fail_after(&self, succeed: u32) {
		self.0.lock().unwrap().succeed = Some(succeed);
	}

	/// From now on, a sync takes so long.
	pub fn slow_down(&self, latency: Duration) {
		self.0.lock().unwrap().latency = latency;
	}

	/// The disk after a power cut now. `survives` decides for each sector that was not synced.
	pub fn cut_power(&self, mut survives: impl FnMut() -> bool) -> Self {
		let disk = self.0.lock().unwrap();
		let mut image = disk.synced.clone();
		for change in disk.pending.iter().flat_map(Change::sectors) {
			if survives() {
				change.apply(&mut image);
			}
		}
		Self::from_image(image)
	}

	fn change(&self, change: Change) -> io::Result<()> {
		let mut disk = self.0.lock().unwrap();
		disk.step()?;
		change.apply(&mut disk.current);
		disk.pending.push(change);
		Ok(())
	}
}

impl Disk {
	fn step(&mut self) -> io::Result<()> {
		match &mut self.succeed {
			Some(0) => return Err(io::Error::other("the disk is gone")),
			Some(left) => *left -= 1,
			None => {},
		}
		Ok(())
	}
}

impl StorageBackend for Medium {
	fn len(&self) -> io::Result<u64> {
		Ok(self.0.lock().unwrap().current.len() as u64)
	}

	fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
		let disk = self.0.lock().unwrap();
		let offset = offset as usize;
		let bytes = disk
			.current
			.get(offset..offset + out.len())
			.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
		out.copy_from_slice(bytes);
		Ok(())
	}

	fn set_len(&self, length: u64) -> io::Result<()> {
		self.change(Change::Length(length as usize))
	}

	fn sync_data(&self) -> io::Result<()> {
		let latency = self.0.lock().unwrap().latency;
		std::thread::sleep(latency);
		let mut disk = self.0.lock().unwrap();
		disk.step()?;
		disk.synced = disk.current.clone();
		disk.pending.clear();
		disk.syncs += 1;
		Ok(())
	}

	fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
		self.change(Change::Write(offset as usize, data.to_vec()))
	}
}
