//! The chain and the library of devices take the same signatures: else a payee gives goods for what
//! it can never claim.

use dam_payments::{Curves, MemoryKey, Signer};
use dam_primitives::{crypto::VerifySignature, PublicKey, Signature};
use pallet_dam_traits::HostCrypto;
use proptest::prelude::*;

const MESSAGE: &[u8] = b"17.5 kWh";

/// The order of secp256k1's group.
const ORDER: [u8; 32] = [
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
	0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
];

/// The order of the group of Curve25519, in little endian.
const ORDER_25519: [u8; 32] = [
	0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

fn keys(seed: &[u8; 32]) -> [MemoryKey; 3] {
	let ecdsa = MemoryKey::ecdsa(seed).expect("the tests take scalars as seeds");
	[MemoryKey::ed25519(seed), MemoryKey::sr25519(seed), ecdsa]
}

/// What both say.
fn agreed(key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
	let chain = HostCrypto.verify(key, message, signature);
	let device = Curves.verify(key, message, signature);
	assert_eq!(chain, device, "{key:?} {signature:?} of {message:?}");
	chain
}

fn bytes_of(signature: &mut Signature) -> &mut [u8] {
	match signature {
		Signature::Ed25519(bytes) | Signature::Sr25519(bytes) => bytes,
		Signature::Ecdsa(bytes) => bytes,
	}
}

fn flipped(key: &PublicKey, at: usize, bit: u8) -> PublicKey {
	let mut key = *key;
	match &mut key {
		PublicKey::Ed25519(bytes) | PublicKey::Sr25519(bytes) => bytes[at % 32] ^= 1 << bit,
		PublicKey::Ecdsa(bytes) => bytes[at % 33] ^= 1 << bit,
	}
	key
}

fn ecdsa_signature() -> (PublicKey, [u8; 65]) {
	let key = MemoryKey::ecdsa(&[7; 32]).expect("it is a scalar");
	let Signature::Ecdsa(bytes) = key.sign(MESSAGE) else { unreachable!("the key is ECDSA") };
	(key.public(), bytes)
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..Default::default() })]

	#[test]
	fn chain_and_devices_should_agree_on_good_and_damaged_signatures(
		seed in prop::array::uniform32(1u8..),
		message in prop::collection::vec(any::<u8>(), 1..200),
		at: usize,
		bit in 0u8..8,
	) {
		for key in keys(&seed) {
			let public = key.public();
			let good = key.sign(&message);
			prop_assert!(agreed(&public, &message, &good));

			let mut damaged = good;
			let bytes = bytes_of(&mut damaged);
			// But for the recovery id, which has a test of its own.
			bytes[at % 64] ^= 1 << bit;
			prop_assert!(!agreed(&public, &message, &damaged));
			prop_assert!(!agreed(&flipped(&public, at, bit), &message, &good));
			let mut other = message.clone();
			let at = at % other.len();
			other[at] ^= 1 << bit;
			prop_assert!(!agreed(&public, &other, &good));
		}
	}

	#[test]
	fn chain_and_devices_should_agree_on_rubbish(
		key: [u8; 33],
		signature: [u8; 65],
		parity in 2u8..4,
		recovery in 0u8..4,
		message: [u8; 8],
	) {
		let short: [u8; 32] = key[..32].try_into().expect("it is 32 bytes");
		let long: [u8; 64] = signature[..64].try_into().expect("it is 64 bytes");
		let (mut point, mut recoverable) = (key, signature);
		(point[0], recoverable[64]) = (parity, recovery);
		for (key, signature) in [
			(PublicKey::Ed25519(short), Signature::Ed25519(long)),
			(PublicKey::Sr25519(short), Signature::Sr25519(long)),
			(PublicKey::Ecdsa(point), Signature::Ecdsa(recoverable)),
		] {
			agreed(&key, &message, &signature);
		}
	}
}

#[test]
fn ecdsa_should_be_malleable_on_both_sides_alike() {
	let (key, good) = ecdsa_signature();
	assert!(agreed(&key, MESSAGE, &Signature::Ecdsa(good)));
	// The other root: `s` of the upper half, with the other parity. It promises the same amount, so
	// nothing is gained by it.
	let mut other = good;
	let mut borrow = 0;
	for at in (0..32).rev() {
		let difference = i16::from(ORDER[at]) - i16::from(good[32 + at]) - borrow;
		borrow = i16::from(difference < 0);
		other[32 + at] = difference.rem_euclid(256) as u8;
	}
	assert!(!agreed(&key, MESSAGE, &Signature::Ecdsa(other)));
	other[64] ^= 1;
	assert!(agreed(&key, MESSAGE, &Signature::Ecdsa(other)));
}

