//! `channel`: payment channels, on chain and off.

mod accept;
mod pay;

use std::path::Path;

use dam_device::{
	chain::{LightNetwork, Network, ProvenChannel, ProvenChannels},
	channels::{look, Channels, CloseConsent, Closed},
	payee::describe_payee,
	KeyFile, Usdt,
};
use dam_payments::{Acceptor, Limits, Payer, Proven};
use dam_primitives::{ChannelId, Lock, Payee, Terms};
use serde_json::json;

use super::{
	args::{ChannelCommand, ChannelOpen, ChannelPayee, Global},
	connect::{connect_to, spec, Signing},
	failure::Failure,
	output::Output,
};
use dam_device::AccountId;

pub(super) async fn run(
	command: &ChannelCommand,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	match command {
		ChannelCommand::Open(command) => open(command, global, output).await,
		ChannelCommand::TopUp { key, store, channel, amount } => {
			top_up(key, store.as_deref(), *channel, amount, global, output).await
		},
		ChannelCommand::Pay(command) => pay::run(command, global, output).await,
		ChannelCommand::Accept(command) => accept::run(command, global, output).await,
		ChannelCommand::Claim(payee) => accept::claim(payee, global, output).await,
		ChannelCommand::Close { key, channel } => {
			end(key, *channel, Ending::Close, global, output).await
		},
		ChannelCommand::RequestClose { key, channel } => {
			request_close(key, *channel, global, output).await
		},
		ChannelCommand::Agree { payee, out, channel } => {
			agree(payee, out, *channel, global, output).await
		},
		ChannelCommand::CloseAgreed { key, agreement } => {
			let consent =
				CloseConsent::read(agreement).map_err(dam_device::channels::ChannelError::from)?;
			end(key, consent.channel, Ending::Agreed(consent), global, output).await
		},
		ChannelCommand::Sweep { key, channel } => {
			end(key, *channel, Ending::Sweep, global, output).await
		},
		ChannelCommand::Show { channel } => show(*channel, global, output).await,
	}
}

async fn open(command: &ChannelOpen, global: &Global, output: &Output) -> Result<(), Failure> {
	let signing = Signing::open(&command.key, global, output)?;
	let deposit = command.deposit.parse::<Usdt>()?.non_zero()?;
	let payee = signing.payee(&command.payee)?;
	let unit = command.unit.as_deref().map(str::parse::<Usdt>).transpose()?;
	let network = signing.connect().await?;
	let mut payer = Payer::open(&command.store, network.genesis().0)?;
	let terms = match (command.links, unit) {
		(Some(links), Some(unit)) => payer.make_chain(links, unit.units())?,
		_ => Terms::Vouchers,
	};
	let channels = Channels::new(&network, signing.key(), signing.patience());
	let opened = channels
		.open(&payee, deposit, terms.clone(), command.grace, &mut |step| output.settling(&step))
		.await;
	let (done, id) = match opened {
		Ok(opened) => opened,
		Err(error) => {
			discard(&mut payer, &terms, &error)?;
			return Err(error.into());
		},
	};
	// The store hears of it now, or when it is first paid through.
	if let Err(failure) = observe(&network, &mut payer, id).await {
		output.note(&format!("the store does not know of it yet: {}", failure.message()));
	}
	let text = format!("channel {id} to {} is open with {deposit} USDT", describe_payee(&payee));
	output.done(&done, json!({ "channel": id, "deposit": deposit }), &text);
	Ok(())
}

/// Forgets the secret of a hash chain with which provably no channel was opened.
fn discard(
	payer: &mut Payer,
	terms: &Terms,
	error: &dam_device::channels::ChannelError,
) -> Result<(), Failure> {
	use dam_device::{channels::ChannelError, settle::SettleError, transact::TransactError};
	let open_still = matches!(
		error,
		ChannelError::Transact(TransactError::Settle(SettleError::Undecided { .. }))
	);
	if let (Terms::HashChain { root, .. }, false) = (terms, open_still) {
		payer.discard_chain(root)?;
	}
	Ok(())
}

/// Shows a payer's store a channel as it is proven to be.
async fn observe(network: &LightNetwork, payer: &mut Payer, id: ChannelId) -> Result<(), Failure> {
	match look(network, &[id]).await?.channels.pop() {
		Some((_, Proven::Exists(state))) => Ok(payer.observe(id, state)?),
		_ => Err(unknown(id)),
	}
}

fn unknown(id: ChannelId) -> Failure {
	dam_device::channels::ChannelError::Unknown(id).into()
}

async fn top_up(
	key: &Path,
	store: Option<&Path>,
	id: ChannelId,
	amount: &str,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let signing = Signing::open(key, global, output)?;
	let amount = amount.parse::<Usdt>()?.non_zero()?;
	let network = signing.connect().await?;
	let payer = store.map(|store| Payer::open(store, network.genesis().0)).transpose()?;
	let channels = Channels::new(&network, signing.key(), signing.patience());
	let (done, deposit) = channels.top_up(id, amount, &mut |step| output.settling(&step)).await?;
	if let Some(mut payer) = payer {
		observe(&network, &mut payer, id).await?;
	}
	let text = format!("channel {id} has {amount} USDT more, {deposit} USDT were paid in so far");
	output.done(&done, json!({ "channel": id, "deposit": deposit }), &text);
	Ok(())
}

/// How a channel ends.
enum Ending {
	Close,
	Agreed(CloseConsent),
	Sweep,
}

