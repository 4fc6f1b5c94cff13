//! What the machine itself can do: the bound of every payment scheme that is built on it.

use super::{rate, Plan, Subject, MACHINE};
use crate::error::Error;
use codec::Encode;
use dam_primitives::{
	crypto::{Blake2b256, SoftwareBlake2},
	payword,
	voucher::PAYLOAD_BYTES,
};
use polkadot_sdk::{
	sp_core::{ecdsa, ed25519, sr25519, Pair},
	sp_io::hashing::blake2_256,
	sp_runtime::{
		traits::{IdentifyAccount, Verify},
		AccountId32, MultiSignature, MultiSigner,
	},
};
use std::{
	fs::File,
	hint::black_box,
	io::{Seek, SeekFrom, Write},
	path::Path,
	sync::Arc,
};

/// What claims are compared with.
pub const ED25519_CHECKED: &str = "Ed25519 signatures checked";

/// Bytes of a write: about a page, as a store commits at least.
const PAGE: [u8; 4_096] = [7; 4_096];

struct Signed {
	message: [u8; PAYLOAD_BYTES],
	signature: MultiSignature,
	account: AccountId32,
}

/// Signatures of as many keys, so that no key is warm.
fn signed<P>(count: u32) -> Vec<(P, Signed)>
where
	P: Pair + 'static,
	P::Public: Into<MultiSigner>,
	P::Signature: Into<MultiSignature>,
{
	(0..count)
		.map(|index| {
			let seed = (b"dam-bench machine", index).using_encoded(blake2_256);
			// A seed of 32 bytes is a key on all three curves, but for a chance of 2⁻¹²⁷.
			let pair = P::from_seed_slice(&seed).expect("32 bytes are a seed");
			let mut message = [0; PAYLOAD_BYTES];
			message[..32].copy_from_slice(&blake2_256(&seed));
			let signature = pair.sign(&message).into();
			let account = pair.public().into().into_account();
			(pair, Signed { message, signature, account })
		})
		.collect()
}

/// Signing, and checking as the runtime does it.
fn curve<P>(plan: &Plan, signs: &'static str, checks: &'static str) -> [Subject; 2]
where
	P: Pair + 'static,
	P::Public: Into<MultiSigner>,
	P::Signature: Into<MultiSignature>,
{
	let count = plan.count(2_000);
	let keys = Arc::new(signed::<P>(count));
	let same = keys.clone();
	let sign = move || {
		rate(count, || {
			for (pair, Signed { message, .. }) in keys.iter() {
				black_box(pair.sign(black_box(message)));
			}
			Ok(())
		})
	};
	let check = move || {
		rate(count, || {
			let good = same.iter().all(|(_, Signed { message, signature, account })| {
				black_box(signature).verify(&message[..], account)
			});
			good.then_some(()).ok_or_else(|| Error::off_chain("a good signature was refused"))
		})
	};
	[Subject::new(MACHINE, signs, sign), Subject::new(MACHINE, checks, check)]
}

/// A chain of hashes, each of the one before.
fn hashes(count: u32, hash: fn(&[u8]) -> [u8; 32]) -> Result<f64, Error> {
	rate(count, || {
		let mut message = [0; 48];
		message[..16].copy_from_slice(&payword::DOMAIN);
		for _ in 0..count {
			let link = hash(black_box(&message));
			message[16..].copy_from_slice(&link);
		}
		black_box(message);
		Ok(())
	})
}

/// Writes of a page, each on the disk before the next.
fn writes(count: u32, folder: &Path) -> Result<f64, Error> {
	let path = folder.join("page");
	let mut file = File::create(&path).map_err(Error::file(&path))?;
	rate(count, || {
		for _ in 0..count {
			file.seek(SeekFrom::Start(0))
				.and_then(|_| file.write_all(&PAGE))
				.and_then(|()| file.sync_data())
				.map_err(Error::file(&path))?;
		}
		Ok(())
	})
}

/// Everything that is measured here.
pub fn subjects(plan: &Plan, folder: &Path) -> Vec<Subject> {
	let mut subjects = Vec::new();
	subjects.extend(curve::<ed25519::Pair>(plan, "Ed25519 signatures made", ED25519_CHECKED));
	subjects.extend(curve::<sr25519::Pair>(
		plan,
		"Sr25519 signatures made",
		"Sr25519 signatures checked",
	));
	subjects.extend(curve::<ecdsa::Pair>(
		plan,
		"ECDSA (secp256k1) signatures made",
		"ECDSA (secp256k1) signatures checked",
	));
	let count = plan.count(1_000_000);
	subjects.push(Subject::new(
		MACHINE,
		"BLAKE2b-256 of 48 bytes, as the node hashes",
		move || hashes(count, blake2_256),
	));
	subjects.push(Subject::new(MACHINE, "BLAKE2b-256 of 48 bytes, as devices hash", move || {
		hashes(count, SoftwareBlake2::hash)
	}));
	let (count, folder) = (plan.count(200), folder.to_path_buf());
	subjects.push(Subject::new(MACHINE, "writes of 4 KiB, each on the disk", move || {
		writes(count, &folder)
	}));
	subjects
}
