//! Payments that a device signs offline, and gateways submit.
//!
//! [`sign`] needs no network: a store on the device's disk hands out the nonces, so that none is used
//! twice. [`Gateway`] submits what devices have handed over, and tells what became of each.
//!
//! Files have one intent a line, as a JSON object. Amounts are in USDT, as text; the signature is its
//! SCALE encoding, whose first byte tells the curve.

use std::{
	fs::{File, OpenOptions},
	io::{self, BufRead, BufReader, Read, Write},
	path::{Path, PathBuf},
};

use codec::{DecodeAll, Encode};
use dam_primitives::{
	intent::{MAX_CANCELLED, MAX_INTENTS},
	FailedIntent, Intent, MachineId, Payee, Signature, SignedIntent,
};
use serde::{Deserialize, Serialize};
use subxt::utils::H256;
use thiserror::Error;

use crate::{
	amount::Usdt,
	chain::{Call, ChainEvent, IntentCall, Network},
	channels::raw,
	error::{pay_code, transact_code},
	keys::Key,
	party::told,
	payee::{parse_payee, PayeeError},
	payments::{PayError, Payer},
	settle::{Patience, Progress},
	transact::{from_chain, Actor, Done, TransactError},
	AccountId,
};

/// No file of intents is longer.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Why a file of intents cannot be used. Nothing was sent.
#[derive(Debug, Error)]
pub enum IntentFileError {
	/// It cannot be read or written.
	#[error("cannot {doing} the file of intents {path}: {cause}")]
	Io {
		/// `read` or `write`.
		doing: &'static str,
		/// Which file.
		path: PathBuf,
		/// What the system said.
		cause: io::Error,
	},
	/// There is nothing in it.
	#[error("{0} has no intents: have a device sign some with `dam-device intent sign`")]
	Empty(PathBuf),
	/// It is too long.
	#[error("{0} has more than {MAX_BYTES} bytes: split it")]
	TooLong(PathBuf),
	/// A line is no intent.
	#[error("{path}, line {line}: {why}")]
	Malformed {
		/// Which file.
		path: PathBuf,
		/// Where, from 1.
		line: usize,
		/// What is wrong.
		why: String,
	},
	/// An intent was signed for another chain.
	#[error(
		"{path}, line {line}: the intent was signed for the chain with genesis {theirs:?}, but this \
		 chain is {ours:?}"
	)]
	WrongChain {
		/// Which file.
		path: PathBuf,
		/// Where, from 1.
		line: usize,
		/// Genesis in the line.
		theirs: H256,
		/// Genesis of the chain.
		ours: H256,
	},
}

/// Why intents were not submitted, or their nonces not cancelled.
#[derive(Debug, Error)]
pub enum IntentError {
	/// More than one transaction carries.
	#[error("{0} intents are too many for one transaction: submit at most {MAX_INTENTS}")]
	TooMany(usize),
	/// More than one transaction cancels.
	#[error("{0} nonces are too many for one transaction: cancel at most {MAX_CANCELLED}")]
	TooManyNonces(usize),
	/// Nothing to do.
	#[error("there is nothing to cancel: name at least one nonce")]
	NoNonces,
	/// The key may not pay for a machine.
	#[error(transparent)]
	Pay(#[from] PayError),
	/// What every operation can meet.
	#[error(transparent)]
	Transact(#[from] TransactError),
}

from_chain!(IntentError);

impl IntentFileError {
	/// A short name that programs can rely on.
	pub(crate) const fn code(&self) -> &'static str {
		match self {
			Self::Io { .. } => "bad-file",
			Self::WrongChain { .. } => "wrong-chain",
			Self::Empty(_) | Self::TooLong(_) | Self::Malformed { .. } => "bad-intents",
		}
	}
}

impl IntentError {
	/// A short name that programs can rely on.
	pub(crate) const fn code(&self) -> &'static str {
		match self {
			Self::TooMany(_) | Self::TooManyNonces(_) | Self::NoNonces => "bad-batch",
			Self::Pay(error) => pay_code(error),
			Self::Transact(error) => transact_code(error),
		}
	}

	/// Whether what was given is at fault.
	pub(crate) const fn is_bad_input(&self) -> bool {
		matches!(self, Self::TooMany(_) | Self::TooManyNonces(_) | Self::NoNonces)
	}
}

