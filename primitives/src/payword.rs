//! Hash chains: payments for the smallest devices (PayWord, Rivest & Shamir 1996).
//!
//! The payer takes a secret seed, the last link, and hashes it `length` times down to link 0, the
//! root, which the channel names. It pays by showing links in ascending order: link `i` is worth
//! `i` units in all. Whoever knows link `i` checks a later one by hashing it down, and can derive
//! every earlier one, but none that is later.
//!
//! ```text
//! seed = link n ─hash─► link n-1 ─hash─► … ─hash─► link 1 ─hash─► link 0 = root
//! ```

use codec::{Compact, Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{
	channel::MAX_HASHES_PER_CLAIM, crypto::Blake2b256, voucher, Channel, ChannelId, ClaimFailure,
	Lock,
};

/// First bytes of everything that is hashed in a chain, so that a link is no other hash.
pub const DOMAIN: [u8; 16] = *b"dam/payword/v1\0\0";

/// One link of a chain.
pub type Link = [u8; 32];

/// The link before `link`: BLAKE2b-256 of [`DOMAIN`] and `link`, 48 bytes.
pub fn previous<H: Blake2b256>(link: &Link) -> Link {
	descend::<H>(link, 1)
}

/// The link `steps` before `link`, in exactly `steps` hashes.
pub fn descend<H: Blake2b256>(link: &Link, steps: u32) -> Link {
	let mut input = [0; 48];
	input[..16].copy_from_slice(&DOMAIN);
	input[16..].copy_from_slice(link);
	for _ in 0..steps {
		let hash = H::hash(&input);
		input[16..].copy_from_slice(&hash);
	}
	let mut reached = [0; 32];
	reached.copy_from_slice(&input[16..]);
	reached
}

/// A link as it is handed over, and as it is claimed: 34 to 46 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct RevealedLink {
	/// Which channel.
	#[codec(compact)]
	pub channel: ChannelId,
	/// Number of the link: how many units it is worth in all.
	#[codec(compact)]
	pub index: u32,
	/// The link.
	pub link: Link,
}

/// Not derived: the derived one takes compact numbers for fixed ones.
impl MaxEncodedLen for RevealedLink {
	fn max_encoded_len() -> usize {
		Compact::<ChannelId>::max_encoded_len()
			.saturating_add(Compact::<u32>::max_encoded_len())
			.saturating_add(Link::max_encoded_len())
	}
}

impl RevealedLink {
	/// What the link is worth above what was settled and accepted, and the `receiver` after it, if
	/// `channel`, which must be the one that it names, settles it in block `now`.
	///
	/// # Errors
	/// Why it is worth nothing. Hashing comes last, and never goes further than `receiver` allows.
	pub fn check<H: Blake2b256, AccountId>(
		&self,
		channel: &Channel<AccountId>,
		receiver: &PayWordReceiver,
		now: u32,
	) -> Result<(u128, PayWordReceiver), ClaimFailure> {
		let Lock::HashChain { unit, .. } = &channel.lock else {
			return Err(ClaimFailure::WrongTerms);
		};
		let value = |index: u32| unit.checked_mul(index.into());
		let accepted = value(receiver.index).ok_or(ClaimFailure::ExceedsDeposit)?;
		let amount = value(self.index).ok_or(ClaimFailure::ExceedsDeposit)?;
		let worth = voucher::worth(channel, accepted, amount, now)?;
		let mut advanced = *receiver;
		advanced.accept::<H>(self.index, &self.link)?;
		Ok((worth, advanced))
	}
}

/// What a payee remembers of a chain: the best link, and how much hashing it puts up with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PayWordReceiver {
	link: Link,
	index: u32,
	length: u32,
	max_hashes: u32,
}

impl PayWordReceiver {
	/// Starts from a link that is known to be of the chain: the root with index 0, or what the
	/// channel settled last. No link is checked with more than [`MAX_HASHES_PER_CLAIM`] hashes.
	pub const fn new(link: Link, index: u32, length: u32) -> Self {
		Self { link, index, length, max_hashes: MAX_HASHES_PER_CLAIM }
	}

	/// Computes at most `max_hashes` for a link, so that nobody who sends rubbish with a high number
	/// keeps the payee busy.
	pub const fn with_max_hashes(self, max_hashes: u32) -> Self {
		Self { max_hashes, ..self }
	}

	/// The best link so far.
	pub const fn link(&self) -> &Link {
		&self.link
	}

	/// Number of the best link so far: how many units were paid in all.
	pub const fn index(&self) -> u32 {
		self.index
	}

