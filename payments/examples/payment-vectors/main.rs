//! Writes the test vectors of the payment protocol, `docs/vectors/payments.json`.
//!
//! ```sh
//! cargo run -p dam-payments --example payment-vectors -- docs/vectors/payments.json
//! ```
//!
//! Everything is made by the code that devices run, from fixed seeds, so that the file is the same
//! each time. The tests here compare it with the file in the repository, and read that file back as
//! another implementation would.

use std::{collections::BTreeMap, env, fs, process::ExitCode};

use codec::Encode;
use dam_payments::{answer, AcceptError, Acceptor, ChannelState, Limits, MemoryKey, Signer};
use dam_primitives::{
	channel::{MAX_CHANNELS, MAX_CLAIMS, MAX_HASHES_PER_CLAIM},
	crypto::{Blake2b256, SoftwareBlake2},
	exchange::{Answer, Refusal},
	intent::{self, MAX_INTENTS, MAX_LIFETIME},
	machine_account,
	payword::{self, PayWordChain},
	voucher,
	window::{NonceWindow, MAX_STEP, WIDTH},
	Channel, ChannelPayment, ClaimFailure, CloseAgreement, Intent, IntentFailure, Lock, Payee,
	RevealedLink, Signature, SignedIntent, SignedVoucher, Terms, Voucher,
};
use rand::{CryptoRng, RngCore};
use schnorrkel::{context::attach_rng, signing_context, ExpansionMode, MiniSecretKey};
use serde_json::{json, Value};

mod acceptance;
#[cfg(test)]
mod tests;

use acceptance::acceptance;

/// Stands for the hash of block 0.
const GENESIS: [u8; 32] = *b"genesis of no particular network";
/// The secrets of the three keys. One seed makes a key of each curve.
const SEED: [u8; 32] = *b"never use this seed for anything";
const CHAIN_SEED: [u8; 32] = *b"the last link, which is a secret";
const LENGTH: u32 = 1_000;
const UNIT: u128 = 2_500;
const SCHEMES: [&str; 3] = ["ed25519", "sr25519", "ecdsa"];

fn main() -> ExitCode {
	let Some(file) = env::args().nth(1) else {
		eprintln!("usage: payment-vectors FILE");
		return ExitCode::from(2);
	};
	if let Err(error) = fs::write(&file, text()) {
		eprintln!("{file}: {error}");
		return ExitCode::FAILURE;
	}
	println!("{file}");
	ExitCode::SUCCESS
}

fn text() -> String {
	format!("{:#}\n", sorted(vectors()))
}

/// In the order of the keys, whichever of its maps serde_json was built with.
fn sorted(value: Value) -> Value {
	match value {
		Value::Array(items) => items.into_iter().map(sorted).collect(),
		Value::Object(fields) => {
			let fields: BTreeMap<_, _> = fields.into_iter().collect();
			fields.into_iter().map(|(name, value)| (name, sorted(value))).collect()
		},
		value => value,
	}
}

fn vectors() -> Value {
	json!({
		"about": "Test vectors of docs/PAYMENTS.md. Bytes are hexadecimal; numbers that may exceed \
			2^53 are decimal strings; amounts are in units of 0.000001 USDT.",
		"genesisHash": hex(&GENESIS),
		"constants": constants(),
		"keys": SCHEMES.map(key_vector),
		"machineAccounts": machine_accounts(),
		"terms": terms(),
		"channels": channels(),
		"vouchers": vouchers(),
		"hashChain": hash_chain(),
		"closeAgreements": SCHEMES.map(close_agreement),
		"intents": intents(),
		"nonceWindow": nonce_window(),
		"answers": answers(),
		"undecodable": undecodable(),
		"acceptance": acceptance(),
	})
}

fn constants() -> Value {
	json!({
		"voucherDomain": hex(&voucher::DOMAIN),
		"closeDomain": hex(&voucher::CLOSE_DOMAIN),
		"paywordDomain": hex(&payword::DOMAIN),
		"intentDomain": hex(&intent::DOMAIN),
		"maxClaims": MAX_CLAIMS,
		"maxIntents": MAX_INTENTS,
		"maxIntentLifetime": MAX_LIFETIME,
		"nonceWindowWidth": WIDTH,
		"nonceWindowMaxStep": MAX_STEP,
		"maxChannels": MAX_CHANNELS,
		"maxHashesPerClaim": MAX_HASHES_PER_CLAIM,
	})
}

