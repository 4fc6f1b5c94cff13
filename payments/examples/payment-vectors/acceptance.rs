//! What a payee answers, payment by payment.

use super::*;

/// A payee's life with one channel.
struct Case {
	name: &'static str,
	channel: u64,
	state: ChannelState,
	steps: Vec<Step>,
}

struct Step {
	what: &'static str,
	payment: ChannelPayment,
	block: u32,
	/// Name of the refusal that is expected.
	refusal: Option<&'static str>,
}

/// The block of the proofs.
const NOW: u32 = 1_000;

fn step(what: &'static str, payment: ChannelPayment, refusal: Option<&'static str>) -> Step {
	step_in(NOW, what, payment, refusal)
}

fn step_in(
	block: u32,
	what: &'static str,
	payment: ChannelPayment,
	refusal: Option<&'static str>,
) -> Step {
	Step { what, payment, block, refusal }
}

fn cases() -> Vec<Case> {
	vec![
		voucher_case(),
		recovery_id_case(),
		chain_case(),
		half_settled_chain_case(),
		closing_case(),
		replaced_key_case(),
	]
}

fn proven(channel: Channel<[u8; 32]>) -> ChannelState {
	ChannelState { channel, signer_until: None, at: NOW }
}

fn voucher(amount: u128) -> ChannelPayment {
	ChannelPayment::Voucher(signed_voucher("ed25519", 7, amount))
}

fn reveal(index: u32) -> ChannelPayment {
	link(index, chain_link(index))
}

fn link(index: u32, link: [u8; 32]) -> ChannelPayment {
	ChannelPayment::Link(RevealedLink { channel: 8, index, link })
}

fn voucher_case() -> Case {
	let changed = |change: fn(&mut SignedVoucher)| {
		let mut voucher = signed_voucher("ed25519", 7, 400);
		change(&mut voucher);
		ChannelPayment::Voucher(voucher)
	};
	let relabelled = changed(|voucher| {
		if let Signature::Ed25519(bytes) = voucher.signature {
			voucher.signature = Signature::Sr25519(bytes);
		}
	});
	let elsewhere = {
		let payload = Voucher::new([0; 32], 7, 400).signing_payload();
		let signature = sign("ed25519", &payload);
		ChannelPayment::Voucher(SignedVoucher { channel: 7, amount: 400, signature })
	};
	let a_link = ChannelPayment::Link(RevealedLink { channel: 7, index: 1, link: chain_link(1) });
	Case {
		name: "vouchers",
		channel: 7,
		state: proven(by_vouchers("ed25519")),
		steps: vec![
			step("the first", voucher(100), None),
			step("200 more", voucher(300), None),
			step("the same again", voucher(300), Some("nothing-new")),
			step("an older one", voucher(100), Some("nothing-new")),
			step(
				"another amount than was signed",
				changed(|voucher| voucher.amount = 401),
				Some("invalid-proof"),
			),
			step(
				"another channel than was signed",
				changed(|voucher| voucher.channel = 6),
				Some("unknown-channel"),
			),
			step("signed for another chain", elsewhere, Some("invalid-proof")),
			step("said to be of another curve", relabelled, Some("invalid-proof")),
			step("all of the deposit", voucher(1_000_000), None),
			step("more than the deposit", voucher(1_000_001), Some("exceeds-deposit")),
			step("a link", a_link, Some("wrong-terms")),
			step_in(
				NOW + 20,
				"the last block in which the state is new enough",
				voucher(300),
				Some("nothing-new"),
			),
			step_in(NOW + 21, "the first in which it is not", voucher(300), Some("state-too-old")),
		],
	}
}

fn recovery_id_case() -> Case {
	let good = signed_voucher("ecdsa", 7, 300);
	let mut other = good;
	if let Signature::Ecdsa(bytes) = &mut other.signature {
		bytes[64] ^= 1;
	}
	Case {
		name: "vouchers by a secp256k1 key",
		channel: 7,
		state: proven(by_vouchers("ecdsa")),
		steps: vec![
			step(
				"only the recovery id is wrong",
				ChannelPayment::Voucher(other),
				Some("invalid-proof"),
			),
			step("as it was signed", ChannelPayment::Voucher(good), None),
		],
	}
}

