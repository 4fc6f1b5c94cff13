//! `attest`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use dam_primitives::ClaimType;

use super::{expiry, named};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum AttestCommand {
	/// Attest something of a machine or an account. Holds a deposit until the attestation is removed.
	#[command(after_help = "\
Example: a calibration office attests that machine 7's meter was calibrated, for two years.
  dam-device --chain-spec dev.json attest issue --key office.key 7 meter-calibration \\
      --evidence 0x… --valid-for 63072000")]
	Issue(Issue),
	/// Let an attestation of the key's account expire later.
	Renew {
		#[command(flatten)]
		of: ClaimOf,
		#[command(flatten)]
		expiry: AttestationExpiry,
	},
	/// Take an attestation of the key's account back.
	Revoke(ClaimOf),
	/// Issue, renew or revoke many attestations, from CSV.
	#[command(subcommand)]
	Batch(BatchCommand),
	/// Clear an expired attestation of anybody. Its deposit goes back to its attester.
	Remove {
		#[command(flatten)]
		of: ClaimOf,
		/// Who attested.
		#[arg(long, value_name = "ACCOUNT")]
		attester: String,
	},
	/// Show what is attested of a machine or an account, valid or not.
	List {
		/// A machine's number, its DID, or an account.
		subject: String,
		/// Show at most so many.
		#[arg(long, value_name = "N", default_value_t = 100,
			value_parser = clap::value_parser!(u32).range(1..))]
		limit: u32,
	},
	/// Show who validly attests something, now or at another block.
	Attesters {
		/// A machine's number, its DID, or an account.
		subject: String,
		/// What, for example meter-calibration; a wrong one lists all.
		#[arg(value_parser = named::<ClaimType>)]
		claim: ClaimType,
		/// In which block; left out, in the latest finalized one.
		#[arg(long, value_name = "BLOCK")]
		at: Option<u32>,
	},
	/// Let an account attest something, with the sudo key of a development or test network.
	#[command(after_help = "\
Example: on a development chain, whose sudo key is Alice's, a calibration office is accredited.
  dam-device --chain-spec dev.json attest accredit --key alice.key OFFICE meter-calibration")]
	Accredit(Accreditor),
	/// Let an account attest something no more, and end what it has attested, with the sudo key of a
	/// development or test network.
	WithdrawAccreditation(Accreditor),
	/// Show what an account may attest, or might once.
	Accreditation {
		/// The account.
		account: String,
		/// What, for example meter-calibration; left out, everything.
		#[arg(value_parser = named::<ClaimType>)]
		claim: Option<ClaimType>,
	},
}

/// Who may attest what, and who says so.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Accreditor {
	/// The sudo key's file.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) key: PathBuf,
	/// The attester's account.
	pub(in crate::cli) attester: String,
	/// What, for example meter-calibration; a wrong one lists all.
	#[arg(value_parser = named::<ClaimType>)]
	pub(in crate::cli) claim: ClaimType,
}

/// What is attested of whom, and who signs.
#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct ClaimOf {
	/// The key file of whoever signs.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) key: PathBuf,
	/// Of whom: a machine's number, its DID, or an account.
	#[arg(allow_hyphen_values = true)]
	pub(in crate::cli) subject: String,
	/// What: manufacturer, meter-calibration, location or carbon of machines, operator-kyc or
	/// holder-kyc of accounts.
	#[arg(value_parser = named::<ClaimType>)]
	pub(in crate::cli) claim: ClaimType,
}

expiry! {
	/// When an attestation expires.
	AttestationExpiry: 31_536_000, "it is valid"
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct Issue {
	#[command(flatten)]
	pub(in crate::cli) of: ClaimOf,
	/// SHA-256 of the evidence: 0x and 64 hexadecimal digits.
	#[arg(long, value_name = "HASH")]
	pub(in crate::cli) evidence: String,
	#[command(flatten)]
	pub(in crate::cli) expiry: AttestationExpiry,
}

#[derive(Debug, Subcommand)]
#[command(after_help = "\
Headers: `subject,claim,evidence,expires_at` to issue, `subject,claim,expires_at` to renew,
`subject,claim` to revoke. Evidence is 0x and 64 hexadecimal digits (SHA-256), expires_at a block.

Example file:
  subject,claim,evidence,expires_at
  7,meter-calibration,0x…,63072000
  did:dam:dev:8,manufacturer,0x…,63072000")]
pub(in crate::cli) enum BatchCommand {
	/// Attest many things.
	Issue(AttestBatch),
	/// Let many attestations expire later.
	Renew(AttestBatch),
	/// Take many attestations back.
	Revoke(AttestBatch),
}

#[derive(Debug, ClapArgs)]
pub(in crate::cli) struct AttestBatch {
	/// The attester's key file.
	#[arg(long, value_name = "FILE")]
	pub(in crate::cli) key: PathBuf,
	/// CSV; more than 256 items go out in several transactions.
	pub(in crate::cli) file: PathBuf,
}