	/// Takes a later link; returns how many units it adds. Hashes exactly that many times.
	///
	/// # Errors
	/// [`ClaimFailure::NothingNew`], [`ClaimFailure::ExceedsDeposit`] beyond the end of the chain,
	/// [`ClaimFailure::TooManyHashes`] (nothing was hashed), [`ClaimFailure::InvalidProof`].
	pub fn accept<H: Blake2b256>(&mut self, index: u32, link: &Link) -> Result<u32, ClaimFailure> {
		let steps = index
			.checked_sub(self.index)
			.filter(|steps| *steps > 0)
			.ok_or(ClaimFailure::NothingNew)?;
		if index > self.length {
			return Err(ClaimFailure::ExceedsDeposit);
		}
		if steps > self.max_hashes {
			return Err(ClaimFailure::TooManyHashes);
		}
		if descend::<H>(link, steps) != self.link {
			return Err(ClaimFailure::InvalidProof);
		}
		(self.link, self.index) = (*link, index);
		Ok(steps)
	}
}

#[cfg(feature = "hash-chains")]
pub use chain::{LengthTooLarge, PayWordChain, MAX_LENGTH};

#[cfg(feature = "hash-chains")]
mod chain {
	use super::*;
	use alloc::vec::Vec;
	use core::marker::PhantomData;
	use zeroize::{Zeroize, Zeroizing};

	/// Longest chain that is made here. The chain's own limit is that of 32 bits; making so long
	/// a one takes seconds, and its checkpoints 131 kB.
	pub const MAX_LENGTH: u32 = 1 << 24;

	/// A chain would be longer than [`MAX_LENGTH`], or has no links.
	#[derive(Clone, Copy, PartialEq, Eq, Debug)]
	pub struct LengthTooLarge;

	/// A payer's chain.
	///
	/// It keeps every √n-th link and the links of one stretch between two of them: a chain of a
	/// million takes 64 kB, and each link in ascending order costs two hashes in the mean, one at
	/// the making and one later. Links are secrets until they are shown: all are wiped from memory
	/// when the chain is dropped.
	pub struct PayWordChain<H> {
		length: u32,
		/// Links per stretch.
		stride: u32,
		/// The last link of each stretch.
		checkpoints: Zeroizing<Vec<Link>>,
		/// Which stretch is in `links`.
		stretch: Option<u32>,
		/// The links of that stretch, ascending.
		links: Zeroizing<Vec<Link>>,
		root: Link,
		hasher: PhantomData<H>,
	}

	impl<H: Blake2b256> PayWordChain<H> {
		/// Makes the chain that ends in `seed`, in `length` hashes. The same seed and length make
		/// the same chain, always.
		///
		/// # Errors
		/// [`LengthTooLarge`].
		pub fn new(seed: &Link, length: u32) -> Result<Self, LengthTooLarge> {
			if length == 0 || length > MAX_LENGTH {
				return Err(LengthTooLarge);
			}
			let stride = length.isqrt().max(1);
			let stretches = length.div_ceil(stride);
			let mut checkpoints = Zeroizing::new(Vec::with_capacity(stretches as usize));
			let mut link = *seed;
			let mut index = length;
			for stretch in (0..stretches).rev() {
				// The links before a stretch are fewer than `length`.
				let before = stretch * stride;
				checkpoints.push(link);
				let reached = descend::<H>(&link, index - before);
				link.zeroize();
				(link, index) = (reached, before);
			}
			checkpoints.reverse();
			Ok(Self {
				length,
				stride,
				checkpoints,
				stretch: None,
				links: Zeroizing::new(Vec::with_capacity(stride as usize)),
				root: link,
				hasher: PhantomData,
			})
		}

		/// Link 0, which is worth nothing and no secret.
		pub const fn root(&self) -> &Link {
			&self.root
		}

		/// Number of the last link.
		pub const fn length(&self) -> u32 {
			self.length
		}

		/// Link `index`; `None` beyond the end. Costs no hash while it stays within one stretch, and
		/// at most √n otherwise.
		pub fn link(&mut self, index: u32) -> Option<Link> {
			if index == 0 {
				return Some(self.root);
			}
			let stretch = (index - 1) / self.stride;
			let last = *self.checkpoints.get(stretch as usize).filter(|_| index <= self.length)?;
			if self.stretch != Some(stretch) {
				self.fill(stretch, last);
			}
			self.links.get((index - 1 - stretch * self.stride) as usize).copied()
		}

		fn fill(&mut self, stretch: u32, last: Link) {
			let before = stretch * self.stride;
			let end = before.saturating_add(self.stride).min(self.length);
			self.links.zeroize();
			let mut link = last;
			for _ in before..end {
				let earlier = previous::<H>(&link);
				self.links.push(link);
				link = earlier;
			}
			self.links.reverse();
			self.stretch = Some(stretch);
		}
	}

