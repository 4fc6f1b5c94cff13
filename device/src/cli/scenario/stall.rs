//! What the stories of channels share: a machine that is paid over TCP, and the books of that.

use std::{
	net::{Ipv4Addr, SocketAddr},
	sync::{
		atomic::{AtomicU64, Ordering},
		Arc,
	},
	time::{Duration, Instant},
};

use dam_device::{
	chain::{ChainError, LightNetwork, Network},
	channels::{
		look,
		service::{Seller, Service, ServiceEvent, ServiceLimits},
		Channels, ClaimFate, Claimed, Keeper, LookUps,
	},
	settle::SettleError,
	Dam, Usdt,
};
use dam_payments::{Accepted, Acceptor, ClaimPolicy, Limits, Payer, Proven, SharedAcceptor};
use dam_primitives::{
	ChannelId,
	ClaimFailure::{NothingNew, UnknownChannel},
	Payee, Terms,
};
use serde_json::{json, Value};
use tokio::task::JoinHandle;

use super::{
	books::Books,
	error::{demand, StageError},
	stage::{sentence, Machine, Stage},
};
use crate::cli::failure::Failure;

/// How long a payee may claim after its payer asked to close: two hours.
pub(super) const GRACE: u32 = 7_200;
/// How often the payee looks at the chain.
const EVERY: Duration = Duration::from_secs(1);
/// For how many blocks claims of a story can be included: one that got lost is soon made again.
const LIFETIME: u32 = 16;

/// What a machine sells with each payment, if it is data: made of what was paid so far.
pub(super) type Goods = fn(&Accepted) -> Vec<u8>;

/// A channel that was opened for a story.
pub(super) struct Opened {
	/// Its number.
	pub(super) id: ChannelId,
	/// What was paid in.
	pub(super) deposit: Usdt,
	/// What the payer keeps on its disk.
	pub(super) payer: Payer,
}

/// Has `from` open a channel to `to`, with a hash chain of `links` (number and worth of each) or by
/// vouchers, and writes it into the books.
pub(super) async fn open(
	stage: &mut Stage<'_>,
	books: &mut Books,
	(from, to): (&Machine, &Machine),
	deposit: Usdt,
	links: Option<(u32, Usdt)>,
) -> Result<Opened, Failure> {
	let network = stage.network();
	let store = stage.folder().join(format!("machine-{}.store", from.id));
	let mut payer = Payer::open(&store, network.genesis().0)?;
	let terms = match links {
		Some((length, unit)) => payer.make_chain(length, unit.units())?,
		None => Terms::Vouchers,
	};
	let channels = Channels::new(&network, from.key(), stage.patience());
	let clock = Instant::now();
	let (done, id) = channels.open(&to.payee(), deposit, terms, GRACE, &mut |_| {}).await?;
	let what =
		format!("{} opens channel {id} to {} with {deposit} USDT", sentence(from.name), to.name);
	stage.free(clock, &what, &done)?;
	books.lock(from, deposit)?;
	books.lock(from, network.limits().await?.channel_deposit)?;
	match look(&network, &[id]).await?.channels.pop() {
		Some((_, Proven::Exists(state))) => payer.observe(id, state)?,
		_ => return Err(StageError::Missing("the channel").into()),
	}
	Ok(Opened { id, deposit, payer })
}

/// What is counted at a stall.
#[derive(Default)]
struct Counts {
	accepted: AtomicU64,
	refused: AtomicU64,
}

struct Clerk {
	look_ups: LookUps,
	counts: Counts,
	goods: Option<Goods>,
}

impl Seller for Clerk {
	fn follow(&self, channel: ChannelId) -> bool {
		self.look_ups.follow(channel)
	}

	fn goods(&self, accepted: &Accepted) -> Option<Vec<u8>> {
		self.goods.map(|goods| goods(accepted))
	}

	fn heard(&self, event: &ServiceEvent<'_>) {
		match event {
			ServiceEvent::Accepted(_) => self.counts.accepted.fetch_add(1, Ordering::SeqCst),
			ServiceEvent::Refused(_) => self.counts.refused.fetch_add(1, Ordering::SeqCst),
			_ => return,
		};
	}
}

