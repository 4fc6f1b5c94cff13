//! Who is paid, as people write it: a machine's number, its DID, or an account.

use dam_primitives::{
	did::{Did, DidError},
	machine::machine_at,
	MachineId, Payee,
};
use thiserror::Error;

use crate::AccountId;

/// Why a text names no payee.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum PayeeError {
	/// Nothing there.
	#[error("the payee is missing: write a machine's number, its DID, or an account")]
	Empty,
	/// None of the forms.
	#[error(
		"`{0}` names no payee: write a machine's number (7), its DID (did:dam:local:7), or an \
		 account (an SS58 address, or 0x and 64 hexadecimal digits)"
	)]
	Unknown(String),
	/// Neither number nor DID, where only a machine will do.
	#[error("`{0}` is no machine: write its number (7) or its DID (did:dam:local:7)")]
	NotMachine(String),
	/// Digits, but more than a machine number has.
	#[error("`{0}` is no machine number: the largest is 18446744073709551615")]
	NumberTooLarge(String),
	/// Looks like an address, but its checksum or length is wrong.
	#[error("`{text}` is no valid account ({why}): copy the address again")]
	BadAddress {
		/// What was given.
		text: String,
		/// What is wrong with it.
		why: String,
	},
	/// A DID that does not parse.
	#[error("`{text}`: {why}")]
	BadDid {
		/// What was given.
		text: String,
		/// What is wrong with it.
		why: DidError,
	},
	/// A DID of another network.
	#[error("`{did}` is a machine of the network `{theirs}`, but this is `{ours}`: use its chain")]
	OtherNetwork {
		/// What was given.
		did: String,
		/// The network in the DID.
		theirs: String,
		/// The network of the chain specification.
		ours: String,
	},
}

/// Reads an account: an SS58 address of any network prefix, or `0x` and 64 hexadecimal digits.
///
/// # Errors
/// [`PayeeError::BadAddress`].
pub fn parse_account(text: &str) -> Result<AccountId, PayeeError> {
	let bad = |why: String| PayeeError::BadAddress { text: text.into(), why };
	match text.strip_prefix("0x") {
		Some(digits) => {
			let mut bytes = [0; 32];
			hex::decode_to_slice(digits, &mut bytes).map_err(|error| bad(error.to_string()))?;
			Ok(AccountId::from(bytes))
		},
		None => text.parse::<AccountId>().map_err(|error| bad(error.to_string())),
	}
}

/// Reads the DID of a machine on `network`.
///
/// With `network` unknown, a DID of any network is taken.
///
/// # Errors
/// [`PayeeError::BadDid`], [`PayeeError::OtherNetwork`].
pub fn parse_did(text: &str, network: Option<&str>) -> Result<Did, PayeeError> {
	let did: Did = text.parse().map_err(|why| PayeeError::BadDid { text: text.into(), why })?;
	match network {
		Some(ours) if ours != did.network => Err(PayeeError::OtherNetwork {
			did: text.into(),
			theirs: did.network,
			ours: ours.into(),
		}),
		_ => Ok(did),
	}
}

/// Reads a machine: its number, or its DID on `network`.
///
/// With `network` unknown, a DID of any network is taken.
///
/// # Errors
/// See [`PayeeError`].
pub fn parse_machine(text: &str, network: Option<&str>) -> Result<MachineId, PayeeError> {
	if text.starts_with("did:") {
		return Ok(parse_did(text, network)?.machine);
	}
	if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
		return Err(PayeeError::NotMachine(text.into()));
	}
	text.parse().map_err(|_| PayeeError::NumberTooLarge(text.into()))
}

