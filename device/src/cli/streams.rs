//! `stream`: money that flows in time.

use dam_device::{
	chain::Network,
	payee::describe_payee,
	streams::{Closed, Streams},
	time::{Blocks, Rate},
	AccountId, Usdt,
};
use dam_primitives::{Flow, Stream, StreamId};
use serde_json::{json, Value};

use super::{
	args::{Deposit, Global, OneStream, StreamCommand, Who},
	connect::{connect_to, now, spec, Signing},
	failure::Failure,
	output::{fee, transaction, Output},
	show::{account_or_machine, find},
};

pub(super) async fn run(
	command: &StreamCommand,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	match command {
		StreamCommand::Open { key, payee, rate, deposit } => {
			let signing = Signing::open(key, global, output)?;
			open(&signing, payee, rate, deposit, output).await
		},
		StreamCommand::TopUp { of, amount } => top_up(of, amount, global, output).await,
		StreamCommand::Collect { key, streams } => {
			let signing = Signing::open(key, global, output)?;
			collect(&signing, streams, output).await
		},
		StreamCommand::Pause(of) => pause(of, global, output).await,
		StreamCommand::Resume(of) => resume(of, global, output).await,
		StreamCommand::Close(of) => end(of, true, global, output).await,
		StreamCommand::Sweep(of) => end(of, false, global, output).await,
		StreamCommand::Show { stream } => show(*stream, global, output).await,
		StreamCommand::List(who) => list(who, global, output).await,
	}
}

async fn open(
	signing: &Signing<'_>,
	payee: &str,
	rate: &str,
	deposit: &Deposit,
	output: &Output,
) -> Result<(), Failure> {
	let payee = signing.payee(payee)?;
	let rate: Rate = rate.parse()?;
	let deposit = amount_of(deposit, &rate)?;
	if !rate.is_exact() {
		output.note(&format!("the chain counts whole units in a block: the rate is {rate}"));
	}
	let network = signing.connect().await?;
	let streams = Streams::new(&network, signing.key(), signing.patience());
	let per_block = rate.per_block();
	let (done, id) =
		streams.open(&payee, per_block, deposit, &mut |step| output.settling(&step)).await?;
	let text = format!(
		"stream {id} pays {} {rate} out of {deposit} USDT, which last {}",
		describe_payee(&payee),
		lasts(deposit, per_block),
	);
	let details = json!({
		"stream": id, "payee": payee, "rate": per_block, "deposit": deposit,
	});
	output.done(&done, details, &text);
	Ok(())
}

/// What is paid in: the amount, or what lasts so long.
fn amount_of(deposit: &Deposit, rate: &Rate) -> Result<Usdt, Failure> {
	let Deposit { deposit, time } = deposit;
	match (deposit, time) {
		(Some(amount), _) => Ok(amount.parse()?),
		(None, time) => {
			let time = time.as_deref().unwrap_or_default().parse::<Blocks>()?.non_zero()?;
			rate.over(time).ok_or_else(|| {
				Failure::usage(format!("{rate} for {time} is more than any money there is"))
			})
		},
	}
}

/// How long an amount lasts at a rate.
fn lasts(amount: Usdt, rate: Usdt) -> String {
	let blocks = amount.units().div_ceil(rate.units().max(1));
	u32::try_from(blocks)
		.map_or_else(|_| "for ever".into(), |blocks| Blocks::new(blocks).to_string())
}

async fn top_up(
	of: &OneStream,
	amount: &str,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let amount = amount.parse::<Usdt>()?.non_zero()?;
	let signing = Signing::open(&of.key, global, output)?;
	let network = signing.connect().await?;
	let streams = Streams::new(&network, signing.key(), signing.patience());
	let id = of.stream;
	let (done, deposit) = streams.top_up(id, amount, &mut |step| output.settling(&step)).await?;
	let text = format!("{amount} USDT more are in stream {id}, {deposit} USDT in all");
	output.done(&done, json!({ "stream": id, "amount": amount, "deposit": deposit }), &text);
	Ok(())
}