/// A machine at its stall: it takes payments over TCP, keeps them, and claims them.
pub(super) struct Stall<'a> {
	machine: &'a Machine,
	keeper: Keeper<'a, LightNetwork>,
	service: Service,
	clerk: Arc<Clerk>,
	policy: ClaimPolicy,
	/// What became of claims that were settled: blocks and amounts.
	claims: Vec<Value>,
	fees: Dam,
	out_of_reach: bool,
}

impl<'a> Stall<'a> {
	/// Opens it on the loopback interface. Claims are made when `claim_at` is unsettled.
	pub(super) async fn open(
		stage: &Stage<'_>,
		machine: &'a Machine,
		claim_at: Usdt,
		goods: Option<Goods>,
	) -> Result<Stall<'a>, Failure> {
		let network = stage.network();
		let store = stage.folder().join(format!("machine-{}-accepts.store", machine.id));
		let payee = Payee::Machine(machine.id);
		let acceptor = Acceptor::open(&store, network.genesis().0, &payee, Limits::default())?;
		let acceptor = Arc::new(SharedAcceptor::new(acceptor));
		let keeper = Keeper::new(acceptor.clone(), network.clone(), machine.key());
		keeper.set_clock().await?;
		let clerk =
			Arc::new(Clerk { look_ups: keeper.look_ups(), counts: Counts::default(), goods });
		let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
		let clock = keeper.clock().clone();
		let limits = ServiceLimits::default();
		let service = Service::start(address, acceptor, clock, limits, clerk.clone())?;
		stage.say(&format!(
			"{} takes payments at {}, and claims when {claim_at} USDT have come together.",
			sentence(machine.name),
			service.address()
		));
		let policy = ClaimPolicy {
			max_unsettled: claim_at.units(),
			lifetime: LIFETIME,
			..ClaimPolicy::default()
		};
		Ok(Self {
			machine,
			keeper,
			service,
			clerk,
			policy,
			claims: Vec::new(),
			fees: Dam::default(),
			out_of_reach: false,
		})
	}

	/// Where it takes payments.
	pub(super) const fn address(&self) -> SocketAddr {
		self.service.address()
	}

	/// How many payments were accepted.
	pub(super) fn accepted(&self) -> u64 {
		self.clerk.counts.accepted.load(Ordering::SeqCst)
	}

	/// How many payments were refused.
	pub(super) fn refused(&self) -> u64 {
		self.clerk.counts.refused.load(Ordering::SeqCst)
	}

	/// Serves until a payer is done. Whether the chain is there or not, payments are taken.
	pub(super) async fn serve<T>(
		&mut self,
		stage: &Stage<'_>,
		payer: JoinHandle<Result<T, Failure>>,
	) -> Result<T, Failure> {
		// A round is never cut short: what it has heard of claims would be lost.
		while !payer.is_finished() {
			self.round(stage).await?;
		}
		payer.await.map_err(|error| Failure::other(error.to_string()))?
	}

	/// One look at the chain, and a pause in which fates of claims are heard.
	async fn round(&mut self, stage: &Stage<'_>) -> Result<(), Failure> {
		let tended = self.keeper.round(&self.policy).await?;
		match (&tended.round.unseen, self.out_of_reach) {
			(Some(_), false) => {
				stage.say(&format!(
					"  The chain is out of reach; {} payments so far, and they go on.",
					self.accepted()
				));
				self.out_of_reach = true;
			},
			(None, true) => {
				stage.say(&format!("  The chain is back, after {} payments.", self.accepted()));
				self.out_of_reach = false;
			},
			_ => {},
		}
		let mut heard = Vec::new();
		let until = tokio::time::Instant::now() + EVERY;
		self.keeper.wait(until, &mut |claimed| heard.push(claimed)).await?;
		for claimed in heard {
			self.hear(stage, &claimed)?;
		}
		Ok(())
	}

	fn hear(&mut self, stage: &Stage<'_>, claimed: &Claimed) -> Result<(), Failure> {
		match &claimed.fate {
			ClaimFate::Final { block, fee, settled } => {
				stage.say(&format!(
					"  {} claimed {} USDT in block {}, fee {fee} DAM.",
					sentence(self.machine.name),
					settled.total,
					block.number
				));
				let failed = settled.failed.iter().map(|one| one.reason.explain());
				if let Some(why) = failed.into_iter().next() {
					return Err(Failure::other(format!("a claim was not settled: {why}")));
				}
				let fees = self.fees.units().saturating_add(fee.units());
				self.fees = Dam::from_units(fees);
				self.claims.push(json!({
					"transaction": claimed.transaction,
					"block": block,
					"total": settled.total,
				}));
				Ok(())
			},
			ClaimFate::Failed { block, failure } => {
				Err(Failure::other(format!("claims failed in block {}: {failure}", block.number)))
			},
			// The node was down, or the light client lost it: claims are made again.
			ClaimFate::Open(error) => {
				stage.say(&format!("  A claim is made again: {}.", plain(error)));
				Ok(())
			},
		}
	}

	/// Closes the stall, claims the rest, closes the channels, and writes all of it into the books.
	/// What was accepted must be what was claimed, and what each payer promised.
	pub(super) async fn close(
		mut self,
		stage: &mut Stage<'_>,
		books: &mut Books,
		channels: &[(&Machine, &Opened)],
	) -> Result<(), Failure> {
		let (accepted, refused) = (self.accepted(), self.refused());
		self.keeper.end_look_ups();
		self.service.stop();
		let mut total = 0u128;
		for (from, opened) in channels {
			let acceptor = self.keeper.acceptor();
			let status = acceptor.with(|acceptor| acceptor.status(opened.id))?;
			let kept = status.map_or(0, |status| status.accepted);
			let promised = opened.payer.status(opened.id).map_or(0, |status| status.promised);
			let what = format!("what {} promised and {} accepted", from.name, self.machine.name);
			demand(&what, Usdt::from_units(kept), Usdt::from_units(promised))?;
			total = total.checked_add(kept).ok_or(StageError::Overdrawn("the stall"))?;
		}
		let deadline = tokio::time::Instant::now() + stage.patience().deadline;
		let mut heard = Vec::new();
		let left = self.keeper.settle(deadline, &mut |claimed| heard.push(claimed)).await?;
		demand("what could not be claimed in time", Usdt::from_units(left), Usdt::default())?;
		for claimed in heard {
			if claimed_nothing_new(&claimed) {
				continue;
			}
			self.hear(stage, &claimed)?;
		}
		demand("the fees of claims", self.fees, Dam::default())?;
		let network = stage.network();
		let storage = network.limits().await?.channel_deposit;
		for (from, opened) in channels {
			let payee = Channels::new(&network, self.machine.key(), stage.patience());
			let clock = Instant::now();
			let (done, closed) = payee.close(opened.id, &mut |_| {}).await?;
			let what = format!(
				"{} closes channel {}: {} USDT in all for it, {} USDT and the storage deposit back to \
				 {}",
				sentence(self.machine.name),
				opened.id,
				closed.settled,
				closed.returned,
				from.name
			);
			stage.free(clock, &what, &done)?;
			let promised = opened.payer.status(opened.id).map_or(0, |status| status.promised);
			demand("what the chain settled", closed.settled, Usdt::from_units(promised))?;
			let sum = closed.settled.checked_add(closed.returned).unwrap_or_default();
			demand("what went to both", sum, opened.deposit)?;
			books.pay_out(self.machine, closed.settled)?;
			books.pay_out(from, closed.returned)?;
			books.pay_out(from, storage)?;
		}
		stage.note(
			"stall",
			json!({
				"payments": accepted,
				"refused": refused,
				"total": Usdt::from_units(total),
				"claims": self.claims,
			}),
		);
		Ok(())
	}
}

/// Whether a transaction came after another one that claimed the same: settled once, as it should.
fn claimed_nothing_new(claimed: &Claimed) -> bool {
	match &claimed.fate {
		ClaimFate::Final { settled, .. } => {
			settled.settled == 0
				&& settled
					.failed
					.iter()
					.all(|one| matches!(one.reason, NothingNew | UnknownChannel))
		},
		ClaimFate::Failed { failure, .. } => failure.variant() == "NothingNew",
		ClaimFate::Open(_) => true,
	}
}

/// Why a claim is open still, in a few words.
fn plain(error: &SettleError) -> &'static str {
	match error {
		SettleError::Expired { .. } => "its transaction was not included in time",
		SettleError::Superseded { .. } => "another transaction took its place",
		SettleError::Chain(ChainError::TimedOut { .. } | ChainError::Request { .. }) => {
			"the chain was out of reach"
		},
		_ => "what became of it is not known",
	}
}