async fn end(
	key: &Path,
	id: ChannelId,
	ending: Ending,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let signing = Signing::open(key, global, output)?;
	let network = signing.connect().await?;
	let channels = Channels::new(&network, signing.key(), signing.patience());
	let mut progress = |step| output.settling(&step);
	let (done, closed) = match &ending {
		Ending::Close => channels.close(id, &mut progress).await?,
		Ending::Agreed(consent) => channels.close_agreed(consent, &mut progress).await?,
		Ending::Sweep => channels.sweep(id, &mut progress).await?,
	};
	let Closed { settled, returned } = closed;
	let text = format!(
		"channel {id} is closed: the payee got {settled} USDT in all, {returned} USDT and the storage \
		 deposit went back to the payer"
	);
	let details = json!({ "channel": id, "settled": settled, "returned": returned });
	output.done(&done, details, &text);
	Ok(())
}

async fn request_close(
	key: &Path,
	id: ChannelId,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let signing = Signing::open(key, global, output)?;
	let network = signing.connect().await?;
	let channels = Channels::new(&network, signing.key(), signing.patience());
	let (done, last_block) = channels.request_close(id, &mut |step| output.settling(&step)).await?;
	let text = format!(
		"channel {id} takes claims until block {last_block}; after that, `dam-device channel sweep \
		 {id}` gets the rest back"
	);
	output.done(&done, json!({ "channel": id, "lastBlock": last_block }), &text);
	Ok(())
}

async fn agree(
	command: &ChannelPayee,
	out: &Path,
	id: ChannelId,
	global: &Global,
	output: &Output,
) -> Result<(), Failure> {
	let key = KeyFile::open(&command.key)?;
	let spec = spec(global)?;
	let network = connect_to(&spec, global, output).await?;
	let payee = which(command, key.key(), &network, spec.id()).await?;
	let mut acceptor = open_store(command, &network, &payee)?;
	if acceptor.status(id).is_none() {
		return Err(unknown(id));
	}
	let (agreement, signature) = acceptor.agree_to_close(id, key.key())?;
	let consent = CloseConsent::new(&agreement, key.key().public(), signature);
	consent.write(out).map_err(dam_device::channels::ChannelError::from)?;
	let settled = consent.settled;
	let value = json!({ "channel": id, "settled": settled, "file": out });
	output.result(&value, || {
		format!(
			"agreed to the end of channel {id} with {settled} USDT in all; nothing more is accepted \
			 through it; give {} to the payer",
			out.display()
		)
	});
	Ok(())
}

/// Which payee is meant: the one that was named, or the machine of the key.
async fn which(
	command: &ChannelPayee,
	key: &dam_device::Key,
	network: &LightNetwork,
	network_id: &str,
) -> Result<Payee<AccountId>, Failure> {
	if let Some(text) = &command.payee {
		return Ok(dam_device::payee::parse_payee(text, Some(network_id))?);
	}
	let account = key.account();
	let machine = network.machine_of(account).await?.ok_or_else(|| {
		Failure::usage(format!(
			"the key {account} is of no machine: name with --payee who is paid, for example \
			 {account} itself"
		))
	})?;
	Ok(Payee::Machine(machine))
}

/// Opens the payee's store.
fn open_store(
	command: &ChannelPayee,
	network: &LightNetwork,
	payee: &Payee<AccountId>,
) -> Result<Acceptor, Failure> {
	let payee = match payee {
		Payee::Machine(machine) => Payee::Machine(*machine),
		Payee::Account(account) => Payee::Account(account.0),
	};
	Ok(Acceptor::open(&command.store, network.genesis().0, &payee, Limits::default())?)
}

async fn show(id: ChannelId, global: &Global, output: &Output) -> Result<(), Failure> {
	let network = connect_to(&spec(global)?, global, output).await?;
	let ProvenChannels { block, mut channels, .. } = network.channels(&[id]).await?;
	let found = channels.pop().flatten().ok_or_else(|| unknown(id))?;
	let mut value = json!(found);
	value["channel"] = json!(id);
	value["block"] = json!(block);
	output.result(&value, || describe(id, &found, block.number));
	Ok(())
}

fn describe(id: ChannelId, found: &ProvenChannel, at: u32) -> String {
	let ProvenChannel { channel, signer_until } = found;
	let usdt = Usdt::from_units;
	let mut lines = vec![
		format!("channel {id} at block {at}"),
		format!("from machine {} to {}", channel.payer, describe_payee(&channel.payee)),
		format!(
			"{} USDT paid in, {} settled, {} open; storage deposit {}",
			usdt(channel.deposit),
			usdt(channel.settled),
			usdt(channel.open_amount()),
			usdt(channel.storage_deposit),
		),
	];
	lines.push(match &channel.lock {
		Lock::Vouchers { signer } => {
			let account = dam_device::keys::account_of(signer);
			format!("by vouchers of the {} key {account}", signer.scheme())
		},
		Lock::HashChain { index, length, unit, .. } => {
			format!(
				"by a hash chain: link {index} of {length} is settled, {} USDT each",
				usdt(*unit)
			)
		},
	});
	if let Some(until) = signer_until {
		lines.push(format!("that key was replaced: its vouchers settle until block {until}"));
	}
	lines.push(match channel.closing {
		Some(last_block) => format!("closing: claims are taken until block {last_block}"),
		None => format!("open; grace period {} blocks", channel.grace),
	});
	lines.join("\n")
}
