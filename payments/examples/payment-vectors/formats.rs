//! What is signed and said off chain.

use super::*;

pub fn key_vector(scheme: &str) -> Value {
	let public = key(scheme).public();
	json!({
		"scheme": scheme,
		"seed": hex(&SEED),
		"public": hex(public.as_bytes()),
		"encoded": hex(&public.encode()),
	})
}

pub fn machine_accounts() -> Vec<Value> {
	[0, 7, 0x0102_0304_0506_0708, u64::MAX]
		.into_iter()
		.map(|machine| {
			let account = hex(&machine_account(machine));
			json!({ "machine": machine.to_string(), "account": account })
		})
		.collect()
}

pub fn terms() -> Vec<Value> {
	let chain = Terms::HashChain { root: *chain().root(), length: LENGTH, unit: UNIT };
	vec![
		json!({ "kind": "vouchers", "encoded": hex(&Terms::Vouchers.encode()) }),
		json!({
			"kind": "hashChain",
			"root": hex(&chain_link(0)),
			"length": LENGTH,
			"unit": UNIT.to_string(),
			"encoded": hex(&chain.encode()),
		}),
	]
}

fn channel(payee: Payee<[u8; 32]>, lock: Lock) -> Channel<[u8; 32]> {
	Channel {
		payer: 3,
		payee,
		deposit: 1_000_000,
		settled: 0,
		lock,
		grace: 3_600,
		closing: None,
		storage_deposit: STORAGE_DEPOSIT,
	}
}

pub fn by_vouchers(scheme: &str) -> Channel<[u8; 32]> {
	channel(Payee::Machine(9), Lock::Vouchers { signer: key(scheme).public() })
}

pub fn by_links() -> Channel<[u8; 32]> {
	let lock = Lock::HashChain { link: chain_link(0), index: 0, length: LENGTH, unit: UNIT };
	Channel { deposit: 404 * UNIT, ..channel(Payee::Machine(9), lock) }
}

pub fn channels() -> Vec<Value> {
	let mut half = by_links();
	half.settled = 400 * UNIT;
	half.lock = Lock::HashChain { link: chain_link(400), index: 400, length: LENGTH, unit: UNIT };
	half.closing = Some(123_456);
	let to_account = channel(Payee::Account([0xcc; 32]), by_vouchers("ecdsa").lock);
	[by_vouchers("ed25519"), by_vouchers("sr25519"), to_account, by_links(), half]
		.iter()
		.map(|channel| json!({ "channel": described(channel), "encoded": hex(&channel.encode()) }))
		.collect()
}

pub fn described(channel: &Channel<[u8; 32]>) -> Value {
	let lock = match &channel.lock {
		Lock::Vouchers { signer } => json!({
			"kind": "vouchers",
			"signer": hex(&signer.encode()),
		}),
		Lock::HashChain { link, index, length, unit } => json!({
			"kind": "hashChain",
			"link": hex(link),
			"index": index,
			"length": length,
			"unit": unit.to_string(),
		}),
	};
	json!({
		"payer": channel.payer.to_string(),
		"payee": payee(&channel.payee),
		"deposit": channel.deposit.to_string(),
		"settled": channel.settled.to_string(),
		"lock": lock,
		"grace": channel.grace,
		"closing": channel.closing,
		"storageDeposit": channel.storage_deposit.to_string(),
	})
}

pub fn signed_voucher(scheme: &str, channel: u64, amount: u128) -> SignedVoucher {
	let payload = Voucher::new(GENESIS, channel, amount).signing_payload();
	SignedVoucher { channel, amount, signature: sign(scheme, &payload) }
}