/// What a device wants to pay.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wish {
	/// The machine that pays.
	pub payer: MachineId,
	/// Who is paid.
	pub payee: Payee<AccountId>,
	/// How much.
	pub amount: Usdt,
	/// What whoever submits it gets on top.
	pub relay_fee: Usdt,
	/// First block in which it is taken.
	pub valid_from: u32,
	/// Last block in which it is taken.
	pub valid_until: u32,
}

/// Signs an intent with the next nonce of the store. Returns once the disk knows that the nonce is
/// used.
///
/// # Errors
/// [`dam_payments::PayError::Intent`] if no chain would ever take it, and what the store gives.
pub fn sign(
	store: &mut dam_payments::Payer,
	key: &Key,
	wish: &Wish,
) -> Result<SignedIntent, dam_payments::PayError> {
	let intent = Intent {
		payer: wish.payer,
		payee: raw(&wish.payee),
		amount: wish.amount.units(),
		relay_fee: wish.relay_fee.units(),
		valid_from: wish.valid_from,
		valid_until: wish.valid_until,
		// The store replaces it.
		nonce: 0,
	};
	store.sign_intent(intent, key)
}

/// A line of a file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Line {
	genesis: H256,
	payer: MachineId,
	payee: String,
	amount: String,
	relay_fee: String,
	valid_from: u32,
	valid_until: u32,
	nonce: u64,
	signature: String,
}

/// An intent as a line of a file, without the line's end.
pub fn to_line(genesis: H256, signed: &SignedIntent) -> String {
	let SignedIntent { intent, signature } = signed;
	let line = Line {
		genesis,
		payer: intent.payer,
		payee: match &intent.payee {
			Payee::Machine(machine) => machine.to_string(),
			Payee::Account(account) => format!("0x{}", hex::encode(account)),
		},
		amount: Usdt::from_units(intent.amount).to_string(),
		relay_fee: Usdt::from_units(intent.relay_fee).to_string(),
		valid_from: intent.valid_from,
		valid_until: intent.valid_until,
		nonce: intent.nonce,
		signature: format!("0x{}", hex::encode(signature.encode())),
	};
	serde_json::to_string(&line).expect("strings and numbers serialize; qed")
}

/// Reads a line of a file, and for which chain it was signed.
///
/// # Errors
/// What is wrong with it, in words.
pub fn from_line(text: &str) -> Result<(H256, SignedIntent), String> {
	let line: Line = serde_json::from_str(text).map_err(|error| error.to_string())?;
	let amount = |name: &str, text: &str| {
		let amount = text.parse::<Usdt>().map_err(|error| format!("{name}: {error}"))?;
		Ok::<_, String>(amount.units())
	};
	// As it was signed: a machine's own account stays an account here.
	let payee = match line.payee.strip_prefix("0x") {
		Some(digits) => {
			let mut account = [0; 32];
			hex::decode_to_slice(digits, &mut account)
				.map_err(|error| format!("payee: {error}"))?;
			Payee::Account(account)
		},
		None => {
			let payee =
				parse_payee(&line.payee, None).map_err(|error: PayeeError| error.to_string())?;
			raw(&payee)
		},
	};
	let intent = Intent {
		payer: line.payer,
		payee,
		amount: amount("amount", &line.amount)?,
		relay_fee: amount("relayFee", &line.relay_fee)?,
		valid_from: line.valid_from,
		valid_until: line.valid_until,
		nonce: line.nonce,
	};
	let signature = line.signature.strip_prefix("0x").and_then(|digits| hex::decode(digits).ok());
	let signature = signature.and_then(|bytes| Signature::decode_all(&mut &bytes[..]).ok());
	let signature = signature.ok_or("signature: not 0x, the curve's byte and its signature")?;
	Ok((line.genesis, SignedIntent { intent, signature }))
}

/// Adds an intent to a file, or begins one. Returns once it is on disk.
///
/// # Errors
/// [`IntentFileError::Io`].
pub fn append(path: &Path, genesis: H256, signed: &SignedIntent) -> Result<(), IntentFileError> {
	let io = |cause| IntentFileError::Io { doing: "write", path: path.into(), cause };
	let mut file = OpenOptions::new().append(true).create(true).open(path).map_err(io)?;
	let mut line = to_line(genesis, signed);
	line.push('\n');
	file.write_all(line.as_bytes()).and_then(|()| file.sync_all()).map_err(io)
}