#[test]
fn devices_should_take_no_recovery_id_that_the_chain_refuses() {
	let (key, good) = ecdsa_signature();
	for id in 0..=u8::MAX {
		let mut bytes = good;
		bytes[64] = id;
		let signature = Signature::Ecdsa(bytes);
		let chain = HostCrypto.verify(&key, MESSAGE, &signature);
		let device = Curves.verify(&key, MESSAGE, &signature);
		assert_eq!(device, id == good[64], "{id}");
		// The chain also takes the way in which Ethereum counts.
		assert_eq!(chain, device || id == good[64] + 27, "{id}");
	}
}

#[test]
fn ecdsa_should_refuse_numbers_out_of_range_on_both_sides() {
	let (key, good) = ecdsa_signature();
	for (at, number) in [(0, [0; 32]), (0, ORDER), (0, [0xff; 32]), (32, [0; 32]), (32, ORDER)] {
		let mut bytes = good;
		bytes[at..at + 32].copy_from_slice(&number);
		assert!(!agreed(&key, MESSAGE, &Signature::Ecdsa(bytes)));
	}
}

/// All encodings of points of small order, those included that are not the shortest of theirs. Where
/// checks of Ed25519 differ from each other, they differ here.
fn small_points() -> [[u8; 32]; 14] {
	let ends = |first: u8, middle: u8, last: u8| {
		let mut bytes = [middle; 32];
		(bytes[0], bytes[31]) = (first, last);
		bytes
	};
	let eighth = |text: &str, last: u8| {
		let mut bytes = [0; 32];
		for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
			let pair = core::str::from_utf8(pair).expect("it is text");
			*byte = u8::from_str_radix(pair, 16).expect("it is hexadecimal");
		}
		bytes[31] |= last;
		bytes
	};
	let one = "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a";
	let two = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05";
	[
		ends(0, 0, 0),
		ends(0, 0, 0x80),
		ends(1, 0, 0),
		ends(1, 0, 0x80),
		ends(0xec, 0xff, 0x7f),
		ends(0xec, 0xff, 0xff),
		ends(0xed, 0xff, 0x7f),
		ends(0xed, 0xff, 0xff),
		ends(0xee, 0xff, 0x7f),
		ends(0xee, 0xff, 0xff),
		eighth(one, 0),
		eighth(one, 0x80),
		eighth(two, 0),
		eighth(two, 0x80),
	]
}

#[test]
fn ed25519_should_follow_the_same_rules_for_odd_points() {
	let mut accepted = 0;
	for key in small_points() {
		for commitment in small_points() {
			let mut signature = [0; 64];
			signature[..32].copy_from_slice(&commitment);
			let key = PublicKey::Ed25519(key);
			accepted += u32::from(agreed(&key, MESSAGE, &Signature::Ed25519(signature)));
			// A scalar that is not reduced is refused.
			signature[32..].copy_from_slice(&ORDER_25519);
			assert!(!agreed(&key, MESSAGE, &Signature::Ed25519(signature)));
		}
	}
	// By ZIP 215 all of them are good.
	assert_eq!(accepted, 14 * 14);
}

#[test]
fn sr25519_should_refuse_what_is_not_in_its_one_form_on_both_sides() {
	let key = MemoryKey::sr25519(&[7; 32]);
	let Signature::Sr25519(good) = key.sign(MESSAGE) else { unreachable!("the key is sr25519") };
	// Signatures of before the first release lack this mark.
	let mut unmarked = good;
	unmarked[63] &= 0x7f;
	assert!(!agreed(&key.public(), MESSAGE, &Signature::Sr25519(unmarked)));
	// The same scalar, and the order once more.
	let mut unreduced = good;
	let mut carry = 0;
	for (byte, order) in unreduced[32..].iter_mut().zip(ORDER_25519) {
		let sum = u16::from(*byte) + u16::from(order) + carry;
		(*byte, carry) = (sum as u8, sum >> 8);
	}
	assert!(!agreed(&key.public(), MESSAGE, &Signature::Sr25519(unreduced)));
	for point in small_points() {
		let mut signature = [0; 64];
		signature[63] = 0x80;
		agreed(&PublicKey::Sr25519(point), MESSAGE, &Signature::Sr25519(signature));
		signature[..32].copy_from_slice(&point);
		agreed(&PublicKey::Sr25519(point), MESSAGE, &Signature::Sr25519(signature));
		assert!(!agreed(&key.public(), MESSAGE, &Signature::Sr25519(signature)));
	}
}