/// Reads a payee: a machine's number, its DID on `network`, or an account.
///
/// A machine's sovereign account becomes the machine, so that its payment is counted as income of
/// the machine and costs fewer bytes.
///
/// # Errors
/// See [`PayeeError`].
pub fn parse_payee(text: &str, network: Option<&str>) -> Result<Payee<AccountId>, PayeeError> {
	if text.is_empty() {
		return Err(PayeeError::Empty);
	}
	if text.starts_with("did:") || text.bytes().all(|byte| byte.is_ascii_digit()) {
		return parse_machine(text, network).map(Payee::Machine);
	}
	// An SS58 address of 32 bytes has 47 to 50 characters: anything far from it is something else.
	if !text.starts_with("0x") && !(40..=56).contains(&text.len()) {
		return Err(PayeeError::Unknown(text.into()));
	}
	let account = parse_account(text)?;
	Ok(machine_at(&account.0).map_or(Payee::Account(account), Payee::Machine))
}

/// A payee as people read it: `machine 7`, or the address.
pub fn describe_payee(payee: &Payee<AccountId>) -> String {
	match payee {
		Payee::Machine(machine) => format!("machine {machine}"),
		Payee::Account(account) => account.to_string(),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use dam_primitives::machine_account;

	const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

	#[test]
	fn payees_should_be_read_in_every_form() {
		let alice = parse_account(ALICE).unwrap();
		let in_hex = format!("0x{}", hex::encode(alice.0));
		assert_eq!(parse_payee("7", None), Ok(Payee::Machine(7)));
		assert_eq!(parse_payee("did:dam:local:7", Some("local")), Ok(Payee::Machine(7)));
		assert_eq!(parse_payee(ALICE, None), Ok(Payee::Account(alice)));
		assert_eq!(parse_payee(&in_hex, None), Ok(Payee::Account(alice)));
	}

	#[test]
	fn the_address_of_a_machine_should_mean_the_machine() {
		let address = AccountId::from(machine_account(9)).to_string();
		assert_eq!(parse_payee(&address, None), Ok(Payee::Machine(9)));
	}

	#[test]
	fn payees_should_be_refused_with_the_reason() {
		assert_eq!(parse_payee("", None), Err(PayeeError::Empty));
		assert!(matches!(parse_payee("bob", None), Err(PayeeError::Unknown(_))));
		assert!(matches!(parse_payee("-7", None), Err(PayeeError::Unknown(_))));
		assert!(matches!(
			parse_payee("18446744073709551616", None),
			Err(PayeeError::NumberTooLarge(_))
		));
		assert!(matches!(parse_payee("0x1234", None), Err(PayeeError::BadAddress { .. })));
		let typo = ALICE.replace("Grwv", "Grwx");
		assert!(matches!(parse_payee(&typo, None), Err(PayeeError::BadAddress { .. })));
		assert!(matches!(
			parse_payee("did:dam:local:7", Some("dev")),
			Err(PayeeError::OtherNetwork { .. })
		));
		assert!(matches!(parse_payee("did:web:x", None), Err(PayeeError::BadDid { .. })));
	}

	#[test]
	fn machines_should_be_read_by_number_and_by_did_only() {
		assert_eq!(parse_machine("7", None), Ok(7));
		assert_eq!(parse_machine("did:dam:local:7", Some("local")), Ok(7));
		assert_eq!(parse_machine("did:dam:elsewhere:7", None), Ok(7));
		for text in ["", "-7", "charger", ALICE] {
			assert_eq!(parse_machine(text, None), Err(PayeeError::NotMachine(text.into())));
		}
	}

	#[test]
	fn dids_should_be_read_on_their_network_only() {
		let did = parse_did("did:dam:local:7", Some("local")).unwrap();
		assert_eq!((did.network.as_str(), did.machine), ("local", 7));
		for text in ["7", "", "did:dam:local:07", "did:dam:local:7#key-0"] {
			assert!(matches!(parse_did(text, None), Err(PayeeError::BadDid { .. })), "{text}");
		}
		assert!(matches!(
			parse_did("did:dam:local:7", Some("dev")),
			Err(PayeeError::OtherNetwork { .. })
		));
	}
}
