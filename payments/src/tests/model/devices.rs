//! What the devices do, and what is expected of them.

use super::*;

impl World {
	pub fn pay(&mut self, id: ChannelId, amount: u16) -> Option<ChannelPayment> {
		let key = Self::signer(self.keys[&id]);
		let links = matches!(self.chain[&id].lock, Lock::HashChain { .. });
		let paid = match links {
			true => self.payer.pay_links(id, u32::from(amount % 40)),
			false => self.payer.pay(id, amount.into(), &key),
		};
		match paid {
			Ok(payment) => {
				let total = self.payer.status(id).unwrap().promised;
				let before = self.promised.insert(id, total).unwrap_or(0);
				assert!(total > before, "a promise is more than the one before");
				self.given.push(payment);
				Some(payment)
			},
			Err(PayError::Store(_)) => {
				self.revive_payer(5);
				None
			},
			Err(
				PayError::ExceedsDeposit { .. }
				| PayError::ZeroAmount
				| PayError::Closing(_)
				| PayError::UnknownChannel(_),
			) => None,
			Err(error) => panic!("{error}"),
		}
	}

	pub fn amount_of(&self, payment: &ChannelPayment) -> u128 {
		match payment {
			ChannelPayment::Voucher(voucher) => voucher.amount,
			ChannelPayment::Link(revealed) => u128::from(revealed.index) * UNIT,
		}
	}

	/// Payments arrive at the payee.
	pub fn deliver(&mut self, payments: &[ChannelPayment]) {
		let now = self.block + 1;
		let expected: Vec<_> = payments.iter().map(|payment| payment.channel()).collect();
		let before: BTreeMap<_, _> =
			self.payee.channels().map(|id| (id, self.payee.status(id).unwrap().accepted)).collect();
		let outcomes = match self.payee.accept_all(payments, now) {
			Ok(outcomes) => outcomes,
			Err(StoreError::Failed(_) | StoreError::Io { .. }) => return self.revive_payee(11),
			Err(error) => panic!("{error}"),
		};
		let mut accepted = before;
		for ((payment, outcome), id) in payments.iter().zip(outcomes).zip(expected) {
			let amount = self.amount_of(payment);
			let so_far = accepted.get(&id).copied();
			match outcome {
				Ok(took) => {
					let so_far = so_far.expect("the channel is followed");
					assert_eq!((took.channel, took.amount), (id, amount));
					assert_eq!(took.worth, amount - so_far);
					assert!(took.worth > 0, "3: nothing twice");
					accepted.insert(id, amount);
					let best = self.acknowledged.entry(id).or_default();
					*best = amount.max(*best);
				},
				Err(refused) => {
					assert_eq!(refused.accepted, so_far.unwrap_or(0));
					self.check_refusal(payment, refused.refusal, so_far);
				},
			}
		}
	}

	/// Whether there is a reason to refuse.
	pub fn check_refusal(&self, payment: &ChannelPayment, refusal: Refusal, so_far: Option<u128>) {
		let id = payment.channel();
		let state = self.payee.status(id).map(|status| status.state);
		let last = |last: Option<u32>| {
			last.is_some_and(|last| self.block + 1 + LIMITS.claim_margin > last)
		};
		let justified = match refusal {
			Refusal::Claim(ClaimFailure::UnknownChannel) => so_far.is_none(),
			Refusal::Claim(ClaimFailure::NothingNew) => {
				so_far.is_some_and(|so_far| self.amount_of(payment) <= so_far)
			},
			Refusal::Claim(ClaimFailure::Closed) => last(state.unwrap().channel.closing),
			Refusal::Claim(ClaimFailure::KeyExpired) => last(state.unwrap().signer_until),
			// A top-up that the payee has not seen yet.
			Refusal::Claim(ClaimFailure::ExceedsDeposit) => {
				self.amount_of(payment) > state.unwrap().channel.deposit
			},
			Refusal::Claim(ClaimFailure::TooManyHashes) => true,
			Refusal::Finished => self.finished.contains(&id),
			Refusal::StateTooOld => {
				self.block + 1 - state.unwrap().at > LIMITS.max_state_age.min(GRACE)
			},
			Refusal::Claim(
				ClaimFailure::InvalidProof
				| ClaimFailure::WrongTerms
				| ClaimFailure::PayeeUnavailable,
			) => false,
		};
		assert!(justified, "{payment:?} was refused: {refusal:?}");
	}

