//! Kills a payee and a payer, again and again, and looks at what they know afterwards.
//!
//! The test's program is three: run without arguments it is the parent, which starts itself as a
//! payee or as a payer and kills that child with SIGKILL while it works on a real disk.
//!
//! * **The payee** takes vouchers and links on several threads and plans claims meanwhile. The parent
//!   pays, and is the chain: it includes some claims and loses others. Every answer that reached the
//!   pipe counts as acknowledged. After each restart the payee must know of at least that much; in
//!   the end the chain must have settled exactly what was accepted; and no claim may be under way
//!   twice.
//! * **The payer** promises. After each restart it must never give out less than before, nor use a
//!   nonce twice.

use std::{
	collections::{BTreeMap, BTreeSet, HashMap},
	env,
	io::{self, Read, Write},
	os::unix::process::ExitStatusExt,
	path::{Path, PathBuf},
	process::{Child, ChildStdin, Command, ExitCode, Stdio},
	sync::{
		atomic::{AtomicBool, Ordering},
		mpsc, Arc, Mutex,
	},
	thread,
	time::{Duration, Instant},
};

use codec::{Decode, DecodeAll, Encode};
use dam_payments::{
	answer, AcceptError, Acceptor, ChannelState, ClaimBatch, ClaimPolicy, Claims, Limits,
	MemoryKey, Payer, SharedAcceptor, Signer,
};
use dam_primitives::{
	crypto::SoftwareBlake2,
	exchange::Answer,
	payword::{PayWordChain, RevealedLink},
	Channel, ChannelId, ChannelPayment, Intent, Lock, Payee, SignedIntent, SignedVoucher, Terms,
	Voucher,
};
use rand::{rngs::StdRng, Rng, SeedableRng};

const GENESIS: [u8; 32] = [1; 32];
const PAYEE: Payee<[u8; 32]> = Payee::Machine(9);
const DEPOSIT: u128 = 1 << 40;
/// Even channels are paid by vouchers, odd ones by links.
const CHANNELS: u64 = 6;
const LENGTH: u32 = 1 << 17;
const UNIT: u128 = 3;
/// The payer makes its chain anew in every life: short enough not to spend that life on it.
const PAYER_LENGTH: u32 = 1 << 12;
/// Blocks that pass between two lives.
const BLOCKS: u32 = 7;
const POLICY: ClaimPolicy =
	ClaimPolicy { max_unsettled: 200, max_age: 5, headroom: 0, lifetime: 10 };

const PAYEE_LIVES: u32 = 100;
const PAYER_LIVES: u32 = 40;
/// A child that says nothing for so long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

mod children;
mod parent;
mod payees;
mod payers;
mod wire;
mod world;

use children::{key, payee, payer};
use parent::{channel, folder, kill, listen, start, state};
use payees::kill_payees;
use payers::kill_payers;
use wire::{receive, send, Batch, FromPayee, FromPayer, ToPayee};
use world::World;

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
	let arguments: Vec<String> = env::args().skip(1).collect();
	let child = match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
		["payee", path, block] => Some(payee(Path::new(path), block)),
		["payer", path] => Some(payer(Path::new(path))),
		// Test runners ask.
		["--list", ..] => return ExitCode::SUCCESS,
		_ => None,
	};
	if let Some(result) = child {
		return match result {
			Ok(()) => ExitCode::SUCCESS,
			Err(error) => {
				eprintln!("child: {error}");
				ExitCode::FAILURE
			},
		};
	}
	let seed = env::var("CRASH_SEED").ok().and_then(|seed| seed.parse().ok());
	let seed = seed.unwrap_or_else(rand::random::<u64>);
	println!("CRASH_SEED={seed}");
	kill_payees(&mut StdRng::seed_from_u64(seed));
	kill_payers(&mut StdRng::seed_from_u64(seed));
	ExitCode::SUCCESS
}