async fn collect(signing: &Signing<'_>, ids: &[StreamId], output: &Output) -> Result<(), Failure> {
	let network = signing.connect().await?;
	let streams = Streams::new(&network, signing.key(), signing.patience());
	let mut progress = |step| output.settling(&step);
	if let [id] = ids {
		let (done, amount) = streams.collect(*id, &mut progress).await?;
		let text = format!("the payee of stream {id} got {amount} USDT");
		output.done(&done, json!({ "stream": id, "amount": amount }), &text);
		return Ok(());
	}
	let collected = streams.collect_batch(ids, &mut progress).await?;
	let failed: Vec<_> = collected
		.failed
		.iter()
		.filter_map(|one| Some((ids.get(one.index as usize)?, one.reason)))
		.collect();
	let mut value = transaction(&collected.done);
	value["collected"] = json!(collected.collected);
	value["total"] = json!(collected.total);
	value["failed"] = failed
		.iter()
		.map(|(id, reason)| json!({ "stream": id, "reason": reason, "message": reason.explain() }))
		.collect();
	output.result(&value, || {
		let mut lines: Vec<String> = failed
			.iter()
			.map(|(id, reason)| format!("stream {id}: {}", reason.explain()))
			.collect();
		lines.push(format!(
			"{} USDT collected from {} of {} streams; final in block {}, fee {}",
			collected.total,
			collected.collected,
			ids.len(),
			collected.done.block.number,
			fee(collected.done.fee, collected.done.usdt_fee),
		));
		lines.join("\n")
	});
	if failed.is_empty() {
		return Ok(());
	}
	Err(Failure::other(format!("nothing was collected from {} streams, see above", failed.len())))
}

async fn pause(of: &OneStream, global: &Global, output: &Output) -> Result<(), Failure> {
	let signing = Signing::open(&of.key, global, output)?;
	let network = signing.connect().await?;
	let streams = Streams::new(&network, signing.key(), signing.patience());
	let id = of.stream;
	let (done, due) = streams.pause(id, &mut |step| output.settling(&step)).await?;
	let text = format!("stream {id} is paused, {due} USDT are earned and not paid yet");
	output.done(&done, json!({ "stream": id, "due": due }), &text);
	Ok(())
}

async fn resume(of: &OneStream, global: &Global, output: &Output) -> Result<(), Failure> {
	let signing = Signing::open(&of.key, global, output)?;
	let network = signing.connect().await?;
	let streams = Streams::new(&network, signing.key(), signing.patience());
	let id = of.stream;
	let done = streams.resume(id, &mut |step| output.settling(&step)).await?;
	output.done(&done, json!({ "stream": id }), &format!("stream {id} runs again"));
	Ok(())
}

async fn end(
	of: &OneStream,
	as_party: bool,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let signing = Signing::open(&of.key, global, output)?;
	let network = signing.connect().await?;
	let streams = Streams::new(&network, signing.key(), signing.patience());
	let id = of.stream;
	let mut progress = |step| output.settling(&step);
	let closed = match as_party {
		true => streams.close(id, &mut progress).await?,
		false => streams.sweep(id, &mut progress).await?,
	};
	let Closed { done, settled, forfeited, returned } = closed;
	let text = format!(
		"stream {id} is closed: the payee got {settled} USDT in all, {returned} USDT went back to the \
		 payer beside the storage deposit"
	);
	let details = json!({
		"stream": id, "settled": settled, "forfeited": forfeited, "returned": returned,
	});
	output.done(&done, details, &text);
	Ok(())
}

async fn show(id: StreamId, global: &Global, output: &Output) -> Result<(), Failure> {
	let network = connect_to(&spec(global)?, global, output).await?;
	let found = network.stream(id).await?.ok_or_else(|| {
		Failure::not_found(format!("there is no stream {id}: it was closed, or never opened"))
	})?;
	let now = now(&network).await?;
	output.result(&to_json(id, &found, now), || line(id, &found, now));
	Ok(())
}

