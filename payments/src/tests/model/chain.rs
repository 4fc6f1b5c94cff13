//! The chain of the model, and the passing of time.

use super::*;

impl World {
	pub fn top_up(&mut self, channel: Index, amount: u128) {
		let Some(id) = self.pick(channel) else { return };
		let record = self.chain.get_mut(&id).unwrap();
		let limit = match record.lock {
			Lock::HashChain { length, unit, .. } => unit * u128::from(length),
			Lock::Vouchers { .. } => u128::MAX,
		};
		if record.closing.is_none() && record.deposit + amount <= limit {
			record.deposit += amount;
			self.paid_in += amount;
		}
		self.payer_looks();
	}

	pub fn sweep(&mut self, id: ChannelId) {
		if self.chain[&id].closing.is_some_and(|last| self.block > last) {
			let record = self.chain.remove(&id).unwrap();
			self.paid_back += record.deposit - record.settled;
			let owed = self.acknowledged.get(&id).copied().unwrap_or(0);
			assert!(record.settled >= owed, "5: channel {id} settled {record:?}, owed {owed}");
		}
	}

	/// Time passes: claims are included or lost, and devices look at the chain when it is time.
	pub fn build_block(&mut self) {
		self.block += 1;
		let mut waiting = std::mem::take(&mut self.under_way);
		waiting.retain_mut(|sent| {
			if self.block > sent.until {
				for (id, ..) in &sent.claims {
					*self.lost_in_a_row.entry(*id).or_default() += 1;
				}
				return false;
			}
			let lost_often = sent
				.claims
				.iter()
				.any(|(id, ..)| self.lost_in_a_row.get(id).copied().unwrap_or(0) >= LOST_IN_A_ROW);
			if !lost_often && !self.chance(16) {
				return true;
			}
			for (id, amount, link) in std::mem::take(&mut sent.claims) {
				self.lost_in_a_row.remove(&id);
				self.settle(id, amount, link);
			}
			false
		});
		waiting.append(&mut self.under_way);
		self.under_way = waiting;
		if self.block - self.last_round >= ROUND && self.block >= self.offline_until {
			self.last_round = self.block;
			self.payer_looks();
			self.payee_looks();
			self.plan();
		}
	}

	/// What the chain does with a claim of a promise that was given out.
	pub fn settle(&mut self, id: ChannelId, amount: u128, link: Option<(u32, [u8; 32])>) {
		let promised = self.promised.get(&id).copied().unwrap_or(0);
		let horizon = self.keys.get(&id).and_then(|key| self.horizons.get(key)).copied();
		let Some(record) = self.chain.get_mut(&id) else { return };
		assert!(amount <= promised, "2: {amount} was claimed, {promised} promised");
		assert!(amount <= record.deposit, "3: above the deposit");
		if record.closing.is_some_and(|last| self.block > last)
			|| (link.is_none() && horizon.is_some_and(|last| self.block > last))
			|| amount <= record.settled
		{
			return;
		}
		self.paid_out += amount - record.settled;
		record.settled = amount;
		if let (Some((claimed, proof)), Lock::HashChain { link, index, .. }) =
			(link, &mut record.lock)
		{
			(*link, *index) = (proof, claimed);
		}
	}

	pub fn claim_by(&mut self, payment: &ChannelPayment) {
		let amount = self.amount_of(payment);
		let link = match payment {
			ChannelPayment::Voucher(_) => None,
			ChannelPayment::Link(revealed) => Some((revealed.index, revealed.link)),
		};
		self.settle(payment.channel(), amount, link);
	}
}