	/// Never shows a link.
	impl<H> core::fmt::Debug for PayWordChain<H> {
		fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
			f.debug_struct("PayWordChain").field("length", &self.length).finish_non_exhaustive()
		}
	}
}

#[cfg(all(test, feature = "blake2"))]
mod tests {
	use super::*;
	use crate::{crypto::SoftwareBlake2, Payee, PublicKey};
	use alloc::{vec, vec::Vec};
	use codec::DecodeAll;
	use core::cell::Cell;

	const SEED: Link = [3; 32];

	std::thread_local! {
		static HASHES: Cell<u32> = const { Cell::new(0) };
	}

	/// Counts.
	struct Counting;
	impl Blake2b256 for Counting {
		fn hash(message: &[u8]) -> [u8; 32] {
			HASHES.set(HASHES.get() + 1);
			SoftwareBlake2::hash(message)
		}
	}

	/// Link `i` at position `i`.
	fn links(length: usize) -> Vec<Link> {
		let mut links = vec![SEED];
		for _ in 0..length {
			let input = [&DOMAIN[..], links.last().unwrap()].concat();
			links.push(SoftwareBlake2::hash(&input));
		}
		links.reverse();
		links
	}

	fn channel(lock: Lock) -> Channel<[u8; 32]> {
		Channel {
			payer: 3,
			payee: Payee::Machine(4),
			deposit: 700,
			settled: 0,
			lock,
			grace: 100,
			closing: None,
			storage_deposit: 10,
		}
	}

	fn chained(root: Link) -> Channel<[u8; 32]> {
		channel(Lock::HashChain { link: root, index: 0, length: 100, unit: 10 })
	}

	#[test]
	fn link_should_be_the_hash_of_domain_and_next() {
		assert_eq!(DOMAIN.len() + SEED.len(), 48);
		let links = links(5);
		for index in 1..=5 {
			assert_eq!(previous::<SoftwareBlake2>(&links[index]), links[index - 1]);
			assert_eq!(descend::<SoftwareBlake2>(&links[5], 5 - index as u32), links[index]);
		}
	}

	#[test]
	fn revealed_link_should_keep_its_layout() {
		let revealed = RevealedLink { channel: 7, index: 1_000_000, link: [9; 32] };
		let mut expected = vec![28, 0x02, 0x09, 0x3d, 0x00];
		expected.extend([9; 32]);
		assert_eq!(revealed.encode(), expected);
		assert_eq!(RevealedLink::decode_all(&mut &expected[..]), Ok(revealed));
		let longest = RevealedLink { channel: u64::MAX, index: u32::MAX, ..revealed };
		assert_eq!(longest.encoded_size(), 46);
		assert_eq!(RevealedLink::max_encoded_len(), 46);
		assert_eq!(RevealedLink { channel: 0, index: 0, ..revealed }.encoded_size(), 34);
	}

	#[test]
	fn receiver_should_hash_exactly_the_distance() {
		let links = links(100);
		let mut receiver = PayWordReceiver::new(links[0], 0, 100);
		for (index, steps) in [(1, 1), (2, 1), (50, 48), (100, 50)] {
			HASHES.set(0);
			assert_eq!(receiver.accept::<Counting>(index, &links[index as usize]), Ok(steps));
			assert_eq!(HASHES.get(), steps);
			assert_eq!((receiver.index(), receiver.link()), (index, &links[index as usize]));
		}
	}

	#[test]
	fn receiver_should_refuse_and_keep_its_place() {
		let links = links(100);
		let mut receiver = PayWordReceiver::new(links[0], 0, 100).with_max_hashes(40);
		receiver.accept::<Counting>(10, &links[10]).unwrap();
		let before = receiver;
		HASHES.set(0);
		for (index, link, refusal) in [
			(10, links[10], ClaimFailure::NothingNew),
			(9, links[9], ClaimFailure::NothingNew),
			(0, links[0], ClaimFailure::NothingNew),
			(101, links[100], ClaimFailure::ExceedsDeposit),
			(u32::MAX, links[100], ClaimFailure::ExceedsDeposit),
			(51, links[51], ClaimFailure::TooManyHashes),
			(100, links[100], ClaimFailure::TooManyHashes),
		] {
			assert_eq!(receiver.accept::<Counting>(index, &link), Err(refusal), "{index}");
			assert_eq!(receiver, before);
			assert_eq!(HASHES.get(), 0, "nothing is hashed in vain");
		}
		for (index, link) in [(11, links[12]), (12, links[11]), (50, [0; 32]), (11, links[10])] {
			let refused = receiver.accept::<Counting>(index, &link);
			assert_eq!(refused, Err(ClaimFailure::InvalidProof));
			assert_eq!(receiver, before);
		}
		assert_eq!(receiver.accept::<Counting>(50, &links[50]), Ok(40));
	}