/// Reads a file of intents for the chain with that genesis hash.
///
/// # Errors
/// [`IntentFileError`].
pub fn read(path: &Path, ours: H256) -> Result<Vec<SignedIntent>, IntentFileError> {
	let io = |cause| IntentFileError::Io { doing: "read", path: path.into(), cause };
	let file = File::open(path).map_err(io)?;
	if file.metadata().map_err(io)?.len() > MAX_BYTES {
		return Err(IntentFileError::TooLong(path.into()));
	}
	let mut all = Vec::new();
	for (index, text) in BufReader::new(file.take(MAX_BYTES)).lines().enumerate() {
		let text = text.map_err(io)?;
		if text.trim().is_empty() {
			continue;
		}
		let line = index + 1;
		let (theirs, signed) = from_line(&text).map_err(|why| IntentFileError::Malformed {
			path: path.into(),
			line,
			why,
		})?;
		if theirs != ours {
			return Err(IntentFileError::WrongChain { path: path.into(), line, theirs, ours });
		}
		all.push(signed);
	}
	if all.is_empty() {
		return Err(IntentFileError::Empty(path.into()));
	}
	Ok(all)
}

/// What came of a batch of intents.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Relayed {
	/// The transaction.
	pub done: Done,
	/// Who got the relay fees.
	pub relayer: Payee<AccountId>,
	/// How many were settled.
	pub settled: u32,
	/// What their payees got in all.
	pub total: Usdt,
	/// What the relayer got in all.
	pub relay_fees: Usdt,
	/// Which were not settled, and why.
	pub failed: Vec<FailedIntent>,
}

/// Whoever submits intents, and whoever cancels its own.
#[derive(Debug)]
pub struct Gateway<'a, N> {
	actor: Actor<'a, N>,
	patience: Patience,
}

impl<'a, N: Network> Gateway<'a, N> {
	/// Submits with `key`: the relay fees go to its machine, or to its account.
	pub fn new(network: &'a N, key: &'a Key, patience: Patience) -> Self {
		Self { actor: Actor::new(network, key, patience.clone()), patience }
	}

	/// Submits intents of any machines, at most [`MAX_INTENTS`], and waits until that is final. Items
	/// are isolated: those that fail are listed.
	///
	/// # Errors
	/// [`IntentError::TooMany`], [`IntentError::Transact`].
	pub async fn submit(
		&self,
		intents: &[SignedIntent],
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<Relayed, IntentError> {
		if intents.len() > MAX_INTENTS as usize {
			return Err(IntentError::TooMany(intents.len()));
		}
		let call = Call::Intent(IntentCall::Submit(intents.to_vec()));
		let (done, events) = self.actor.transact(&call, progress).await?;
		let relayed = told("what became of the intents", events, |event| match event {
			ChainEvent::IntentsSettled { relayer, settled, total, relay_fees, failed } => {
				Some(Relayed { done: done.clone(), relayer, settled, total, relay_fees, failed })
			},
			_ => None,
		});
		Ok(relayed?)
	}

	/// Makes the intents of the key's machine void that have these nonces and are not settled yet, at
	/// most [`MAX_CANCELLED`], and tells for which machine.
	///
	/// # Errors
	/// [`IntentError::NoNonces`], [`IntentError::TooManyNonces`], [`IntentError::Pay`] unless it is the
	/// payment key of a machine that may pay, [`IntentError::Transact`].
	pub async fn cancel(
		&self,
		nonces: &[u64],
		progress: &mut (dyn FnMut(Progress) + Send),
	) -> Result<(Done, MachineId), IntentError> {
		match nonces.len() {
			0 => return Err(IntentError::NoNonces),
			many if many > MAX_CANCELLED as usize => return Err(IntentError::TooManyNonces(many)),
			_ => {},
		}
		let Actor { network, key, .. } = self.actor;
		let machine = Payer::new(network, key, self.patience.clone()).await?.machine().id;
		let call = Call::Intent(IntentCall::Cancel(nonces.to_vec()));
		Ok((self.actor.simple(&call, progress).await?, machine))
	}
}
