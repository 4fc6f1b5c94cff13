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
	intent::{self, MAX_CANCELLED, MAX_INTENTS, MAX_LIFETIME},
	machine_account,
	mandate::{MAX_MANDATES, MAX_PULLS},
	order::MAX_OPEN_ORDERS,
	payword::{self, PayWordChain},
	stream::{MAX_COLLECTIONS, MAX_STREAMS},
	voucher,
	window::{NonceWindow, MAX_STEP, WIDTH},
	Channel, ChannelPayment, ClaimFailure, CloseAgreement, CollectFailure, Flow, Intent,
	IntentFailure, Lock, Mandate, Offer, Order, OrderState, Payee, Payment, PaymentFailure,
	PullFailure, RevealedLink, Signature, SignedIntent, SignedVoucher, Stream, Terms, Voucher,
	MAX_BATCH,
};
use rand::{CryptoRng, RngCore};
use schnorrkel::{context::attach_rng, signing_context, ExpansionMode, MiniSecretKey};
use serde_json::{json, Value};

mod acceptance;
mod calls;
#[cfg(test)]
mod chain_tests;
mod errors;
mod events;
mod failures;
mod fields;
mod formats;
mod lives;
mod state;
#[cfg(test)]
mod tests;

use acceptance::acceptance;
use calls::*;
use errors::errors;
use events::*;
use failures::*;
use fields::*;
use formats::*;
use lives::lives;
use state::storage;

/// Stands for the hash of block 0.
const GENESIS: [u8; 32] = *b"genesis of no particular network";
/// The secrets of the three keys. One seed makes a key of each curve.
const SEED: [u8; 32] = *b"never use this seed for anything";
const CHAIN_SEED: [u8; 32] = *b"the last link, which is a secret";
const LENGTH: u32 = 1_000;
const UNIT: u128 = 2_500;
/// What a record in the state costs its payer while it is there.
const STORAGE_DEPOSIT: u128 = 100_000;
const MACHINE_9: Payee<[u8; 32]> = Payee::Machine(9);
/// A payee that is no machine, and has no money.
const ACCOUNT: Payee<[u8; 32]> = Payee::Account([0xcc; 32]);
const ARBITER: [u8; 32] = [0xaa; 32];
const TERMS_HASH: [u8; 32] = *b"hash of what buyer, seller agree";
const EVIDENCE: [u8; 32] = *b"hash of what proves the delivery";
const COMPLAINT: [u8; 32] = *b"hash of what proves a complaint.";
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
		"calls": calls(),
		"events": events(),
		"errors": errors(),
		"failures": failures(),
		"storage": storage(),
		"lives": lives(),
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
		"maxBatch": MAX_BATCH,
		"maxStreams": MAX_STREAMS,
		"maxCollections": MAX_COLLECTIONS,
		"maxMandates": MAX_MANDATES,
		"maxPulls": MAX_PULLS,
		"maxOpenOrders": MAX_OPEN_ORDERS,
		"maxCancelled": MAX_CANCELLED,
		"storageDeposit": STORAGE_DEPOSIT.to_string(),
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

fn payee(payee: &Payee<[u8; 32]>) -> Value {
	match payee {
		Payee::Machine(machine) => json!({ "machine": machine.to_string() }),
		Payee::Account(account) => json!({ "account": hex(account) }),
	}
}

fn hex(bytes: &[u8]) -> String {
	format!("0x{}", hex::encode(bytes))
}