fn chain_case() -> Case {
	Case {
		name: "a hash chain with a deposit of 404 links",
		channel: 8,
		state: proven(by_links()),
		steps: vec![
			step("the first link", reveal(1), None),
			step("399 more", reveal(400), None),
			step("an older one", reveal(399), Some("nothing-new")),
			step(
				"the next under another number",
				link(402, chain_link(401)),
				Some("invalid-proof"),
			),
			step("no link of this chain", link(401, [9; 32]), Some("invalid-proof")),
			step("more than the deposit", reveal(405), Some("exceeds-deposit")),
			step("the last that is paid for", reveal(404), None),
		],
	}
}

fn half_settled_chain_case() -> Case {
	let lock = Lock::HashChain { link: chain_link(400), index: 400, length: LENGTH, unit: UNIT };
	let (deposit, settled) = (UNIT * u128::from(LENGTH), UNIT * 400);
	Case {
		name: "a hash chain of which 400 links are settled",
		channel: 8,
		state: proven(Channel { deposit, settled, lock, ..by_links() }),
		steps: vec![
			step("what is settled", reveal(400), Some("nothing-new")),
			step("501 hashes", reveal(901), Some("too-many-hashes")),
			step("500 hashes", reveal(900), None),
			step("the last", reveal(1_000), None),
			step("beyond the end", link(1_001, [9; 32]), Some("exceeds-deposit")),
		],
	}
}

fn closing_case() -> Case {
	Case {
		name: "the payer has asked to close: claims are taken until block 1130",
		channel: 7,
		state: proven(Channel { closing: Some(NOW + 130), ..by_vouchers("ed25519") }),
		steps: vec![
			step_in(NOW + 10, "in time to be claimed", voucher(100), None),
			step_in(NOW + 11, "too late", voucher(200), Some("closed")),
		],
	}
}

fn replaced_key_case() -> Case {
	let state = proven(by_vouchers("ed25519"));
	Case {
		name: "the payer's key was replaced: what it signed settles until block 1125",
		channel: 7,
		state: ChannelState { signer_until: Some(NOW + 125), ..state },
		steps: vec![
			step_in(NOW + 5, "in time to be claimed", voucher(100), None),
			step_in(NOW + 6, "too late", voucher(200), Some("key-expired")),
		],
	}
}

/// What a payee answers, payment by payment.
pub fn acceptance() -> Vec<Value> {
	let limits = Limits { max_channels: 10, max_state_age: 20, claim_margin: 120, max_hashes: 500 };
	let vector = |case: Case| {
		let folder = tempfile::tempdir().expect("there is room for a file; qed");
		let path = folder.path().join("store");
		let mut acceptor = Acceptor::open(&path, GENESIS, &Payee::Machine(9), limits)
			.expect("the folder is new; qed");
		acceptor.observe(case.channel, case.state.clone()).expect("the state is sound; qed");
		let steps: Vec<Value> = case
			.steps
			.into_iter()
			.map(|Step { what, payment, block, refusal }| {
				let outcome = match acceptor.accept(&payment, block) {
					Ok(accepted) => Ok(accepted),
					Err(AcceptError::Refused(refused)) => Err(refused),
					Err(AcceptError::Store(error)) => panic!("{error}"),
				};
				json!({
					"what": what,
					"block": block,
					"payment": hex(&payment.encode()),
					"refusal": refusal,
					"answer": hex(&answer(&outcome).encode()),
				})
			})
			.collect();
		json!({
			"name": case.name,
			"limits": {
				"maxStateAge": limits.max_state_age,
				"claimMargin": limits.claim_margin,
				"maxHashes": limits.max_hashes,
			},
			"channel": case.channel.to_string(),
			"state": {
				"encoded": hex(&case.state.channel.encode()),
				"signerUntil": case.state.signer_until,
				"provenAt": case.state.at,
			},
			"steps": steps,
		})
	};
	cases().into_iter().map(vector).collect()
}
