//! Random sequences of operations against a model, with the invariants checked after each step.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

const LENGTH: u32 = 40;
const UNIT: u128 = 10;

#[derive(Debug, Clone)]
enum Step {
	Open { payer: MachineId, payee: MachineId, deposit: u128, vouchers: bool },
	TopUp { by: MachineId, channel: ChannelId, amount: u128 },
	Claim { channel: ChannelId, amount: u128, forged: bool },
	ClaimBatch { claims: Vec<(ChannelId, u128, bool)> },
	ClaimLinks { channel: ChannelId, index: u32, shifted: bool },
	Close { by: MachineId, channel: ChannelId },
	CloseAgreed { by: MachineId, channel: ChannelId, settled: u128, consenting: MachineId },
	RequestClose { by: MachineId, channel: ChannelId },
	Sweep { channel: ChannelId },
	Advance { blocks: u32 },
}

fn step() -> impl Strategy<Value = Step> {
	let machine = || 0..4u64;
	let channel = || 0..8u64;
	prop_oneof![
		2 => (machine(), machine(), 0..500u128, any::<bool>()).prop_map(
			|(payer, payee, deposit, vouchers)| Step::Open { payer, payee, deposit, vouchers }
		),
		1 => (machine(), channel(), 0..300u128)
			.prop_map(|(by, channel, amount)| Step::TopUp { by, channel, amount }),
		3 => (channel(), 0..600u128, prop::bool::weighted(0.1))
			.prop_map(|(channel, amount, forged)| Step::Claim { channel, amount, forged }),
		3 => (channel(), 0..LENGTH + 2, prop::bool::weighted(0.1))
			.prop_map(|(channel, index, shifted)| Step::ClaimLinks { channel, index, shifted }),
		2 => prop::collection::vec((channel(), 0..600u128, prop::bool::weighted(0.1)), 0..8)
			.prop_map(|claims| Step::ClaimBatch { claims }),
		1 => (machine(), channel()).prop_map(|(by, channel)| Step::Close { by, channel }),
		2 => (machine(), channel(), 0..600u128, machine()).prop_map(
			|(by, channel, settled, consenting)| Step::CloseAgreed {
				by,
				channel,
				settled,
				consenting
			}
		),
		1 => (machine(), channel()).prop_map(|(by, channel)| Step::RequestClose { by, channel }),
		1 => channel().prop_map(|channel| Step::Sweep { channel }),
		2 => (1..MIN_GRACE).prop_map(|blocks| Step::Advance { blocks }),
	]
}

struct Record {
	payer: MachineId,
	payee: MachineId,
	deposit: u128,
	settled: u128,
	vouchers: bool,
	closing: Option<u32>,
}

/// What must be true, without any of the pallet's code.
#[derive(Default)]
struct Model {
	channels: BTreeMap<ChannelId, Record>,
	next: ChannelId,
	wallets: BTreeMap<MachineId, u128>,
}

impl Model {
	fn wallet(&mut self, machine: MachineId) -> &mut u128 {
		self.wallets.entry(machine).or_insert(FUNDS)
	}

	/// Does what the step should do; tells whether it should succeed.
	fn step(&mut self, step: &Step, now: u32) -> bool {
		if let Step::ClaimBatch { claims } = step {
			for &(channel, amount, forged) in claims {
				self.settle(channel, amount, true, !forged, now);
			}
			return true;
		}
		match *step {
			Step::ClaimBatch { .. } => unreachable!("batches were done"),
			Step::Open { payer, payee, deposit, vouchers } => {
				let fits = vouchers || deposit <= UNIT * u128::from(LENGTH);
				let cost = deposit + STORAGE_DEPOSIT;
				if payer == payee || deposit == 0 || !fits || *self.wallet(payer) < cost {
					return false;
				}
				*self.wallet(payer) -= cost;
				let record = Record { payer, payee, deposit, settled: 0, vouchers, closing: None };
				self.channels.insert(self.next, record);
				self.next += 1;
				true
			},
			Step::TopUp { by, channel, amount } => {
				let available = *self.wallet(by);
				let Some(record) = self.channels.get_mut(&channel) else { return false };
				let fits = record.vouchers || record.deposit + amount <= UNIT * u128::from(LENGTH);
				if record.payer != by
					|| record.closing.is_some()
					|| amount == 0 || !fits
					|| available < amount
				{
					return false;
				}
				record.deposit += amount;
				*self.wallet(by) -= amount;
				true
			},
			Step::Claim { channel, amount, forged } => {
				self.settle(channel, amount, true, !forged, now)
			},
			Step::ClaimLinks { channel, index, shifted } => {
				let genuine = !shifted && index <= LENGTH;
				self.settle(channel, UNIT * u128::from(index), false, genuine, now)
			},
			Step::Close { by, channel } => {
				let payee = self.channels.get(&channel).map(|record| record.payee);
				payee == Some(by) && self.remove(channel)
			},
			Step::CloseAgreed { by, channel, settled, consenting } => {
				let Some(record) = self.channels.get_mut(&channel) else { return false };
				let fits = (record.settled..=record.deposit).contains(&settled);
				if record.payer != by || record.payee != consenting || !fits {
					return false;
				}
				let (due, payee) = (settled - record.settled, record.payee);
				record.settled = settled;
				*self.wallet(payee) += due;
				self.remove(channel)
			},
			Step::RequestClose { by, channel } => {
				let Some(record) = self.channels.get_mut(&channel) else { return false };
				if record.payer != by || record.closing.is_some() {
					return false;
				}
				record.closing = Some(now + MIN_GRACE);
				true
			},
			Step::Sweep { channel } => {
				let closing = self.channels.get(&channel).and_then(|record| record.closing);
				closing.is_some_and(|last| now > last) && self.remove(channel)
			},
			Step::Advance { .. } => true,
		}
	}