	pub fn tamper(&mut self, index: Index, kind: u8) {
		if self.given.is_empty() {
			return;
		}
		let forged = match *index.get(&self.given) {
			ChannelPayment::Voucher(mut voucher) => {
				match kind % 3 {
					0 => voucher.amount += 1,
					1 => voucher.channel += 1,
					_ => {
						let other = Self::signer(200);
						voucher.signature = other.sign(
							&Voucher::new(GENESIS, voucher.channel, voucher.amount)
								.signing_payload(),
						);
					},
				}
				ChannelPayment::Voucher(voucher)
			},
			ChannelPayment::Link(mut revealed) => {
				match kind % 3 {
					0 => revealed.index += 1,
					1 => revealed.channel += 1,
					_ => revealed.link[usize::from(kind % 32)] ^= 1,
				}
				ChannelPayment::Link(revealed)
			},
		};
		match self.payee.accept(&forged, self.block + 1) {
			Ok(accepted) => panic!("{forged:?} was accepted: {accepted:?}"),
			Err(AcceptError::Refused(_)) => {},
			Err(AcceptError::Store(_)) => self.revive_payee(13),
		}
	}

	pub fn payer_looks(&mut self) {
		let ids: BTreeSet<_> = self.payer.channels().chain(self.chain.keys().copied()).collect();
		for id in ids {
			let looked = match self.state(id) {
				Some(state) => self.payer.observe(id, state),
				None => self.payer.forget_closed(id, self.block),
			};
			match looked {
				Ok(()) | Err(PayError::TooOld { .. }) => {},
				Err(PayError::Store(_)) => return self.revive_payer(17),
				Err(error) => panic!("channel {id}: {error}"),
			}
		}
	}

	pub fn payee_looks(&mut self) {
		let ids: BTreeSet<_> = self.payee.channels().chain(self.chain.keys().copied()).collect();
		for id in ids {
			match self.state(id) {
				Some(state) => self.payee.observe(id, state).unwrap(),
				None => match self.payee.forget_closed(id, self.block) {
					Ok(_) | Err(crate::ForgetError::TooOld { .. }) => {},
					Err(crate::ForgetError::Store(_)) => return self.revive_payee(19),
					Err(error) => panic!("channel {id}: {error}"),
				},
			}
		}
		if self.payee.commit().is_err() {
			self.revive_payee(23);
		}
	}

	pub fn plan(&mut self) {
		let plan = match self.payee.plan(self.block + 1, &POLICY) {
			Ok(plan) => plan,
			// What was planned may be on disk: then it is sent after the crash, or never.
			Err(_) => {
				self.revive_payee(29);
				if self.chance(2) {
					return;
				}
				let planned = self.payee.in_flight().unwrap();
				return planned.iter().for_each(|batch| self.send(batch, true));
			},
		};
		assert_eq!(plan.lost, [], "5");
		plan.batches.iter().for_each(|batch| self.send(batch, false));
	}

	pub fn send(&mut self, batch: &crate::ClaimBatch, again: bool) {
		let claims: Vec<Claim> = match &batch.claims {
			Claims::Vouchers(vouchers) => {
				vouchers.iter().map(|voucher| (voucher.channel, voucher.amount, None)).collect()
			},
			Claims::Links(links) => links
				.iter()
				.map(|link| {
					let amount = u128::from(link.index) * UNIT;
					(link.channel, amount, Some((link.index, link.link)))
				})
				.collect(),
		};
		assert!(!claims.is_empty());
		for (id, amount, link) in &claims {
			let record = &self.chain[id];
			assert!(*amount > record.settled || again, "4: channel {id} has settled {amount}");
			if let (Some((claimed, proof)), Lock::HashChain { index, link, .. }) =
				(link, &record.lock)
			{
				let steps = claimed.saturating_sub(*index);
				let reached = dam_primitives::payword::descend::<
					dam_primitives::crypto::SoftwareBlake2,
				>(proof, steps);
				assert!(reached == *link || again, "4: the link does not lead to the last one");
			}
			let twice = self
				.under_way
				.iter()
				.filter(|sent| self.block < sent.until)
				.flat_map(|sent| &sent.claims)
				.any(|(other, under_way, _)| other == id && under_way >= amount);
			assert!(!twice || again, "4: channel {id} is claimed twice");
		}
		self.under_way.push(Sent { until: batch.until, claims });
	}

	pub fn revive_payee(&mut self, keep: u64) {
		let mut bits = (0..).map(|at| keep.rotate_left(at) & 1 == 1);
		self.payee_medium = self.payee_medium.cut_power(|| bits.next().unwrap());
		self.payee = acceptor_on(&self.payee_medium);
		self.finished =
			self.payee.channels().filter(|id| self.payee.status(*id).unwrap().finished).collect();
		// Whoever comes back looks first.
		self.payee_looks();
	}

	pub fn revive_payer(&mut self, keep: u64) {
		let mut bits = (0..).map(|at| keep.rotate_left(at) & 1 == 1);
		self.payer_medium = self.payer_medium.cut_power(|| bits.next().unwrap());
		self.payer = Payer::open_on(self.payer_medium.clone(), GENESIS).unwrap();
		self.payer_looks();
	}
}