fn key(scheme: &str) -> MemoryKey {
	match scheme {
		"ed25519" => MemoryKey::ed25519(&SEED),
		"sr25519" => MemoryKey::sr25519(&SEED),
		_ => MemoryKey::ecdsa(&SEED).expect("the seed is a scalar; qed"),
	}
}

/// An sr25519 signature takes random numbers; these vectors take none, so that they stay the same.
/// No device may do so.
fn sign(scheme: &str, message: &[u8]) -> Signature {
	if scheme != "sr25519" {
		return key(scheme).sign(message);
	}
	let mini = MiniSecretKey::from_bytes(&SEED).expect("it is 32 bytes; qed");
	let pair = mini.expand_to_keypair(ExpansionMode::Ed25519);
	let transcript = attach_rng(signing_context(b"substrate").bytes(message), Zeros);
	Signature::Sr25519(pair.sign(transcript).to_bytes())
}

struct Zeros;
impl CryptoRng for Zeros {}
impl RngCore for Zeros {
	fn next_u32(&mut self) -> u32 {
		0
	}
	fn next_u64(&mut self) -> u64 {
		0
	}
	fn fill_bytes(&mut self, dest: &mut [u8]) {
		dest.fill(0);
	}
	fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), rand::Error> {
		dest.fill(0);
		Ok(())
	}
}

fn key_vector(scheme: &str) -> Value {
	let public = key(scheme).public();
	json!({
		"scheme": scheme,
		"seed": hex(&SEED),
		"public": hex(public.as_bytes()),
		"encoded": hex(&public.encode()),
	})
}

fn machine_accounts() -> Vec<Value> {
	[0, 7, 0x0102_0304_0506_0708, u64::MAX]
		.into_iter()
		.map(|machine| {
			let account = hex(&machine_account(machine));
			json!({ "machine": machine.to_string(), "account": account })
		})
		.collect()
}

fn terms() -> Vec<Value> {
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
		storage_deposit: 10_000,
	}
}

fn by_vouchers(scheme: &str) -> Channel<[u8; 32]> {
	channel(Payee::Machine(9), Lock::Vouchers { signer: key(scheme).public() })
}

fn by_links() -> Channel<[u8; 32]> {
	let lock = Lock::HashChain { link: chain_link(0), index: 0, length: LENGTH, unit: UNIT };
	Channel { deposit: 404 * UNIT, ..channel(Payee::Machine(9), lock) }
}

fn channels() -> Vec<Value> {
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

fn described(channel: &Channel<[u8; 32]>) -> Value {
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

fn payee(payee: &Payee<[u8; 32]>) -> Value {
	match payee {
		Payee::Machine(machine) => json!({ "machine": machine.to_string() }),
		Payee::Account(account) => json!({ "account": hex(account) }),
	}
}

fn signed_voucher(scheme: &str, channel: u64, amount: u128) -> SignedVoucher {
	let payload = Voucher::new(GENESIS, channel, amount).signing_payload();
	SignedVoucher { channel, amount, signature: sign(scheme, &payload) }
}

fn vouchers() -> Vec<Value> {
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

fn close_agreement(scheme: &str) -> Value {
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
fn nonce_window() -> Vec<Value> {
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

fn chain() -> PayWordChain<SoftwareBlake2> {
	PayWordChain::new(&CHAIN_SEED, LENGTH).expect("the length is within bounds; qed")
}

fn chain_link(index: u32) -> [u8; 32] {
	chain().link(index).expect("the chain is long enough; qed")
}

fn hash_chain() -> Value {
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

fn intents() -> Vec<Value> {
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
			let payload = intent.signing_payload(&GENESIS);
			let signature = sign(scheme, &payload);
			let signed = SignedIntent { intent: intent.clone(), signature };
			json!({
				"scheme": scheme,
				"payer": intent.payer.to_string(),
				"payee": payee(&intent.payee),
				"amount": intent.amount.to_string(),
				"relayFee": intent.relay_fee.to_string(),
				"validFrom": intent.valid_from,
				"validUntil": intent.valid_until,
				"nonce": intent.nonce.to_string(),
				"payload": hex(&payload),
				"signature": hex(&signature.encode()),
				"encoded": hex(&signed.encode()),
			})
		})
		.collect()
}

/// Every refusal and its name.
const REFUSALS: [(&str, Refusal); 11] = [
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

fn answers() -> Vec<Value> {
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
fn undecodable() -> Vec<Value> {
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

fn hex(bytes: &[u8]) -> String {
	format!("0x{}", hex::encode(bytes))
}
