//! `channel pay`.

use std::time::Instant;

use dam_device::{channels::Session, Key, KeyFile, Usdt};
use dam_payments::{PayError, Payer};
use dam_primitives::{ChannelId, ChannelPayment, Lock};
use serde_json::json;

use super::observe;
use crate::cli::{
	args::{ChannelPay, Global},
	connect::{connect_to, offline_genesis, spec},
	failure::Failure,
	output::{count, Output},
};

pub(super) async fn run(
	command: &ChannelPay,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let key = KeyFile::open(&command.key)?;
	let amount = command.amount.parse::<Usdt>()?.non_zero()?;
	let id = command.channel;
	let genesis = offline_genesis(global).await?;
	let mut payer = Payer::open(&command.store, genesis.0)?;
	if payer.status(id).is_none() {
		let network = connect_to(&spec(global)?, global, output).await?;
		observe(&network, &mut payer, id).await?;
	}
	let mut session = Session::connect(command.to)?;
	let clock = Instant::now();
	let mut accepted = Usdt::default();
	for made in 0..command.times {
		let paid = promise(&mut payer, id, amount, key.key())
			.and_then(|payment| Ok(session.pay(&payer, payment)?));
		match paid {
			Ok(paid) => accepted = paid.accepted,
			Err(failure) => {
				let promised = payer.status(id).map_or(0, |status| status.promised);
				let promised = Usdt::from_units(promised);
				output.note(&format!(
					"{} made before that; {promised} USDT are promised in all, {accepted} USDT of \
					 them were acknowledged here",
					count(made as usize, "payment")
				));
				let details = json!({ "made": made, "promised": promised, "accepted": accepted });
				return Err(failure.with_details(details));
			},
		}
	}
	let seconds = clock.elapsed().as_secs_f64();
	let left = Usdt::from_units(payer.status(id).map_or(0, |status| status.left));
	let value = json!({
		"channel": id,
		"payments": command.times,
		"amount": amount,
		"accepted": accepted,
		"left": left,
		"seconds": seconds,
	});
	output.result(&value, || {
		format!(
			"{} of {amount} USDT through channel {id}, each acknowledged, in {seconds:.3} s; the payee \
			 has accepted {accepted} USDT in all, {left} USDT are left",
			count(command.times as usize, "payment"),
		)
	});
	Ok(())
}

/// Promises `amount` more, as the channel's terms have it.
fn promise(
	payer: &mut Payer,
	id: ChannelId,
	amount: Usdt,
	key: &Key,
) -> Result<ChannelPayment, Failure> {
	let status = payer.status(id).ok_or(PayError::UnknownChannel(id))?;
	let Lock::HashChain { unit, .. } = status.state.channel.lock else {
		return Ok(payer.pay(id, amount.units(), key)?);
	};
	let links = amount.units().checked_div(unit).unwrap_or(0);
	let exact = links.checked_mul(unit) == Some(amount.units());
	let links = u32::try_from(links).ok().filter(|_| exact);
	let links = links.ok_or_else(|| {
		Failure::usage(format!(
			"{amount} USDT is not a number of links of {} USDT: pay some times that",
			Usdt::from_units(unit)
		))
	})?;
	Ok(payer.pay_links(id, links)?)
}
