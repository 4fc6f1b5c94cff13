//! `channel accept` and `channel claim`: the payee.

use std::{
	sync::{
		atomic::{AtomicU64, Ordering},
		Arc,
	},
	time::Duration,
};

use dam_device::{
	chain::LightNetwork,
	channels::{
		service::{Seller, Service, ServiceEvent, ServiceLimits},
		ClaimFate, Claimed, Keeper, LookUps, SubmitError, Tended,
	},
	payee::describe_payee,
	KeyFile, Usdt,
};
use dam_payments::{ClaimPolicy, SharedAcceptor};
use dam_primitives::ChannelId;
use serde_json::{json, Value};
use tokio::{
	signal::unix::{signal, SignalKind},
	time::Instant,
};

use super::{open_store, which};
use crate::cli::{
	args::{ChannelAccept, ChannelPayee, Global},
	connect::{connect_to, patience, spec},
	failure::Failure,
	output::{count, Output},
};

/// Everything that a payee needs, before it listens.
struct Opened {
	key: KeyFile,
	network: LightNetwork,
	acceptor: Arc<SharedAcceptor>,
	payee: String,
}

async fn open(command: &ChannelPayee, global: &Global, output: &Output) -> Result<Opened, Failure> {
	let key = KeyFile::open(&command.key)?;
	let spec = spec(global)?;
	let network = connect_to(&spec, global, output).await?;
	let payee = which(command, key.key(), &network, spec.id()).await?;
	let acceptor = Arc::new(SharedAcceptor::new(open_store(command, &network, &payee)?));
	Ok(Opened { key, network, acceptor, payee: describe_payee(&payee) })
}

pub(super) async fn claim(
	command: &ChannelPayee,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let Opened { key, network, acceptor, .. } = open(command, global, output).await?;
	let mut keeper = Keeper::new(acceptor, network, key.key());
	let before = keeper.unsettled()?;
	let fates = settle(&mut keeper, global, output).await?;
	let claimed = Usdt::from_units(before);
	let value = json!({ "claimed": claimed, "transactions": fates });
	output.result(&value, || match before {
		0 => "there was nothing to claim".into(),
		_ => format!("{claimed} USDT are settled, which is everything that was accepted"),
	});
	Ok(())
}

/// Claims everything and waits until it is settled; gives what became of each transaction.
async fn settle(
	keeper: &mut Keeper<'_, LightNetwork>,
	global: &Global,
	output: &Output,
) -> Result<Vec<Value>, Failure> {
	let mut fates = Vec::new();
	let deadline = Instant::now() + patience(global).deadline;
	let left = keeper
		.settle(deadline, &mut |claimed| {
			let (value, text) = describe(&claimed);
			output.note(&text);
			fates.push(value);
		})
		.await?;
	if left > 0 {
		let left = Usdt::from_units(left);
		let failure = Failure::other(format!(
			"{left} USDT are accepted but not settled yet: they are on disk; run `dam-device channel \
			 claim` again, with a longer --timeout, before the grace periods of their channels end"
		));
		return Err(failure.with_details(json!({ "unsettled": left, "transactions": fates })));
	}
	Ok(fates)
}

pub(super) async fn run(
	command: &ChannelAccept,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let max_unsettled = command.claim_at.parse::<Usdt>()?.units();
	let policy =
		ClaimPolicy { max_unsettled, max_age: command.claim_after, ..ClaimPolicy::default() };
	let Opened { key, network, acceptor, payee } = open(&command.payee, global, output).await?;
	let mut ended = Ended::new()?;
	let mut keeper = Keeper::new(acceptor.clone(), network.clone(), key.key());
	keeper.set_clock().await?;
	let till =
		Arc::new(Till { look_ups: keeper.look_ups(), output: *output, counts: Counts::default() });
	let limits =
		ServiceLimits { connections: command.connections.into(), ..ServiceLimits::default() };
	let mut service =
		Service::start(command.listen, acceptor, keeper.clock().clone(), limits, till.clone())?;
	let address = service.address();
	output.result(&json!({ "listening": address, "payee": payee }), || {
		format!("{payee} takes payments at {address}; Ctrl-C ends it")
	});

	let every = Duration::from_secs(command.every);
	let mut told = 0;
	while !service.has_stopped() {
		report(&keeper.round(&policy).await?, output);
		let accepted = till.counts.accepted.load(Ordering::Relaxed);
		if accepted > told {
			let unsettled = Usdt::from_units(keeper.unsettled()?);
			output.note(&format!(
				"{} accepted so far, {unsettled} USDT are not settled yet",
				count(usize::try_from(accepted).unwrap_or(usize::MAX), "payment")
			));
			told = accepted;
		}
		let mut heard = |claimed: Claimed| {
			let (value, text) = describe(&claimed);
			output.result(&json!({ "claimed": value }), || text);
		};
		tokio::select! {
			result = keeper.wait(Instant::now() + every, &mut heard) => result?,
			() = ended.wait() => break,
		}
	}
	let failed = service.has_stopped();
	keeper.end_look_ups();
	service.stop();
	if failed {
		return Err(Failure::other(
			"the disk failed: what was acknowledged is on it; start again to find out what else is",
		));
	}
	let transactions = match command.claim_at_end {
		true => settle(&mut keeper, global, output).await?,
		false => Vec::new(),
	};
	let Counts { accepted, refused, .. } = &till.counts;
	let (accepted, refused) = (accepted.load(Ordering::Relaxed), refused.load(Ordering::Relaxed));
	let unsettled = Usdt::from_units(keeper.unsettled()?);
	let value = json!({
		"accepted": accepted,
		"refused": refused,
		"unsettled": unsettled,
		"transactions": transactions,
	});
	output.result(&value, || {
		format!(
			"ended: {accepted} payments accepted, {refused} refused; {unsettled} USDT are not settled \
			 and on disk"
		)
	});
	Ok(())
}