pub fn vouchers() -> Vec<Value> {
	let numbers = [(0, 1), (7, 1_000_000), (u64::MAX, u128::MAX)];
	SCHEMES
		.into_iter()
		.flat_map(|scheme| {
			numbers.map(|(channel, amount)| {
				let voucher = signed_voucher(scheme, channel, amount);
				let payload = voucher.voucher(GENESIS).signing_payload();
				let mut value = json!({
					"scheme": scheme,
					"channel": channel.to_string(),
					"amount": amount.to_string(),
					"payload": hex(&payload),
					"signature": hex(&voucher.signature.encode()),
					"encoded": hex(&voucher.encode()),
					"payment": hex(&ChannelPayment::Voucher(voucher).encode()),
				});
				if scheme == "ecdsa" {
					value["digest"] = hex(&SoftwareBlake2::hash(&payload)).into();
				}
				value
			})
		})
		.collect()
}

pub fn close_agreement(scheme: &str) -> Value {
	let agreement = CloseAgreement::new(GENESIS, 7, 1_000_000);
	let payload = agreement.signing_payload();
	json!({
		"scheme": scheme,
		"channel": "7",
		"settled": "1000000",
		"payload": hex(&payload),
		"signature": hex(&sign(scheme, &payload).encode()),
	})
}

/// One window, used step by step.
pub fn nonce_window() -> Vec<Value> {
	let mut window = NonceWindow::default();
	[0, 2, 2, 1, 255, 256, 0, 3, 600, 344, 345, 600, 600 + MAX_STEP, 601 + 2 * MAX_STEP]
		.into_iter()
		.map(|nonce| {
			let result = match window.mark(nonce) {
				Ok(()) => Value::Null,
				Err(IntentFailure::NonceUsed) => "nonce-used".into(),
				Err(IntentFailure::NonceTooOld) => "nonce-too-old".into(),
				Err(IntentFailure::NonceTooFar) => "nonce-too-far".into(),
				Err(other) => unreachable!("{other:?} is not about nonces"),
			};
			json!({
				"nonce": nonce.to_string(),
				"failure": result,
				"window": hex(&window.encode()),
			})
		})
		.collect()
}

pub fn chain() -> PayWordChain<SoftwareBlake2> {
	PayWordChain::new(&CHAIN_SEED, LENGTH).expect("the length is within bounds; qed")
}

pub fn chain_link(index: u32) -> [u8; 32] {
	chain().link(index).expect("the chain is long enough; qed")
}

pub fn hash_chain() -> Value {
	let links = [0, 1, 2, 3, 63, 64, 400, 999, 1_000];
	let revealed = [(0, 1), (7, 400), (u64::MAX, LENGTH)].map(|(channel, index)| {
		let revealed = RevealedLink { channel, index, link: chain_link(index) };
		json!({
			"channel": channel.to_string(),
			"index": index,
			"amount": (UNIT * u128::from(index)).to_string(),
			"encoded": hex(&revealed.encode()),
			"payment": hex(&ChannelPayment::Link(revealed).encode()),
		})
	});
	json!({
		"seed": hex(&CHAIN_SEED),
		"length": LENGTH,
		"unit": UNIT.to_string(),
		"links": links.map(|index| json!({ "index": index, "link": hex(&chain_link(index)) })),
		"revealed": revealed,
	})
}

/// One intent by a key of each curve.
pub fn signed_intents() -> Vec<(&'static str, SignedIntent)> {
	let plain = Intent {
		payer: 3,
		payee: Payee::Machine(9),
		amount: 250_000,
		relay_fee: 0,
		valid_from: 1_000,
		valid_until: 87_400,
		nonce: 0,
	};
	let to_account =
		Intent { payee: Payee::Account([0xcc; 32]), relay_fee: 500, nonce: 41, ..plain.clone() };
	let largest = Intent {
		payer: u64::MAX,
		payee: Payee::Machine(300),
		amount: u128::MAX - 1,
		relay_fee: 1,
		valid_from: 0,
		valid_until: u32::MAX,
		nonce: u64::MAX,
	};
	SCHEMES
		.into_iter()
		.zip([plain, to_account, largest])
		.map(|(scheme, intent)| {
			let signature = sign(scheme, &intent.signing_payload(&GENESIS));
			(scheme, SignedIntent { intent, signature })
		})
		.collect()
}