	fn settle(
		&mut self,
		channel: ChannelId,
		amount: u128,
		voucher: bool,
		genuine: bool,
		now: u32,
	) -> bool {
		let Some(record) = self.channels.get_mut(&channel) else { return false };
		let over = record.closing.is_some_and(|last| now > last);
		let new = amount > record.settled && amount <= record.deposit;
		if record.vouchers != voucher || over || !new || !genuine {
			return false;
		}
		let (due, payee) = (amount - record.settled, record.payee);
		record.settled = amount;
		*self.wallet(payee) += due;
		true
	}

	fn remove(&mut self, channel: ChannelId) -> bool {
		let Some(record) = self.channels.remove(&channel) else { return false };
		*self.wallet(record.payer) += record.deposit - record.settled + STORAGE_DEPOSIT;
		true
	}
}

fn execute(step: &Step, links: &[[u8; 32]]) -> bool {
	let sign = |channel, amount, forged| {
		let payer = Channels::<Test>::get(channel).map_or(0, |channel| channel.payer);
		voucher(payer + u64::from(forged), channel, amount)
	};
	if let Step::ClaimBatch { claims } = step {
		let vouchers =
			claims.iter().map(|&(channel, amount, forged)| sign(channel, amount, forged)).collect();
		let vouchers = VoucherBatch::truncate_from(vouchers);
		return PaymentChannels::claim_batch(stranger(), vouchers).is_ok();
	}
	match *step {
		Step::ClaimBatch { .. } => unreachable!("batches were done"),
		Step::Open { payer, payee, deposit, vouchers } => {
			let terms = if vouchers {
				Terms::Vouchers
			} else {
				Terms::HashChain { root: links[0], length: LENGTH, unit: UNIT }
			};
			let payee = Payee::Machine(payee);
			PaymentChannels::open(signed(payer), payee, deposit, terms, MIN_GRACE).is_ok()
		},
		Step::TopUp { by, channel, amount } => {
			PaymentChannels::top_up(signed(by), channel, amount).is_ok()
		},
		Step::Claim { channel, amount, forged } => submit(sign(channel, amount, forged)).is_ok(),
		Step::ClaimLinks { channel, index, shifted } => {
			let link = links.get(index as usize + usize::from(shifted)).copied();
			let link = link.unwrap_or_default();
			PaymentChannels::claim_links(stranger(), RevealedLink { channel, index, link }).is_ok()
		},
		Step::Close { by, channel } => PaymentChannels::close(signed(by), channel).is_ok(),
		Step::CloseAgreed { by, channel, settled, consenting } => {
			let (key, signature) = consent(&Device::of(consenting), channel, settled);
			PaymentChannels::close_agreed(signed(by), channel, settled, key, signature).is_ok()
		},
		Step::RequestClose { by, channel } => {
			PaymentChannels::request_close(signed(by), channel).is_ok()
		},
		Step::Sweep { channel } => PaymentChannels::sweep(stranger(), channel).is_ok(),
		Step::Advance { blocks } => {
			System::set_block_number(System::block_number() + blocks);
			true
		},
	}
}

/// How many sequences are tried: few by default, as many as `PROPTEST_CASES` says for a long run.
/// More than 10⁵ steps are
/// `PROPTEST_CASES=3000 cargo test --release -p pallet-channels properties`.
fn cases() -> ProptestConfig {
	let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
	ProptestConfig { cases: wanted.unwrap_or(64), failure_persistence: None, ..Default::default() }
}

proptest! {
	#![proptest_config(cases())]

	#[test]
	fn channels_should_follow_the_model(steps in prop::collection::vec(step(), 1..80)) {
		new_test_ext().execute_with(|| {
			let links = chain(LENGTH, 1);
			let mut model = Model::default();
			for step in steps {
				let expected = model.step(&step, System::block_number());
				// As the runtime does: a call that fails changes nothing.
				let happened = frame_support::storage::with_storage_layer(|| {
					execute(&step, &links).then_some(()).ok_or(sp_runtime::DispatchError::CannotLookup)
				})
				.is_ok();
				assert_eq!(happened, expected, "{step:?}");
				check();
				for machine in 0..4 {
					assert_eq!(wallet(machine), *model.wallet(machine), "{step:?}");
				}
				assert_eq!(Channels::<Test>::iter().count(), model.channels.len());
				for (id, expected) in &model.channels {
					let found = channel(*id);
					assert_eq!(
						(found.payer, found.payee, found.deposit, found.settled, found.closing),
						(
							expected.payer,
							Payee::Machine(expected.payee),
							expected.deposit,
							expected.settled,
							expected.closing
						),
						"{step:?}"
					);
				}
			}
		});
	}
}