	#[test]
	fn link_should_be_worth_its_units() {
		let links = links(100);
		let channel = chained(links[0]);
		let receiver = PayWordReceiver::new(links[0], 0, 100);
		let reveal = |index: u32| RevealedLink { channel: 1, index, link: links[index as usize] };
		let check = |revealed: RevealedLink, receiver: &PayWordReceiver| {
			revealed.check::<SoftwareBlake2, _>(&channel, receiver, 0)
		};
		let (worth, receiver) = check(reveal(30), &receiver).unwrap();
		assert_eq!((worth, receiver.index()), (300, 30));
		let (worth, receiver) = check(reveal(70), &receiver).unwrap();
		assert_eq!((worth, receiver.index()), (400, 70));
		assert_eq!(check(reveal(71), &receiver), Err(ClaimFailure::ExceedsDeposit));
		assert_eq!(check(reveal(70), &receiver), Err(ClaimFailure::NothingNew));
		let over = Channel { closing: Some(4), ..channel.clone() };
		let late = reveal(71).check::<SoftwareBlake2, _>(&over, &receiver, 5);
		assert_eq!(late, Err(ClaimFailure::Closed));
	}

	#[test]
	fn link_should_be_refused_when_its_value_overflows() {
		let lock = Lock::HashChain { link: [0; 32], index: 0, length: u32::MAX, unit: u128::MAX };
		let rich = Channel { deposit: u128::MAX, ..channel(lock) };
		let receiver = PayWordReceiver::new([0; 32], 0, u32::MAX);
		let revealed = RevealedLink { channel: 1, index: 2, link: [1; 32] };
		let refused = revealed.check::<SoftwareBlake2, _>(&rich, &receiver, 0);
		assert_eq!(refused, Err(ClaimFailure::ExceedsDeposit));
	}

	#[test]
	fn link_should_be_refused_by_a_channel_of_vouchers() {
		let vouchers = channel(Lock::Vouchers { signer: PublicKey::Ed25519([7; 32]) });
		let receiver = PayWordReceiver::new([0; 32], 0, 9);
		let revealed = RevealedLink { channel: 1, index: 2, link: [1; 32] };
		let refused = revealed.check::<SoftwareBlake2, _>(&vouchers, &receiver, 0);
		assert_eq!(refused, Err(ClaimFailure::WrongTerms));
	}

	#[cfg(feature = "hash-chains")]
	#[test]
	fn chain_should_show_every_link_of_every_length() {
		for length in (1..40).chain([99, 100, 101, 1_000]) {
			let expected = links(length as usize);
			let mut chain = PayWordChain::<SoftwareBlake2>::new(&SEED, length).unwrap();
			assert_eq!(chain.root(), &expected[0]);
			assert_eq!(chain.length(), length);
			for (index, link) in (0..).zip(&expected) {
				assert_eq!(chain.link(index).as_ref(), Some(link), "{index} of {length}");
			}
			for index in (0..=length).rev() {
				let link = expected[index as usize];
				assert_eq!(chain.link(index), Some(link), "{index} of {length}");
			}
			assert_eq!(chain.link(length + 1), None);
			assert_eq!(chain.link(u32::MAX), None);
		}
	}

	#[cfg(feature = "hash-chains")]
	#[test]
	fn chain_should_hash_twice_per_link_and_never_long() {
		HASHES.set(0);
		let mut chain = PayWordChain::<Counting>::new(&SEED, 10_000).unwrap();
		assert_eq!(HASHES.get(), 10_000);
		let mut longest = 0;
		for index in 1..=10_000 {
			let before = HASHES.get();
			chain.link(index).unwrap();
			longest = longest.max(HASHES.get() - before);
		}
		assert_eq!(HASHES.get(), 20_000);
		assert_eq!(longest, 100);
	}

	#[cfg(feature = "hash-chains")]
	#[test]
	fn chain_should_be_refused_when_empty_or_too_long() {
		for length in [0, MAX_LENGTH + 1, u32::MAX] {
			assert!(PayWordChain::<SoftwareBlake2>::new(&SEED, length).is_err());
		}
	}

	#[cfg(feature = "hash-chains")]
	#[test]
	fn chain_should_not_show_its_links_in_logs() {
		let chain = PayWordChain::<SoftwareBlake2>::new(&SEED, 4).unwrap();
		let shown = alloc::format!("{chain:?}");
		assert!(!shown.contains("3, 3"), "{shown}");
		assert!(shown.contains("length: 4"), "{shown}");
	}
}
