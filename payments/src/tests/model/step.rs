//! What can happen.

use super::*;

#[derive(Clone, Debug)]
pub enum Step {
	Open {
		links: bool,
		deposit: u16,
	},
	Pay {
		channel: Index,
		amount: u16,
	},
	/// Something that was sent before arrives again.
	Replay(Index),
	/// Something that was sent arrives changed.
	Tamper {
		payment: Index,
		kind: u8,
	},
	/// Several payments arrive together.
	Burst {
		channel: Index,
		count: u8,
	},
	Blocks(u8),
	/// The payee does not see the chain for so many blocks, but payers still reach it.
	Offline(u8),
	TopUp {
		channel: Index,
		amount: u16,
	},
	AskToClose(Index),
	Sweep(Index),
	ReplaceKey,
	/// Anybody claims by something that was sent.
	Watchtower(Index),
	Finish(Index),
	/// The payee's disk fails after so many writes.
	PayeeDies {
		after: u8,
		keep: u64,
	},
	/// The payer's disk fails after so many writes.
	PayerDies {
		after: u8,
		keep: u64,
	},
}

pub fn step() -> impl Strategy<Value = Step> {
	let index = any::<Index>;
	prop_oneof![
		3 => (any::<bool>(), any::<u16>())
			.prop_map(|(links, deposit)| Step::Open { links, deposit }),
		20 => (index(), any::<u16>()).prop_map(|(channel, amount)| Step::Pay { channel, amount }),
		4 => index().prop_map(Step::Replay),
		3 => (index(), any::<u8>()).prop_map(|(payment, kind)| Step::Tamper { payment, kind }),
		4 => (index(), 1u8..6).prop_map(|(channel, count)| Step::Burst { channel, count }),
		12 => (1u8..40).prop_map(Step::Blocks),
		2 => (1u8..24).prop_map(Step::Offline),
		2 => (index(), any::<u16>()).prop_map(|(channel, amount)| Step::TopUp { channel, amount }),
		2 => index().prop_map(Step::AskToClose),
		2 => index().prop_map(Step::Sweep),
		1 => Just(Step::ReplaceKey),
		2 => index().prop_map(Step::Watchtower),
		1 => index().prop_map(Step::Finish),
		2 => (any::<u8>(), any::<u64>()).prop_map(|(after, keep)| Step::PayeeDies { after, keep }),
		2 => (any::<u8>(), any::<u64>()).prop_map(|(after, keep)| Step::PayerDies { after, keep }),
	]
}
