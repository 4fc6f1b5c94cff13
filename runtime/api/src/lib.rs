//! The runtime API of DAM Chain: what nodes serve under `dam_` and light clients read with proofs.
//!
//! Queries that list things are paged: they return at most `limit` items, and never more than
//! [`MAX_PAGE`](dam_primitives::MAX_PAGE), that come after `after` in an order that has no
//! meaning but does not change while nothing is added or removed. Pass the last item's key to get
//! the next page; a page shorter than asked for is the last.

#![cfg_attr(not(feature = "std"), no_std)]
// The macro's expansion carries public items of its own.
#![allow(missing_docs)]

extern crate alloc;

use alloc::vec::Vec;
use codec::Codec;
use dam_primitives::{
	AttestationInfo, Channel, ChannelId, ClaimType, KeyInfo, MachineId, MachineInfo, Mandate,
	MandateId, NonceWindow, Order, OrderId, PolicyInfo, QuotaInfo, ServiceId, ServiceInfo,
	ServiceKind, Stream, StreamId, Subject,
};
use polkadot_sdk::*;

sp_api::decl_runtime_apis! {
	/// Reads machines and what belongs to them.
	pub trait DamApi<AccountId> where AccountId: Codec {
		/// The machine of that number, also when it is suspended or retired.
		fn machine(id: MachineId) -> Option<MachineInfo<AccountId>>;
		/// The machine that an account belongs to: as its key, past or present, or as its
		/// sovereign account.
		fn machine_of(account: AccountId) -> Option<MachineId>;
		/// The key that signs from an account, past or present.
		fn key(account: AccountId) -> Option<KeyInfo<AccountId>>;
		/// The machines that stand directly below `id` in its fleet's tree.
		fn children(id: MachineId, after: Option<MachineId>, limit: u32) -> Vec<MachineId>;
		/// The machine's fee-free allowance; `None` for a machine that may not act.
		fn quota(id: MachineId) -> Option<QuotaInfo<AccountId>>;
		/// What the machine's owner lets it spend, and what it has spent; `None` if there is no
		/// rule.
		fn policy(id: MachineId) -> Option<PolicyInfo<AccountId>>;
		/// The services that the machine offers.
		fn services(id: MachineId) -> Vec<ServiceInfo>;
		/// All services of that kind.
		fn services_by_kind(
			kind: ServiceKind,
			after: Option<(MachineId, ServiceId)>,
			limit: u32,
		) -> Vec<ServiceInfo>;
		/// What is attested of a subject, valid or not.
		fn attestations(
			subject: Subject<AccountId>,
			after: Option<(ClaimType, AccountId)>,
			limit: u32,
		) -> Vec<AttestationInfo<AccountId>>;
		/// Who attests `claim` of `subject`, validly in block `at`. Attestations that were removed
		/// since are not seen: ask the state of that block for them.
		fn attesters(
			subject: Subject<AccountId>,
			claim: ClaimType,
			at: u32,
		) -> Vec<AccountId>;
		/// The channel of that number; `None` if it was closed or never opened.
		fn channel(id: ChannelId) -> Option<Channel<AccountId>>;
		/// The stream of that number; `None` if it was closed or never opened.
		fn stream(id: StreamId) -> Option<Stream<AccountId>>;
		/// The streams that a machine pays, in no order: all of them, at most
		/// [`MAX_STREAMS`](dam_primitives::stream::MAX_STREAMS).
		fn streams_of(payer: MachineId) -> Vec<(StreamId, Stream<AccountId>)>;
		/// The mandate of that number; `None` if it was revoked, removed, or never granted.
		fn mandate(id: MandateId) -> Option<Mandate<AccountId>>;
		/// The mandates that a machine has given, in no order: all of them, at most
		/// [`MAX_MANDATES`](dam_primitives::mandate::MAX_MANDATES).
		fn mandates_of(payer: MachineId) -> Vec<(MandateId, Mandate<AccountId>)>;
		/// The order of that number; `None` if it has ended or was never offered.
		fn order(id: OrderId) -> Option<Order<AccountId>>;
		/// Which nonces of intents a machine has used.
		fn intent_nonces(payer: MachineId) -> NonceWindow;
	}
}
