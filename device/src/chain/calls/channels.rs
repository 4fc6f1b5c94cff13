//! Calls of payment channels.

use dam_primitives::{ChannelId, Payee, PublicKey, RevealedLink, Signature, SignedVoucher, Terms};
use subxt::dynamic::Value;

use super::{
	super::values::{bounded, number, payee, public_key, revealed_link, signature, terms, voucher},
	Parts,
};
use crate::{amount::Usdt, AccountId};

/// What is done with a payment channel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ChannelCall {
	/// The payer's payment key opens one.
	Open {
		/// Who is paid.
		payee: Payee<AccountId>,
		/// What is paid in.
		deposit: Usdt,
		/// How claims are proven.
		terms: Terms,
		/// How long the payee may claim after the payer asked to close, in blocks.
		grace: u32,
	},
	/// The payer's payment key pays more in.
	TopUp {
		/// Which channel.
		channel: ChannelId,
		/// How much.
		amount: Usdt,
	},
	/// Anybody settles vouchers, at most [`dam_primitives::channel::MAX_CLAIMS`].
	ClaimBatch(Vec<SignedVoucher>),
	/// Anybody settles a link of a hash chain.
	ClaimLinks(RevealedLink),
	/// The payee closes.
	Close(ChannelId),
	/// The payer asks to close.
	RequestClose(ChannelId),
	/// Anybody removes a channel whose grace period is over.
	Sweep(ChannelId),
	/// The payer closes with the payee's consent.
	CloseAgreed {
		/// Which channel.
		channel: ChannelId,
		/// What the payee gets in all.
		settled: Usdt,
		/// The payee's key.
		key: PublicKey,
		/// Its signature of the agreement.
		signature: Signature,
	},
}

impl ChannelCall {
	pub(super) fn parts(&self) -> Parts {
		match self {
			Self::Open { payee: to, deposit, terms: by, grace } => channels(
				"open",
				vec![
					("payee", payee(to)),
					("deposit", number(deposit.units())),
					("terms", terms(by)),
					("grace", number(*grace)),
				],
			),
			Self::TopUp { channel: id, amount } => {
				channels("top_up", vec![channel(*id), ("amount", number(amount.units()))])
			},
			Self::ClaimBatch(vouchers) => {
				channels("claim_batch", vec![("vouchers", bounded(vouchers.iter().map(voucher)))])
			},
			Self::ClaimLinks(revealed) => {
				channels("claim_links", vec![("revealed", revealed_link(revealed))])
			},
			Self::Close(id) => channels("close", vec![channel(*id)]),
			Self::RequestClose(id) => channels("request_close", vec![channel(*id)]),
			Self::Sweep(id) => channels("sweep", vec![channel(*id)]),
			Self::CloseAgreed { channel: id, settled, key, signature: by } => channels(
				"close_agreed",
				vec![
					channel(*id),
					("settled", number(settled.units())),
					("key", public_key(key)),
					("signature", signature(by)),
				],
			),
		}
	}
}

fn channels(call: &'static str, arguments: Vec<(&'static str, Value)>) -> Parts {
	Parts { pallet: "Channels", call, arguments }
}

fn channel(id: ChannelId) -> (&'static str, Value) {
	("channel", number(id))
}