async fn list(who: &Who, global: &Global, output: &Output) -> Result<(), Failure> {
	let spec = spec(global)?;
	let subject = account_or_machine(who, &spec)?;
	let network = connect_to(&spec, global, output).await?;
	let machine = find(subject, &network).await?.id;
	let mut found = network.streams_of(machine).await?;
	found.sort_by_key(|(id, _)| *id);
	let now = now(&network).await?;
	let all: Vec<_> = found.iter().map(|(id, one)| to_json(*id, one, now)).collect();
	output.result(&json!({ "machine": machine, "streams": all }), || match &found[..] {
		[] => format!("machine {machine} pays no stream"),
		all => all.iter().map(|(id, one)| line(*id, one, now)).collect::<Vec<_>>().join("\n"),
	});
	Ok(())
}

/// As the chain has it, with amounts in USDT and with what follows from it in block `now`.
fn to_json(id: StreamId, stream: &Stream<AccountId>, now: u32) -> Value {
	let usdt = Usdt::from_units;
	json!({
		"stream": id,
		"payer": stream.payer,
		"payee": stream.payee,
		"rate": usdt(stream.rate),
		"deposit": usdt(stream.deposit),
		"settled": usdt(stream.settled),
		"due": usdt(stream.due(now)),
		"flow": stream.flow,
		"runsOutAt": stream.runs_out_at(),
		"storageDeposit": usdt(stream.storage_deposit),
		"block": now,
	})
}

fn line(id: StreamId, stream: &Stream<AccountId>, now: u32) -> String {
	let usdt = Usdt::from_units;
	let state = match (stream.flow, stream.runs_out_at()) {
		(Flow::Paused { since }, _) => format!("paused since block {since}"),
		(Flow::Running { .. }, Some(last)) if last <= now => {
			format!("has run out in block {last}: top it up, or sweep it")
		},
		(Flow::Running { .. }, Some(last)) => format!("runs out in block {last}"),
		(Flow::Running { .. }, None) => "runs for ever".into(),
	};
	format!(
		"stream {id}: machine {} pays {} {} USDT a second; {} paid in, {} settled, {} due at block \
		 {now}; {state}",
		stream.payer,
		describe_payee(&stream.payee),
		usdt(stream.rate),
		usdt(stream.deposit),
		usdt(stream.settled),
		usdt(stream.due(now)),
	)
}

#[cfg(test)]
mod tests {
	use super::*;
	use dam_primitives::Payee;

	fn deposit(amount: Option<&str>, time: Option<&str>) -> Result<Usdt, Failure> {
		let deposit = Deposit { deposit: amount.map(Into::into), time: time.map(Into::into) };
		amount_of(&deposit, &"0.02 per minute".parse().unwrap())
	}

	#[test]
	fn deposits_should_be_amounts_or_what_lasts_so_long() {
		assert_eq!(deposit(Some("6"), None).unwrap().to_string(), "6");
		assert_eq!(deposit(None, Some("2h")).unwrap().to_string(), "2.3976");
		for wrong in [deposit(Some("six"), None), deposit(None, Some("0s")), deposit(None, None)] {
			assert_eq!(wrong.unwrap_err().exit_code(), super::super::failure::BAD_INPUT);
		}
	}

	#[test]
	fn deposits_should_last_until_the_last_unit_is_earned() {
		let (amount, rate) = (Usdt::from_units(7_201), Usdt::from_units(2));
		assert_eq!(lasts(amount, rate), "1h1s");
		assert_eq!(lasts(Usdt::from_units(u128::MAX), rate), "for ever");
	}

	#[test]
	fn streams_should_be_shown_with_what_is_due() {
		let mut stream = Stream {
			payer: 3,
			payee: Payee::Machine(7),
			rate: 5_000,
			deposit: 1_000_000,
			settled: 50_000,
			carried: 0,
			flow: Flow::Running { since: 100 },
			storage_deposit: 100_000,
		};
		let value = to_json(4, &stream, 110);
		assert_eq!((&value["due"], &value["runsOutAt"]), (&json!("0.05"), &json!(290)));
		let text = line(4, &stream, 110);
		for part in ["stream 4", "machine 3 pays machine 7 0.005 USDT", "0.05 due", "block 290"] {
			assert!(text.contains(part), "{text}");
		}
		assert!(line(4, &stream, 290).contains("has run out"));
		stream.flow = Flow::Paused { since: 105 };
		assert!(line(4, &stream, 110).contains("paused since block 105"));
	}
}