pub fn intents() -> Vec<Value> {
	signed_intents()
		.into_iter()
		.map(|(scheme, signed)| {
			let intent = &signed.intent;
			json!({
				"scheme": scheme,
				"payer": intent.payer.to_string(),
				"payee": payee(&intent.payee),
				"amount": intent.amount.to_string(),
				"relayFee": intent.relay_fee.to_string(),
				"validFrom": intent.valid_from,
				"validUntil": intent.valid_until,
				"nonce": intent.nonce.to_string(),
				"payload": hex(&intent.signing_payload(&GENESIS)),
				"signature": hex(&signed.signature.encode()),
				"encoded": hex(&signed.encode()),
			})
		})
		.collect()
}

/// Every refusal and its name.
pub const REFUSALS: [(&str, Refusal); 11] = [
	("unknown-channel", Refusal::Claim(ClaimFailure::UnknownChannel)),
	("wrong-terms", Refusal::Claim(ClaimFailure::WrongTerms)),
	("closed", Refusal::Claim(ClaimFailure::Closed)),
	("invalid-proof", Refusal::Claim(ClaimFailure::InvalidProof)),
	("nothing-new", Refusal::Claim(ClaimFailure::NothingNew)),
	("exceeds-deposit", Refusal::Claim(ClaimFailure::ExceedsDeposit)),
	("key-expired", Refusal::Claim(ClaimFailure::KeyExpired)),
	("too-many-hashes", Refusal::Claim(ClaimFailure::TooManyHashes)),
	("payee-unavailable", Refusal::Claim(ClaimFailure::PayeeUnavailable)),
	("state-too-old", Refusal::StateTooOld),
	("finished", Refusal::Finished),
];

pub fn answers() -> Vec<Value> {
	let refusals = REFUSALS.map(|(name, refusal)| (Some(name), Some(refusal)));
	[(None, None)]
		.into_iter()
		.chain(refusals)
		.map(|(name, refusal)| {
			let answer = Answer { channel: 7, accepted: 1_000_000, refusal };
			json!({
				"channel": "7",
				"accepted": "1000000",
				"refusal": name,
				"encoded": hex(&answer.encode()),
			})
		})
		.collect()
}

/// Bytes that no implementation may take for a message.
pub fn undecodable() -> Vec<Value> {
	let voucher = ChannelPayment::Voucher(signed_voucher("ed25519", 7, 1_000_000)).encode();
	let replaced = |at: usize, by: &[u8]| {
		let mut bytes = voucher.clone();
		bytes.splice(at..at + 1, by.iter().copied());
		hex(&bytes)
	};
	let longer = [&voucher[..], &[0]].concat();
	let link = RevealedLink { channel: 7, index: 400, link: chain_link(400) };
	let link = ChannelPayment::Link(link).encode();
	let mut batch = codec::Compact(MAX_CLAIMS + 1).encode();
	for _ in 0..=MAX_CLAIMS {
		batch.extend(&voucher[1..]);
	}
	let payment = |why: &str, bytes: String| json!({ "as": "payment", "why": why, "bytes": bytes });
	vec![
		payment("empty", hex(&[])),
		payment("there is no kind 2", replaced(0, &[2])),
		payment("channel 7 is not in its shortest form", replaced(1, &[0x1d, 0])),
		payment("there is no curve 3", replaced(6, &[3])),
		payment("cut short", hex(&voucher[..voucher.len() - 1])),
		payment("a byte too many", hex(&longer)),
		payment("a link that is cut short", hex(&link[..link.len() - 1])),
		json!({
			"as": "voucher batch",
			"why": "513 vouchers are one too many; only the beginning is given",
			"bytes": hex(&batch[..80]),
		}),
	]
}