/// The end that a person, or whoever runs services, asks for.
struct Ended {
	interrupt: tokio::signal::unix::Signal,
	terminate: tokio::signal::unix::Signal,
}

impl Ended {
	fn new() -> Result<Self, Failure> {
		let failed = |error| Failure::other(format!("cannot wait for Ctrl-C: {error}"));
		Ok(Self {
			interrupt: signal(SignalKind::interrupt()).map_err(failed)?,
			terminate: signal(SignalKind::terminate()).map_err(failed)?,
		})
	}

	async fn wait(&mut self) {
		tokio::select! {
			_ = self.interrupt.recv() => {},
			_ = self.terminate.recv() => {},
		}
	}
}

#[derive(Default)]
struct Counts {
	accepted: AtomicU64,
	refused: AtomicU64,
}

/// Counts payments, and has channels looked up.
struct Till {
	look_ups: LookUps,
	output: Output,
	counts: Counts,
}

impl Seller for Till {
	fn follow(&self, channel: ChannelId) -> bool {
		self.look_ups.follow(channel)
	}

	fn heard(&self, event: &ServiceEvent<'_>) {
		match event {
			ServiceEvent::Accepted(_) => {
				self.counts.accepted.fetch_add(1, Ordering::Relaxed);
			},
			ServiceEvent::Refused(refused) => {
				self.counts.refused.fetch_add(1, Ordering::Relaxed);
				self.output.note(&format!("refused: {refused}"));
			},
			ServiceEvent::TurnedAway(peer) => {
				self.output.note(&format!("turned {peer} away: there are too many connections"));
			},
			ServiceEvent::StoreFailed(error) => self.output.note(&error.to_string()),
			ServiceEvent::Connected(peer) => log::debug!("{peer} connected"),
			ServiceEvent::Ended(peer, why) => log::debug!("{peer}: {why}"),
		}
	}
}

/// What a round found that a person should know.
fn report(tended: &Tended, output: &Output) {
	let Tended { round, unsent } = tended;
	if let Some(error) = &round.unseen {
		output.note(&format!("the chain is out of reach: {error}"));
	}
	for (channel, error) in &round.disbelieved {
		output.note(&format!("channel {channel}: {error}"));
	}
	for gone in &round.gone {
		output.note(&format!(
			"channel {} is closed; {} USDT were not seen settled before",
			gone.channel,
			Usdt::from_units(gone.amount)
		));
	}
	for lost in &round.plan.lost {
		output.note(&format!(
			"channel {}: {} USDT can no longer be claimed",
			lost.channel,
			Usdt::from_units(lost.amount)
		));
	}
	for (channel, reason) in &round.plan.due {
		output.note(&format!("claiming through channel {channel}: {reason:?}"));
	}
	for channel in &round.plan.closable {
		output.note(&format!(
			"channel {channel} is settled and nothing more comes: close it (`dam-device channel close`)"
		));
	}
	for (batch, error) in round.unsent.iter().chain(unsent) {
		match error {
			SubmitError::TooLate { .. } | SubmitError::OutOfReach => {},
			error => output.note(&format!("batch {batch} of claims is not sent: {error}")),
		}
	}
}

/// What became of a transaction with claims, for programs and for people.
fn describe(claimed: &Claimed) -> (Value, String) {
	let Claimed { batch, transaction, fate } = claimed;
	let mut value = json!({ "batch": batch, "transaction": transaction });
	let text = match fate {
		ClaimFate::Final { block, fee, settled } => {
			value["block"] = json!(block);
			value["fee"] = json!(fee);
			value["settled"] = json!(settled.settled);
			value["total"] = json!(settled.total);
			value["failed"] = json!(settled.failed);
			let mut text = format!(
				"{} of {} USDT together settled in block {}, fee {fee} DAM",
				count(settled.settled as usize, "claim"),
				settled.total,
				block.number
			);
			for failed in &settled.failed {
				text.push_str(&format!("; claim {}: {}", failed.index, failed.reason.explain()));
			}
			text
		},
		ClaimFate::Failed { block, failure } => {
			value["block"] = json!(block);
			value["error"] = json!(failure.name);
			format!("the chain refused claims in block {}: {failure}", block.number)
		},
		ClaimFate::Open(error) => {
			value["error"] = json!(error.to_string());
			format!("claims are not final: {error}")
		},
	};
	(value, text)
}
